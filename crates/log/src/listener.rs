//! Hearing from other servers what they wrote.

use std::time::Duration;

use attache_core::cause::chain;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::mpsc;

use super::database::{Database, Hosts, too_late};
use super::{Notification, notifier};

/// After how long a silence to ask whether somebody is still there. Whoever
/// was cut off hears nothing, which sounds the same as nothing to hear.
const SILENCE: Duration = Duration::from_secs(10);

/// How long to wait before listening again where it failed.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Pass on what is heard until nobody wants it any more.
pub(super) async fn run(
    database: Database,
    hosts: &Hosts,
    notifications: mpsc::Sender<Notification>,
) {
    while !notifications.is_closed() {
        if let Err(error) = listen(&database, hosts, &notifications).await {
            tracing::debug!(error = %chain(&error), "what others write is not heard for now");
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn listen(
    database: &Database,
    hosts: &Hosts,
    notifications: &mpsc::Sender<Notification>,
) -> Result<(), sqlx::Error> {
    let within = database.settings().answer_within;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(within)
        .connect_lazy_with(hosts.writable().await?);
    let begun = async {
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen(notifier::CHANNEL).await?;
        Ok(listener)
    };
    let begun = tokio::time::timeout(within, begun).await;
    let mut listener = begun.unwrap_or_else(|_| Err(too_late()))?;
    // What was said before is not heard any more.
    let mut open = notifications.send(Notification::Missed).await.is_ok();
    while open {
        match tokio::time::timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(heard))) => {
                for (tenant, revision) in notifier::read(heard.payload()) {
                    let written = Notification::Written(tenant, revision);
                    open = notifications.send(written).await.is_ok();
                }
            }
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                let question = sqlx::query("SELECT 1").execute(&mut listener);
                let answer = tokio::time::timeout(within, question).await;
                answer.unwrap_or_else(|_| Err(too_late()))?;
            }
        }
    }
    Ok(())
}
