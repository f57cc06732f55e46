//! The report of an import: its changes in names and keys, to be compared with the files.

mod fields;
mod standing;

use std::collections::BTreeSet;

use attache_core::id::{ResourceId, UserId, UserNumber};
use attache_core::model::{Subject, SubjectId};
use attache_core::{Locator, State};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::labels;
use standing::Standings;

/// A change, described for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The change in one line: `user u17 Ana Sá: role owner → viewer on customer:c3`.
    pub text: String,
    /// The changed fields, such as `email: a@x.example → b@x.example`.
    pub details: Vec<String>,
    /// Whether the change concerns a subject that holds a role at the root, before or
    /// after: it may have access everywhere.
    pub concerns_root: bool,
}

/// The states before and after the changes.
pub(super) struct Report<'a> {
    before: &'a State,
    after: &'a State,
    /// The subjects that hold a role at the root before or after, directly or through a
    /// group.
    at_root: BTreeSet<Subject>,
}

/// The heading in a dry run before the changes that concern holders of roles at the root.
pub const AT_THE_ROOT: &str = "These concern people, groups and services with roles at the root:";

impl<'a> Report<'a> {
    pub(super) fn new(before: &'a State, after: &'a State) -> Self {
        let at_root = holders(before).chain(holders(after)).collect();
        Self {
            before,
            after,
            at_root,
        }
    }

    /// Returns whether a user holds a role at the root, before or after.
    pub(super) fn is_at_root(&self, user: UserNumber) -> bool {
        self.at_root.contains(&Subject::User(user))
    }

    /// Returns the changes. All changes of a thing are joined, and so are those of a
    /// subject on a resource. Changes that concern the root come last.
    pub(super) fn changes(&self, parts: &[attache_core::Changes]) -> Vec<Change> {
        let mut standings = Standings::of(self, parts);
        let mut shown = BTreeSet::new();
        let mut changes = Vec::new();
        for change in parts.iter().flat_map(|part| &part.list) {
            self.add(change, &mut standings, &mut shown, &mut changes);
        }
        // The sort is stable, so the order within each part stays.
        changes.sort_by_key(|change| change.concerns_root);
        changes
    }

    /// Adds the description of a change. `shown` has the things whose changes are already
    /// described.
    fn add(
        &self,
        change: &attache_core::Change,
        standings: &mut Standings,
        shown: &mut BTreeSet<Uuid>,
        changes: &mut Vec<Change>,
    ) {
        use attache_core::Change as Done;
        match change {
            Done::CatalogueSet { .. } | Done::CatalogueChanged { .. } => {
                let catalogues = self.before.catalogue().zip(self.after.catalogue());
                let changed = catalogues.map(|(old, new)| fields::of_catalogues(old, new));
                changes.extend(changed.into_iter().flatten());
            }
            Done::UserAdded { user, .. }
            | Done::UserProfileSet { user }
            | Done::UserChanged { user, .. }
            | Done::UserStatusChanged { user, .. } => {
                if shown.insert(user.0) {
                    changes.extend(self.subject(SubjectId::User(*user)));
                }
            }
            Done::GroupAdded { group, .. } | Done::GroupChanged { group, .. } => {
                if shown.insert(group.0) {
                    changes.extend(self.subject(SubjectId::Group(*group)));
                }
            }
            Done::ServiceAdded { service, .. } | Done::ServiceChanged { service, .. } => {
                if shown.insert(service.0) {
                    changes.extend(self.subject(SubjectId::Service(*service)));
                }
            }
            Done::ResourceAdded { resource, .. }
            | Done::ResourceChanged { resource, .. }
            | Done::ResourceMoved { resource, .. } => {
                if shown.insert(resource.0) {
                    changes.extend(self.resource(*resource));
                }
            }
            Done::GroupUserAdded { group, user } => {
                let group = self.name(SubjectId::Group(*group));
                changes.push(self.about(SubjectId::User(*user), &format!("put into {group}")));
            }
            Done::GroupUserRemoved { group, user } => {
                let group = self.name(SubjectId::Group(*group));
                changes.push(self.about(SubjectId::User(*user), &format!("taken out of {group}")));
            }
            // Imports make no other changes than these and those of standings.
            other => changes.extend(standings.take(self, other)),
        }
    }

