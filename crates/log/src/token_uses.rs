//! When API tokens were last used, beside the entries.

use std::sync::LazyLock;

use attache_core::Timestamp;
use attache_core::id::{TenantId, TokenId};

use super::database::{Database, Row, Value};
use super::{LogError, inserts, statements};

/// The use of an API token at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenUse {
    /// The tenant of the token.
    pub tenant: TenantId,
    /// The token's id.
    pub token: TokenId,
    /// When the token was used.
    pub used_at: Timestamp,
}

/// How many values a use has.
const COLUMNS: usize = 3;

/// The statements for 1, 2, 3… uses.
static NOTE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let (head, tail) = (statements::INSERT_TOKEN_USES, statements::THE_LATEST_STAYS);
    inserts::texts(head, COLUMNS, tail, inserts::each_number(), |at| {
        format!("${at}")
    })
});

/// Notes uses. Of two uses of one token the later one stays, whichever comes first.
pub(super) async fn note(database: &Database, uses: &[TokenUse]) -> Result<(), LogError> {
    let row = |it: &TokenUse| (it.tenant.to_string(), it.token.to_string(), it.used_at);
    let mut rows: Vec<(String, String, Timestamp)> = uses.iter().map(row).collect();
    // In the same order on every server, so that no two wait for each other; and each token
    // once in a statement, as PostgreSQL demands.
    rows.sort_unstable_by(|a, b| (&a.0, &a.1, b.2).cmp(&(&b.0, &b.1, a.2)));
    rows.dedup_by(|later, first| (&later.0, &later.1) == (&first.0, &first.1));
    for chunk in rows.chunks(inserts::MOST_ROWS) {
        let values = chunk.iter().flat_map(|(tenant, token, used_at)| {
            [
                Value::Text(tenant),
                Value::Text(token),
                Value::Number(used_at.as_millis()),
            ]
        });
        let values: Vec<Value<'_>> = values.collect();
        if let Some(statement) = NOTE.get(chunk.len().saturating_sub(1)) {
            database.execute(statement, &values).await?;
        }
    }
    Ok(())
}

/// The last uses of a tenant's tokens, those that were revoked since included.
pub(super) async fn of(database: &Database, tenant: TenantId) -> Result<Vec<TokenUse>, LogError> {
    let id = tenant.to_string();
    let values = [Value::Text(&id)];
    let rows = database.rows(statements::TOKEN_USES, &values).await?;
    let read = |row: &Row| {
        Some(TokenUse {
            tenant,
            token: row.text(0).ok()?.parse().ok()?,
            used_at: Timestamp::from_millis(row.number(1).ok()?),
        })
    };
    // A row that cannot be read is of no token.
    Ok(rows.iter().filter_map(read).collect())
}
