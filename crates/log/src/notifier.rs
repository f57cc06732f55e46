//! Telling other servers what was written here.
//!
//! It is told after the commit and apart from it: a transaction that tells
//! (NOTIFY) holds up all others that do until it is on the disk. What is not
//! told, others find by looking.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attache_core::cause::chain;
use attache_core::id::{Revision, TenantId};
use tokio::sync::Notify;

use super::database::{Connection, Database, Source, Value, too_late};
use super::statements;

/// The channel on which it is told.
pub(super) const CHANNEL: &str = "attache";

/// The most bytes that PostgreSQL takes at once are 8,000.
const MOST_TENANTS: usize = 120;

/// How often it is told at most. Each telling is a transaction, and makes every
/// other server look.
const EVERY: Duration = Duration::from_millis(10);

/// Where it is put down what is to be told.
#[derive(Clone, Debug, Default)]
pub(super) struct Notifier(Option<Arc<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    news: Mutex<HashMap<TenantId, Revision>>,
    come: Notify,
}

impl Notifier {
    /// One who tells, if the database can.
    pub(super) fn of(database: &Database) -> Self {
        let can = match database.source() {
            Source::Sqlite(_) => false,
            Source::Postgres(_) => database.settings().listen,
        };
        Self(can.then(Arc::default))
    }

    /// Tell that tenants have these revisions now.
    pub(super) fn tell(&self, news: impl Iterator<Item = (TenantId, Revision)>) {
        if let Some(waiting) = &self.0 {
            // What was put down before is as good as ever.
            let mut all = waiting.news.lock().unwrap_or_else(|lock| lock.into_inner());
            all.extend(news);
            drop(all);
            waiting.come.notify_one();
        }
    }

    /// Tell what is put down, as it comes, all that has come at once.
    pub(super) async fn run(self, database: Database) {
        let Some(waiting) = self.0 else { return };
        let mut connection = None;
        loop {
            waiting.come.notified().await;
            let news = {
                let mut all = waiting.news.lock().unwrap_or_else(|lock| lock.into_inner());
                std::mem::take(&mut *all)
            };
            let news: Vec<String> = news
                .into_iter()
                .map(|(tenant, revision)| format!("{tenant} {revision}"))
                .collect();
            for part in news.chunks(MOST_TENANTS) {
                if let Err(error) = say(&database, &mut connection, &part.join(",")).await {
                    connection = None;
                    tracing::debug!(error = %chain(&error), "others could not be told what was written");
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

async fn say(
    database: &Database,
    connection: &mut Option<Connection>,
    text: &str,
) -> Result<(), sqlx::Error> {
    let said = async {
        let connection = match connection {
            Some(connection) => connection,
            None => {
                let new = connection.insert(database.connect_to_append().await?);
                // It is said to be lost at a crash, which everybody hears of anyway.
                new.say("SET synchronous_commit = off").await?;
                new
            }
        };
        connection
            .rows(
                statements::NOTIFY,
                &[Value::Text(CHANNEL), Value::Text(text)],
            )
            .await
    };
    let within = database.settings().answer_within;
    let answer = tokio::time::timeout(within, said).await;
    answer.unwrap_or_else(|_| Err(too_late())).map(drop)
}

/// What was told. What cannot be read tells nothing.
pub(super) fn read(text: &str) -> impl Iterator<Item = (TenantId, Revision)> {
    text.split(',').filter_map(|part| {
        let (tenant, revision) = part.split_once(' ')?;
        Some((tenant.parse().ok()?, Revision(revision.parse().ok()?)))
    })
}
