//! The state of then, made of the changes of what a question touches only.
//!
//! Most changes are found in the histories of things. The newest entries, which are in no
//! segment yet, are read once and kept: the [`Tail`] of a tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as SyncMutex, MutexGuard};

use attache_core::command::SubjectRef;
use attache_core::focus::{DatedChange, Focus, Gathering, Lacking, dated};
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::model::Subject;
use attache_core::{Locator, State};
use attache_log::{EntryTime, Log, LogError, Segments};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};
use uuid::Uuid;

use crate::Tenants;

/// How many things a question may touch. One that touches more asks the whole state.
const MOST_THINGS: usize = 4_096;

/// How many changes a tail may have, some hundreds of bytes each: twice as many as fill a
/// segment. Where there are more, histories have yet to be made.
const MOST_IN_TAIL: usize = 65_536;

/// How many changes of a tail that are in segments too make it worth to be read again.
const MANY_TWICE: usize = 32_768;

/// How many tails are kept: one a tenant, the most recently used.
const TAILS: usize = 8;

/// How many entries are read at once.
const AT_ONCE: usize = 64;

/// The tails of the tenants that were asked about last.
#[derive(Debug, Default)]
pub(crate) struct Tails(SyncMutex<Vec<(TenantId, Arc<RwLock<Tail>>)>>);

impl Tails {
    fn lock(&self) -> MutexGuard<'_, Vec<(TenantId, Arc<RwLock<Tail>>)>> {
        // The list stays consistent if a holder of the lock panics.
        self.0.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    fn of(&self, tenant: TenantId) -> Arc<RwLock<Tail>> {
        let mut tails = self.lock();
        let at = tails.iter().position(|(own, _)| *own == tenant);
        let found = match at {
            Some(at) => tails.remove(at).1,
            None => Arc::default(),
        };
        tails.push((tenant, found.clone()));
        if tails.len() > TAILS {
            tails.remove(0);
        }
        found
    }

    fn forget(&self, tenant: TenantId) {
        self.lock().retain(|(own, _)| *own != tenant);
    }
}

/// The changes of the newest entries, by their homes.
#[derive(Debug, Default)]
struct Tail {
    /// The entry before the first of them.
    after: Revision,
    /// The last of them.
    last: Revision,
    last_entry: Option<EntryId>,
    /// How many memberships there had ever been after the last of them.
    memberships: u32,
    changes: HashMap<Uuid, Vec<DatedChange>>,
    /// How many these are.
    count: usize,
    /// Whether there were more than may be. It holds none then.
    is_too_long: bool,
}

impl Tail {
    fn behind(segments: &Segments) -> Self {
        Self {
            after: segments.last(),
            last: segments.last(),
            memberships: segments.memberships(),
            ..Self::default()
        }
    }

    /// Lets go of what was read, and remembers that it was too much.
    fn give_up(&mut self) {
        *self = Self {
            after: self.after,
            last: self.after,
            is_too_long: true,
            ..Self::default()
        };
    }

    /// Reads on to an entry. `false` if there are too many, or the log lost some.
    async fn read_up_to(
        &mut self,
        log: &Log,
        tenant: TenantId,
        to: Revision,
    ) -> Result<bool, LogError> {
        while self.last < to {
            // An entry has a change at least.
            let entries = to.0.saturating_sub(self.last.0);
            if self.count as u64 + entries > MOST_IN_TAIL as u64 {
                self.give_up();
                return Ok(false);
            }
            let entries = log.entries.read_after(tenant, self.last, AT_ONCE).await?;
            if entries.is_empty() {
                return Ok(false);
            }
            for entry in entries {
                if entry.revision != self.last.next() {
                    return Ok(false);
                }
                (self.last, self.last_entry) = (entry.revision, Some(entry.id));
                for (home, change) in dated(entry, &mut self.memberships) {
                    self.changes.entry(home).or_default().push(change);
                    self.count += 1;
                }
            }
        }
        Ok(true)
    }

    /// Whether no entry lies between it and the segments, and not much is in both.
    fn fits(&self, segments: &Segments) -> bool {
        if self.is_too_long {
            return self.after == segments.last();
        }
        let is_twice = segments.last() > self.after && self.count > MANY_TWICE;
        self.after <= segments.last() && self.last >= segments.last() && !is_twice
    }

