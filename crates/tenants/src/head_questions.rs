//! The queue of questions for tenants' last entries, which are asked of the log together.

use attache_core::id::TenantId;
use tokio::sync::{mpsc, oneshot};

use super::write::Unavailable;
use attache_log::Head;

/// The most questions in the queue.
const WAITING: usize = 4_096;

/// A tenant's last entry. `None` if the tenant has none.
pub(super) type Answer = Result<Option<Head>, Unavailable>;

/// A tenant, and the asker for its last entry.
pub(super) type Question = (TenantId, oneshot::Sender<Answer>);

/// Returns the two ends of the queue.
pub(super) fn questions() -> (mpsc::Sender<Question>, mpsc::Receiver<Question>) {
    mpsc::channel(WAITING)
}
