//! Warns of rows that give again what somebody has removed since, by searching the log.

use std::collections::HashMap;

use attache_core::cause::chain;
use attache_core::id::{GroupId, ResourceId, UserId, canonical_key};
use attache_core::model::{Parameters, SubjectId};
use attache_core::{Actor, Change, Entry, State, Timestamp};
use attache_tenants::{EntryFilter, EntryPage, Tenants};

use super::fault::{Fault, Spot};
use super::imported::Imported;
use super::{labels, provenance};

/// The most rows that are checked.
const MOST: usize = 10_000;
/// The most changes that are searched, newest first.
const CHANGES: usize = 50_000;
/// The most entries and bytes per read of the log.
const AT_ONCE: usize = 200;
const BYTES_AT_ONCE: usize = 16 * 1024 * 1024;

/// Something that a row gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Member(ResourceId, UserId),
    Grant(ResourceId, SubjectId, Box<str>, Parameters),
    GroupUser(GroupId, UserId),
    /// A new user with a key, in the form in which keys are compared.
    User(String),
}

impl Fact {
    fn user(key: &str) -> Self {
        Self::User(canonical_key(key).into_owned())
    }
}

/// A row, and its column that names what the row gives.
#[derive(Clone, Copy, Debug)]
struct Row {
    spot: Spot,
    column: &'static str,
}

/// The things that rows give and that may have existed before.
#[derive(Debug, Default)]
pub(super) struct Comebacks {
    facts: HashMap<Fact, Row>,
    /// The earliest instant at which one of them can have existed; `None`: any time.
    since: Option<Timestamp>,
    is_any_time: bool,
    too_many: bool,
    /// Whether a warning was found.
    has_found: bool,
}

/// Who removed something, and when.
#[derive(Clone, Copy, Debug)]
struct Taken {
    at: Timestamp,
    by: Actor,
}

impl Comebacks {
    pub(super) fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Records that a row adds a user with a key.
    pub(super) fn note_user(&mut self, spot: Spot, key: &str) {
        match self.facts.len() {
            MOST => self.too_many = true,
            _ => self.note(spot, "key", Fact::user(key), None),
        }
    }

    /// Records what a row gives. It cannot have existed before `since`.
    pub(super) fn note(
        &mut self,
        spot: Spot,
        column: &'static str,
        fact: Fact,
        since: Option<Timestamp>,
    ) {
        if self.facts.len() == MOST {
            self.too_many = true;
            return;
        }
        self.is_any_time |= since.is_none();
        self.since = match (self.since, since) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.facts.insert(fact, Row { spot, column });
    }

    /// Warns of everything that comes back, and notes how far the log was searched.
    pub(super) async fn look(mut self, tenants: &Tenants, before: &State, imported: &mut Imported) {
        let filter = EntryFilter {
            from: self.since.filter(|_| !self.is_any_time),
            ..EntryFilter::default()
        };
        let mut removed: HashMap<UserId, Taken> = HashMap::new();
        let mut next = before.revision().next();
        let mut looked = 0;
        while !self.facts.is_empty() {
            if looked >= CHANGES {
                imported.notes.push(format!(
                    "whether somebody took away what comes back was looked for since revision {next} only"
                ));
                break;
            }
            let page = EntryPage {
                before: next,
                most: AT_ONCE,
                bytes: BYTES_AT_ONCE,
            };
            let found = tenants.find_entries(before.tenant(), &filter, &page).await;
            let found = match found {
                Ok(found) => found,
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "an import could not be compared with earlier removals");
                    imported.notes.push(
                        "the log could not be searched for what somebody has removed before"
                            .to_owned(),
                    );
                    break;
                }
            };
            for entry in &found.entries {
                looked += 1 + entry.changes.list.len();
                self.compare(entry, before, &mut removed, &mut imported.warnings);
            }
            match found.entries.last() {
                Some(last) if found.more => next = last.revision,
                _ => break,
            }
        }
        if self.too_many && self.has_found {
            imported.notes.push(format!(
                "whether somebody took away what comes back was looked for in the first {MOST} rows only"
            ));
        }
        imported.warnings.sort_by_key(Fault::place);
    }

    /// Compares the changes of an entry with what rows give. Entries come newest first,
    /// and the last change of a thing decides.
    fn compare(
        &mut self,
        entry: &Entry,
        before: &State,
        removed: &mut HashMap<UserId, Taken>,
        warnings: &mut Vec<Fault>,
    ) {
        // Removals by an import of another file were not made by hand.
        let is_import = provenance::is_import(entry);
        for change in entry.changes.list.iter().rev() {
            let mut taken = Taken {
                at: entry.at,
                by: entry.actor,
            };
            let (fact, is_taken) = match change {
                Change::MemberRemoved { resource, user } => (Fact::Member(*resource, *user), true),
                Change::MemberAdded { resource, user, .. }
                | Change::MemberExpired { resource, user } => {
                    (Fact::Member(*resource, *user), false)
                }
                Change::RoleRevoked {
                    resource,
                    subject,
                    role,
                    parameters,
                } => {
                    let role = role.as_str().into();
                    (
                        Fact::Grant(*resource, *subject, role, parameters.canonical()),
                        true,
                    )
                }
                Change::RoleGranted {
                    resource,
                    subject,
                    role,
                    parameters,
                    ..
                }
                | Change::GrantExpired {
                    resource,
                    subject,
                    role,
                    parameters,
                } => {
                    let role = role.as_str().into();
                    (
                        Fact::Grant(*resource, *subject, role, parameters.canonical()),
                        false,
                    )
                }
                Change::GroupUserRemoved { group, user } => (Fact::GroupUser(*group, *user), true),
                Change::GroupUserAdded { group, user } => (Fact::GroupUser(*group, *user), false),
                Change::UserRemoved { user } => {
                    removed.entry(*user).or_insert(taken);
                    continue;
                }
                Change::UserAdded {
                    user,
                    key: Some(key),
                    ..
                }
                | Change::UserChanged {
                    user,
                    key: Some(key),
                    ..
                } => match removed.get(user) {
                    Some(by) => {
                        taken = *by;
                        (Fact::user(key.as_str()), true)
                    }
                    None => continue,
                },
                _ => continue,
            };
            if let Some(row) = self.facts.remove(&fact)
                && is_taken
                // Imports never remove users.
                && (!is_import || matches!(fact, Fact::User(_)))
            {
                self.has_found = true;
                let reason = said(before, &fact, taken);
                warnings.push(row.spot.fault(row.column, reason));
            }
        }
    }
}

fn said(state: &State, fact: &Fact, taken: Taken) -> String {
    let subject = |id| labels::subject(state, id).unwrap_or_default();
    let place = |id| labels::place(state, id).unwrap_or_default();
    let what = match fact {
        Fact::Member(resource, user) => format!(
            "{} was detached from {}",
            subject(SubjectId::User(*user)),
            place(*resource)
        ),
        Fact::Grant(resource, who, role, parameters) => format!(
            "{} lost role {} on {}",
            subject(*who),
            labels::role(role, parameters),
            place(*resource)
        ),
        Fact::GroupUser(group, user) => format!(
            "{} was taken out of {}",
            subject(SubjectId::User(*user)),
            subject(SubjectId::Group(*group))
        ),
        Fact::User(_) => "the user with this key was removed".to_owned(),
    };
    let by = labels::actor(state, taken.by);
    format!("{what} at {} by {by}, and comes back", taken.at)
}