    /// Describes all changes of a user, group or service itself.
    fn subject(&self, id: SubjectId) -> Option<Change> {
        let of = |state: &State| {
            Some(match state.subject(id)? {
                Subject::User(user) => fields::of_user(state.user(user)?),
                Subject::Group(group) => fields::of_group(&state.group_node(group)?.group),
                Subject::Service(service) => {
                    fields::of_service(&state.service_node(service)?.service)
                }
            })
        };
        let noun = match id {
            SubjectId::User(_) => "user",
            SubjectId::Group(_) => "group",
            SubjectId::Service(_) => "service",
        };
        let name = self.known_as(id);
        let (text, details) = lines_of(noun, &name, of(self.before), &of(self.after)?)?;
        Some(Change {
            text,
            details,
            concerns_root: self.concerns_root(id),
        })
    }

    fn resource(&self, id: ResourceId) -> Option<Change> {
        let locator = Locator::id(id);
        let of = |state: &State| {
            let node = state.node(state.find(&locator)?)?;
            Some(fields::of_resource(state, node))
        };
        let name = |state: &State| {
            let node = state.find(&locator)?;
            Some(fields::resource_name(state, node))
        };
        let name = name(self.before).or_else(|| name(self.after))?;
        let (text, details) = lines_of("resource", &name, of(self.before), &of(self.after)?)?;
        Some(Change {
            text,
            details,
            concerns_root: false,
        })
    }

    /// Describes a change about a subject.
    fn about(&self, subject: SubjectId, what: &str) -> Change {
        Change {
            text: format!("{}: {what}", self.name(subject)),
            details: Vec::new(),
            concerns_root: self.concerns_root(subject),
        }
    }

    /// Returns a subject's earlier name, with its type.
    fn name(&self, id: SubjectId) -> String {
        let name = labels::subject(self.before, id).or_else(|| labels::subject(self.after, id));
        name.unwrap_or_default()
    }

    /// Returns a subject's earlier name without its type: the key or number, and the name
    /// in brackets.
    fn known_as(&self, id: SubjectId) -> String {
        let state = match self.before.subject(id) {
            Some(_) => self.before,
            None => self.after,
        };
        fields::known_as(state, id).unwrap_or_default()
    }

    /// Returns a resource's earlier name.
    fn place(&self, id: ResourceId) -> String {
        let place = labels::place(self.before, id).or_else(|| labels::place(self.after, id));
        place.unwrap_or_default()
    }

    fn concerns_root(&self, id: SubjectId) -> bool {
        let is_one = |state: &State| {
            let subject = state.subject(id);
            subject.is_some_and(|subject| self.at_root.contains(&subject))
        };
        is_one(self.after) || is_one(self.before)
    }

    fn user_number(&self, user: UserId) -> Option<UserNumber> {
        match self.before.subject(SubjectId::User(user))? {
            Subject::User(number) => Some(number),
            Subject::Group(_) | Subject::Service(_) => None,
        }
    }
}

/// Describes a thing that was added or whose fields were changed.
fn lines_of(
    noun: &str,
    name: &str,
    old: Option<fields::Fields>,
    new: &fields::Fields,
) -> Option<(String, Vec<String>)> {
    let Some(old) = old else {
        let fields = fields::listed(new);
        return Some((format!("{noun} added: {name}: {fields}"), Vec::new()));
    };
    let changed = fields::changed(&old, new);
    (!changed.is_empty()).then(|| (format!("{noun} changed: {name}"), changed))
}

/// Returns the subjects that hold a role at the root, and the users of groups among them.
fn holders(state: &State) -> impl Iterator<Item = Subject> {
    let root = state.node(state.root()).into_iter();
    root.flat_map(|root| root.grants.keys()).flat_map(|key| {
        let users = match key.subject {
            Subject::Group(group) => state.group_node(group),
            Subject::User(_) | Subject::Service(_) => None,
        };
        let users = users.into_iter().flat_map(|group| group.users.keys());
        std::iter::once(key.subject).chain(users.map(|user| Subject::User(*user)))
    })
}
