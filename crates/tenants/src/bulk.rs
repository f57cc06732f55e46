//! Work too large for one entry: many entries, written all or none.

use std::sync::Arc;

use attache_core::id::EntryId;
use attache_core::{Caller, Changes, Draft, Entry, State};

use super::Tenants;
use super::catch_up;
use super::saving::save_made;
use super::tenant::Unavailable;
use attache_log::{AppendError, Snapshot};

/// How many changes an entry of such work holds.
const CHANGES_AN_ENTRY: usize = 5_000;

/// How often the work is planned again when another writer was faster.
const ATTEMPTS: usize = 5;

/// Work that is planned on a draft, and planned again if the tenant changed
/// in the meantime.
pub trait Plan {
    /// Why it cannot be done.
    type Error;

    /// Plan the work on a draft. `room` must be called from time to time: it
    /// cuts what was decided so far into entries.
    ///
    /// # Errors
    /// Why it cannot be done; then nothing is written.
    fn plan(
        &mut self,
        draft: &mut Draft,
        room: &mut dyn FnMut(&mut Draft),
    ) -> Result<(), Self::Error>;

    /// Told what was planned, before it is written.
    fn planned(&mut self, parts: &[Changes], dry: bool);
}

/// Why large work was not done.
#[derive(Debug, thiserror::Error)]
pub enum BulkError<E> {
    /// It cannot be planned. Nothing was written.
    #[error("it cannot be done")]
    Plan(E),
    /// The log did not do as it was asked. Nothing was written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// Whether it was written is not known. Doing it again will tell.
    #[error("whether it was written is not known: {0}")]
    Unknown(String),
}

impl Tenants {
    /// Plan work on a tenant's state and write all of it or nothing. Returns
    /// how many changes there were. With `dry`, nothing is written.
    ///
    /// # Errors
    /// [`BulkError`].
    pub async fn write_all<P: Plan>(
        &self,
        caller: Caller,
        correlation_id: &str,
        plan: &mut P,
        dry: bool,
    ) -> Result<usize, BulkError<P::Error>> {
        for _ in 0..ATTEMPTS {
            let opened = catch_up::open(self.log(), caller.tenant).await;
            let opened = opened.map_err(|error| Unavailable(error.to_string()))?;
            let state = opened.state;
            let mut draft = Draft::new(state.clone(), caller, self.ambient().now());
            let mut parts = Vec::new();
            plan.plan(&mut draft, &mut |draft| {
                if draft.len() >= CHANGES_AN_ENTRY {
                    parts.push(draft.take_changes());
                }
            })
            .map_err(BulkError::Plan)?;
            let (last, mut planned, at) = draft.finish();
            parts.extend((!last.is_empty()).then_some(last));
            let changes = parts.iter().map(|part| part.list.len()).sum();
            plan.planned(&parts, dry);
            if dry || parts.is_empty() {
                return Ok(changes);
            }
            let entries = self.entries(&state, caller, correlation_id, at, parts);
            for entry in &entries {
                planned.advance(entry);
            }
            let last = state.last_entry();
            // The next who opens the tenant need not read all of that. It is
            // made while the entries are written, and saved once they are.
            let (snapshot, appended) = tokio::join!(
                Snapshot::of(Arc::new(planned)),
                self.log().append(caller.tenant, last, &entries, &[]),
            );
            match appended {
                Ok(()) => {
                    save_made(self.log(), caller.tenant, snapshot).await;
                    return Ok(changes);
                }
                Err(AppendError::Collision) => {}
                Err(AppendError::NotWritten(error)) => {
                    return Err(Unavailable(error.to_string()).into());
                }
                Err(AppendError::Unknown(error)) => {
                    return Err(BulkError::Unknown(error.to_string()));
                }
            }
        }
        Err(Unavailable("others write to this tenant all the time".to_owned()).into())
    }

    fn entries(
        &self,
        state: &State,
        caller: Caller,
        correlation_id: &str,
        at: attache_core::Timestamp,
        parts: Vec<Changes>,
    ) -> Vec<Entry> {
        let mut revision = state.revision();
        let entry = |changes| {
            revision = revision.next();
            Entry {
                id: EntryId(self.ambient().id()),
                revision,
                at,
                actor: caller.actor,
                correlation_id: correlation_id.into(),
                changes,
            }
        };
        parts.into_iter().map(entry).collect()
    }
}
