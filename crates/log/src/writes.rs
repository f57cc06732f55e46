//! Probes that write while all other writes fail.

use std::time::Duration;

use attache_core::cause::chain;

use super::LogError;
use super::database::{Connection, Database, Value, too_late};
use super::statements;

/// How often a write is tried while all fail.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// How many bytes a probe writes. A disk with less than this is as good as full.
const PROBE_BYTES: usize = 256 * 1024;

/// The name under which a probe's row stands for a moment. No tenant's id.
const PROBE: &str = "probe";

/// While writes fail, try one from time to time: nobody may be asking for any where
/// a balancer sends no requests to a server that is not ready.
pub(super) async fn probe_while_failing(database: Database) {
    let watch = database.watch().clone();
    loop {
        watch.next_failure().await;
        while watch.is_failing() {
            tokio::time::sleep(PROBE_EVERY).await;
            match probe(&database).await {
                Ok(()) => watch.succeeded(),
                Err(error) => {
                    tracing::debug!(error = %chain(&error), "the database takes no writes yet");
                }
            }
        }
    }
}

/// Write as an append writes, and take it away again. A row that a crash leaves is
/// forgotten like an old request.
async fn probe(database: &Database) -> Result<(), LogError> {
    let within = database.settings().answer_within * 2;
    let work = async {
        let mut connection = database.connect_to_append().await?;
        let done = write(&mut connection).await;
        connection.close().await;
        done
    };
    let done = tokio::time::timeout(within, work).await;
    done.unwrap_or_else(|_| Err(too_late())).map_err(Into::into)
}

async fn write(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let (text, number) = (Value::Text(PROBE), Value::Number(0));
    let filler = "-".repeat(PROBE_BYTES);
    connection.begin_to_add().await?;
    // Whether entries may be written at all. None stays.
    connection.say("SAVEPOINT part").await?;
    let entry = [text, number, text, number, text, text, Value::Text("[]")];
    connection
        .execute(statements::INSERT_PROBE_ENTRY, &entry)
        .await?;
    connection.say("ROLLBACK TO SAVEPOINT part").await?;
    let request = [text, text, Value::Text(&filler), number, number];
    connection
        .execute(statements::INSERT_PROBE, &request)
        .await?;
    connection.say("COMMIT").await?;
    connection
        .execute(statements::REMOVE_PROBE, &[text, text])
        .await?;
    Ok(())
}
