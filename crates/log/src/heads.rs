//! Which entry is the last one of each of many tenants.

use std::collections::HashMap;
use std::sync::LazyLock;

use attache_core::id::{EntryId, Revision, TenantId};
use uuid::Uuid;

use super::database::{Connection, Database, Value};
use super::{Head, LogError, statements};

/// There is a text for 1, 2, 4… tenants, up to this power of two. SQLite takes
/// 500 parts at the most.
const LARGEST: u32 = 7;

static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let part = |at: u32| format!("{}{at}{}", statements::HEAD_OF, statements::IS_THE_LAST);
    let text = |power: u32| {
        let parts: Vec<String> = (1..=1 << power).map(part).collect();
        parts.join(" UNION ALL ")
    };
    (0..=LARGEST).map(text).collect()
});

/// A question for some tenants, and what it takes.
fn question<'a>(ids: &[&'a str]) -> Option<(&'static str, Vec<Value<'a>>)> {
    let last = ids.last()?;
    let power = ids.len().next_power_of_two().trailing_zeros();
    let text = TEXTS.get(power as usize)?;
    // Asked for twice, the last one is the same.
    let padded = ids.iter().chain(std::iter::repeat(last));
    let values = padded.take(1 << power).map(|id| Value::Text(id));
    Some((text, values.collect()))
}

/// The heads of tenants, each in its place. `None` for one without entries.
pub(super) async fn read(
    database: &Database,
    tenants: &[TenantId],
) -> Result<Vec<Option<Head>>, LogError> {
    let mut found = HashMap::new();
    let ids: Vec<String> = tenants.iter().map(ToString::to_string).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for chunk in ids.chunks(1 << LARGEST) {
        let Some((text, values)) = question(chunk) else {
            continue;
        };
        for row in database.rows_soon(text, &values).await? {
            let tenant = row.text(0)?;
            let revision = Revision(row.number(1)?.unsigned_abs());
            // One that cannot be read is nobody's: whoever reads on finds out.
            let entry = row.text(2)?.parse().map_or(EntryId(Uuid::nil()), EntryId);
            found.insert(tenant, Head { revision, entry });
        }
    }
    Ok(ids.iter().map(|id| found.get(*id).copied()).collect())
}

/// The last revisions of tenants, by their ids, as a connection sees them.
pub(super) async fn revisions(
    connection: &mut Connection,
    ids: &[&str],
) -> Result<HashMap<String, i64>, sqlx::Error> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(1 << LARGEST) {
        let Some((text, values)) = question(chunk) else {
            continue;
        };
        for row in connection.rows(text, &values).await? {
            found.insert(row.text(0)?, row.number(1)?);
        }
    }
    Ok(found)
}
