//! Work that takes long, beside the threads that serve everybody.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs work that occupies a processor for milliseconds or longer. The worker thread
/// hands its other tasks to another thread first, so that none of them waits. On a
/// runtime of one thread, as in tests, the work runs in place.
///
/// Handing over costs tens of microseconds: do not use it for what is shorter.
pub fn aside<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
