//! The rows of private parts: what of an entry names a person or a company.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use attache_core::id::TenantId;

use super::database::{Connection, Database, Row, Value};
use super::inserts::{self, Texts};
use super::private_row::PrivateRow;
use super::row::EntryRow;
use super::{LogError, statements};

/// A private part, and the entry that it is of.
#[derive(Clone, Copy)]
pub(super) struct PlacedPart<'a> {
    pub(super) tenant: &'a str,
    pub(super) revision: i64,
    pub(super) part: &'a PrivateRow,
}

/// The parts of entries.
pub(super) fn parts_of<'a>(
    tenant: &'a str,
    rows: &'a [EntryRow],
) -> impl Iterator<Item = PlacedPart<'a>> {
    rows.iter().flat_map(move |row| {
        let revision = row.revision;
        row.private.iter().map(move |part| PlacedPart {
            tenant,
            revision,
            part,
        })
    })
}

/// How many values a part has.
const PART: usize = 5;

/// The texts are for 1, 2, 4… parts, up to this power of two: an import's entry has thousands.
const LARGEST: u32 = 7;

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    let sizes = (0..=LARGEST).map(|power| 1 << power);
    Texts::of(
        statements::INSERT_PRIVATE,
        PART,
        statements::THE_PART_IS_OF_THIS_ENTRY,
        sizes,
    )
});

/// Insert parts, in the transaction that writes their entries.
pub(super) async fn insert(
    connection: &mut Connection,
    parts: &[PlacedPart<'_>],
) -> Result<(), sqlx::Error> {
    let mut rest = parts;
    while !rest.is_empty() {
        let power = rest.len().ilog2().min(LARGEST);
        let (chunk, more) = rest.split_at(1 << power);
        rest = more;
        let values: Vec<Value<'_>> = chunk
            .iter()
            .flat_map(|placed| {
                [
                    Value::Text(placed.tenant),
                    Value::Number(placed.revision),
                    Value::Text(&placed.part.about),
                    Value::Bytes(&placed.part.salt),
                    Value::Text(&placed.part.data),
                ]
            })
            .collect();
        let texts = TEXTS.on(connection);
        if let Some(text) = texts.get(power as usize) {
            connection.execute(text, &values).await?;
        }
    }
    Ok(())
}

/// How many entries are asked for with one statement.
pub(super) const AT_ONCE: usize = 64;

static PRIVATE_AT: LazyLock<String> =
    LazyLock::new(|| inserts::listing(statements::PRIVATE_AT, 1, AT_ONCE));

/// Give entries the private parts that are there. The entries were read before: a part that
/// came with one of them is found.
pub(super) async fn fill(
    database: &Database,
    tenant: TenantId,
    rows: &mut [EntryRow],
) -> Result<(), LogError> {
    let having = rows.iter_mut().filter(|row| row.commitments.is_some());
    let mut having: BTreeMap<i64, &mut EntryRow> = having.map(|row| (row.revision, row)).collect();
    let revisions: Vec<i64> = having.keys().copied().collect();
    let id = tenant.to_string();
    for row in inserts::rows_at(database, &PRIVATE_AT, AT_ONCE, &id, &revisions).await? {
        if let Some(entry) = having.get_mut(&row.number(0)?) {
            entry.private.push(read(&row)?);
        }
    }
    Ok(())
}

/// A part from a row: revision, about, salt, data.
pub(super) fn read(row: &Row) -> Result<PrivateRow, LogError> {
    Ok(PrivateRow {
        about: row.text(1)?,
        salt: row.bytes(2)?,
        data: row.text(3)?,
    })
}
