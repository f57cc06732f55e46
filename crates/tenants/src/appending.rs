//! Writing down what was decided, and finding out whether it stands.

use std::time::Duration;

use attache_core::{Entry, State};
use tokio::time::Instant;

use attache_log::{AppendError, DoneRequest, EntryReader, EntryWriter, LogError};

/// How long to wait before an append whose fate is not known is done again;
/// twice as long each time, up to the other.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What became of an append.
pub(super) enum Fate {
    /// The entries stand.
    Written,
    /// Another writer's entry has their place.
    DecideAgain,
    /// They do not stand, for this reason.
    NotWritten(LogError),
    /// Whether they stand is not known, for this reason.
    Unknown(LogError),
}

/// Appends what a writer decided.
pub(super) struct Appender<'a> {
    pub(super) writer: &'a dyn EntryWriter,
    pub(super) entries: &'a dyn EntryReader,
    /// For how long an append is tried again whose fate is not known.
    pub(super) settle_within: Duration,
}

impl Appender<'_> {
    /// Append entries that follow a state. Where the fate of an append is not
    /// known, the very same entries are appended again: they stand once, if
    /// not another's entry has their place.
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
                // What came before may still arrive: a database can finish what
                // its client gave up.
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
