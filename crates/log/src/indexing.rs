//! What is written is indexed in the background.

use std::collections::HashMap;

use attache_core::cause::chain;
use attache_core::id::TenantId;
use tokio::sync::mpsc;

use super::about::ENOUGH;
use super::blocks::make_blocks;
use super::database::Database;

/// Makes blocks of what is written, until nobody writes any more. `histories` hears of each
/// tenant of which much was written.
pub(super) async fn run(
    database: Database,
    mut told: mpsc::Receiver<(TenantId, u64)>,
    histories: mpsc::Sender<TenantId>,
) {
    let mut written: HashMap<TenantId, u64> = HashMap::new();
    while let Some((tenant, bytes)) = told.recv().await {
        let all = written.entry(tenant).or_default();
        *all += bytes;
        if *all < ENOUGH {
            continue;
        }
        written.remove(&tenant);
        // In a box: what is awaited there is deep.
        if let Err(error) = Box::pin(make_blocks(&database, tenant, true)).await {
            tracing::debug!(%tenant, error = %chain(&error), "entries are looked through until they can be indexed");
        }
        // One that is not told of now is told of with the next block.
        let _ = histories.try_send(tenant);
    }
}
