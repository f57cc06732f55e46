//! Private parts that were deleted in one log, and then in its copy.

use std::collections::BTreeSet;

use attache_core::id::TenantId;

use super::database::{Database, Value};
use super::{LogError, SqlLog, statements};

/// How many private parts are compared at once.
const AT_ONCE: i64 = 4_096;

/// A private part by its entry and its thing.
type Key = (i64, String);

impl SqlLog {
    /// Delete the private parts of a copy up to a revision that are not here any more. Says
    /// whether there were any.
    pub(super) async fn copy_erasures(
        &self,
        to: &Self,
        tenant: TenantId,
        up_to: i64,
    ) -> Result<bool, LogError> {
        let id = tenant.to_string();
        let count = async |database: &Database| -> Result<i64, LogError> {
            let values = [Value::Text(&id), Value::Number(up_to)];
            let rows = database.large_rows(statements::COUNT_PRIVATE, &values);
            Ok(rows.await?.first().map_or(Ok(0), |row| row.number(0))?)
        };
        if count(to.database()).await? <= count(self.database()).await? {
            return Ok(false);
        }
        let mut after: Key = (0, String::new());
        // No text of an id is as long as this.
        let end: Key = (up_to, "~".to_owned());
        loop {
            let there = keys(to.database(), &id, &after, &end, AT_ONCE).await?;
            let Some(last) = there.last().cloned() else {
                return Ok(true);
            };
            let here = keys(self.database(), &id, &after, &last, i64::MAX).await?;
            let here: BTreeSet<&Key> = here.iter().collect();
            for key in there.iter().filter(|key| !here.contains(key)) {
                let values = [Value::Text(&id), Value::Number(key.0), Value::Text(&key.1)];
                let delete = to.database().execute(statements::DELETE_PRIVATE, &values);
                delete.await?;
            }
            after = last;
        }
    }
}

/// The private parts of a tenant after one and up to another, in their order.
async fn keys(
    database: &Database,
    tenant: &str,
    after: &Key,
    up_to: &Key,
    most: i64,
) -> Result<Vec<Key>, LogError> {
    let values = [
        Value::Text(tenant),
        Value::Number(after.0),
        Value::Text(&after.1),
        Value::Number(up_to.0),
        Value::Text(&up_to.1),
        Value::Number(most),
    ];
    let rows = database
        .large_rows(statements::PRIVATE_KEYS, &values)
        .await?;
    let key = |row: &super::database::Row| Ok((row.number(0)?, row.text(1)?));
    rows.iter().map(key).collect()
}
