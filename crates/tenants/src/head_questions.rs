//! Questions for the last entries of tenants, which are put to the log together.

use attache_core::id::TenantId;
use tokio::sync::{mpsc, oneshot};

use super::write::Unavailable;
use attache_log::Head;

/// How many may wait for an answer.
const WAITING: usize = 4_096;

/// A tenant's last entry. `None` if the tenant has none.
pub(super) type Answer = Result<Option<Head>, Unavailable>;

/// A tenant, and the asker for its last entry.
pub(super) type Question = (TenantId, oneshot::Sender<Answer>);

/// The two ends of the queue of questions.
pub(super) fn questions() -> (mpsc::Sender<Question>, mpsc::Receiver<Question>) {
    mpsc::channel(WAITING)
}
