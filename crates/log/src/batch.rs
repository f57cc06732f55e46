//! Entries read one part after the other, each part bounded by its number and its bytes.

use super::database::{Database, Value};
use super::row::{self, EntryRow};
use super::{LogError, statements};

/// How many bytes a part has at the most, unpacked. A larger entry comes alone.
const BYTES: u64 = 8 << 20;

/// The next entries of a tenant after a revision, up to so many, without their private parts. Empty where
/// there are none.
pub(super) async fn entries_after(
    database: &Database,
    tenant: &str,
    after: i64,
    most: i64,
) -> Result<Vec<EntryRow>, LogError> {
    let values = |most| {
        [
            Value::Text(tenant),
            Value::Number(after),
            Value::Number(most),
        ]
    };
    let sizes = values(most);
    let sizes = database.large_rows(statements::SIZES_AFTER, &sizes).await?;
    let (mut fitting, mut bytes) = (0, 0_u64);
    for size in &sizes {
        bytes = bytes.saturating_add(row::size(size)?);
        if fitting > 0 && bytes > BYTES {
            break;
        }
        fitting += 1;
    }
    if fitting == 0 {
        return Ok(Vec::new());
    }
    let values = values(fitting);
    let rows = database.large_rows(statements::READ_AFTER, &values).await?;
    rows.iter().map(row::copy).collect()
}
