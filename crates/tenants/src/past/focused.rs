//! The state of then, made of the changes of what a question touches only.
//!
//! Most changes are found in the histories of things. The newest entries, which are in no
//! segment yet, are read once and kept: the [`Tail`] of a tenant.

use std::collections::HashMap;

use attache_core::command::SubjectRef;
use attache_core::focus::{DatedChange, Focus, Gathering, Lacking};
use attache_core::id::{Revision, TenantId};
use attache_core::model::Subject;
use attache_core::{Locator, State};
use attache_log::{EntryTime, LogError, Segments};
use tokio::sync::OwnedRwLockReadGuard;
use uuid::Uuid;

use super::tails::Tail;
use crate::Tenants;

/// How many things a question may touch. One that touches more asks the whole state.
const MOST_THINGS: usize = 4_096;

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