    /// Whether the last entry that was read still stands.
    async fn stands(&self, log: &Log, tenant: TenantId) -> Result<bool, LogError> {
        let Some(own) = self.last_entry else {
            return Ok(true);
        };
        let found = log.entries.time_of(tenant, self.last).await?;
        Ok(found.is_some_and(|found| found.entry == own))
    }

    /// The changes of a thing up to an entry.
    fn of(&self, thing: Uuid, up_to: Revision) -> &[DatedChange] {
        let all = self.changes.get(&thing).map_or(&[][..], Vec::as_slice);
        let end = all.partition_point(|dated| dated.revision <= up_to);
        all.get(..end).unwrap_or_default()
    }
}

/// A question's focus, as a request names it.
#[derive(Clone, Debug)]
pub struct FocusOn {
    /// The resource.
    pub resource: Locator,
    /// The subject, where only one is asked about.
    pub subject: Option<SubjectRef>,
}

impl FocusOn {
    /// The users of a resource.
    #[must_use]
    pub fn users_of(resource: Locator) -> Self {
        Self {
            resource,
            subject: None,
        }
    }

    /// The things that are meant in a state. `None` if it has none.
    fn find(&self, state: &State) -> Option<Focus> {
        let resource = state.resource(state.find(&self.resource)?)?.id;
        let subject = match &self.subject {
            None => None,
            Some(named) => Some(state.subject_id(found(state, named)?)?),
        };
        Some(Focus { resource, subject })
    }
}

fn found(state: &State, named: &SubjectRef) -> Option<Subject> {
    Some(match named {
        SubjectRef::User(name) => Subject::User(state.find_user(name)?),
        SubjectRef::Group(name) => Subject::Group(state.find_group(name)?),
        SubjectRef::Service(name) => Subject::Service(state.find_service(name)?),
    })
}

impl Tenants {
    /// Returns the state right after an entry, as far as a question touches it. `None` if the
    /// question must be asked of the whole state: it touches too much, its names mean something
    /// else now than then, or the newest entries are too many to be read.
    pub(super) async fn focused(
        &self,
        present: &State,
        entry: EntryTime,
        on: &FocusOn,
    ) -> Result<Option<State>, LogError> {
        let (tenant, log) = (present.tenant(), self.log());
        let Some(focus) = on.find(present) else {
            return Ok(None);
        };
        let segments = log.histories.segments(tenant).await?;
        let Some(tail) = self.tail(tenant, &segments, entry.revision).await? else {
            return Ok(None);
        };
        let up_to = tail.after.min(entry.revision);
        let mut gathering = Gathering::new(focus, MOST_THINGS);
        loop {
            let things = match gathering.lacking() {
                Lacking::Nothing => break,
                Lacking::TooMuch => return Ok(None),
                Lacking::Changes(things) => things,
            };
            let found = match up_to.0 {
                0 => Vec::new(),
                _ => {
                    let found = log.histories.histories(tenant, &things, &segments, up_to);
                    found.await?
                }
            };
            let mut found: HashMap<Uuid, Vec<DatedChange>> = found.into_iter().collect();
            for thing in things {
                let mut changes = found.remove(&thing).unwrap_or_default();
                changes.extend_from_slice(tail.of(thing, entry.revision));
                gathering.add(thing, changes.into());
            }
        }
        drop(tail);
        let state = gathering.state(tenant, entry.revision, entry.entry, entry.at);
        // The names may have meant other things then.
        Ok((on.find(&state) == Some(focus)).then_some(state))
    }

    /// Returns the tail of a tenant's log, read up to an entry.
    async fn tail(
        &self,
        tenant: TenantId,
        segments: &Segments,
        to: Revision,
    ) -> Result<Option<OwnedRwLockReadGuard<Tail>>, LogError> {
        let tails = &self.0.tails;
        let kept = tails.of(tenant);
        let read = kept.clone().read_owned().await;
        let tail = match read.fits(segments) && read.last >= to {
            true => read,
            false => {
                drop(read);
                let mut tail = kept.write_owned().await;
                if !tail.fits(segments) {
                    *tail = Tail::behind(segments);
                }
                if tail.is_too_long || !tail.read_up_to(self.log(), tenant, to).await? {
                    match tail.is_too_long {
                        true => self.log().histories.lacking(tenant),
                        false => tails.forget(tenant),
                    }
                    return Ok(None);
                }
                tail.downgrade()
            }
        };
        if to > tail.after && !tail.stands(self.log(), tenant).await? {
            tails.forget(tenant);
            return Ok(None);
        }
        Ok(Some(tail))
    }
}
