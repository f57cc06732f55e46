//! Appends decided entries, and finds out whether they were stored.

use std::time::Duration;

use attache_core::{Entry, State};
use tokio::time::Instant;

use attache_log::{AppendError, DoneRequest, EntryReader, EntryWriter, LogError};

/// The pause before an append of unknown fate is repeated. It doubles each time, up to
/// the longest pause.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The fate of an append.
pub(super) enum Fate {
    /// The entries are stored.
    Written,
    /// Another writer's entry is in their place.
    DecideAgain,
    /// The entries are not stored, for this reason.
    NotWritten(LogError),
    /// It is unknown whether the entries are stored, for this reason.
    Unknown(LogError),
}

/// Appends the entries that a writer decided.
pub(super) struct Appender<'a> {
    pub(super) writer: &'a dyn EntryWriter,
    pub(super) entries: &'a dyn EntryReader,
    /// How long an append of unknown fate is repeated.
    pub(super) settle_within: Duration,
}

impl Appender<'_> {
    /// Appends entries that follow a state. If the fate of an append is unknown, the
    /// identical entries are appended again: then the log has them once, or another
    /// writer's entry in their place.
    pub(super) async fn append(
        &self,
        base: &State,
        entries: &[Entry],
        requests: &[DoneRequest],
    ) -> Fate {
        let end = Instant::now() + self.settle_within;
        let mut unknown: Option<LogError> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let appended = self
                .writer
                .append(base.tenant(), base.last_entry(), entries, requests)
                .await;
            match (appended, &unknown) {
                (Ok(()), _) => return Fate::Written,
                (Err(AppendError::Collision), None) => return Fate::DecideAgain,
                (Err(AppendError::Collision), Some(_)) => {
                    let own = entries.first().map(|entry| entry.id);
                    let next = self.entries.read_after(base.tenant(), base.revision(), 1);
                    match next.await {
                        Ok(found) => match found.first() {
                            Some(entry) if Some(entry.id) == own => return Fate::Written,
                            Some(_) => return Fate::DecideAgain,
                            None => {}
                        },
                        Err(error) => unknown = Some(error),
                    }
                }
                (Err(AppendError::NotWritten(error)), None) => {
                    return Fate::NotWritten(error);
                }
                // An earlier attempt may still arrive: a database can finish a request
                // that its client gave up.
                (Err(AppendError::NotWritten(error) | AppendError::Unknown(error)), _) => {
                    unknown = Some(error);
                }
            }
            if Instant::now() + pause >= end {
                let silent = || LogError::unavailable("it does not answer in time");
                return Fate::Unknown(unknown.unwrap_or_else(silent));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
