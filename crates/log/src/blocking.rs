//! Work that would block the threads that serve everybody.

use super::LogError;

/// What blocks or takes long, on a thread for that.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LogError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(LogError::caused)
}
