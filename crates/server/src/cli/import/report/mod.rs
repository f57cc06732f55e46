//! What an import would change, shown field by field.

mod fields;
mod names;

use std::collections::BTreeSet;

use attache_core::id::{ResourceId, UserId, UserNumber};
use attache_core::model::{GrantKey, Parameters, Subject, SubjectId};
use attache_core::{Change, Changes, Locator, State, Timestamp};

use names::{end, until};

/// The states before and after the changes.
pub(super) struct Report<'a> {
    before: &'a State,
    after: &'a State,
    /// The subjects that hold a role at the root, before or after: themselves, or
    /// through a group.
    at_root: BTreeSet<Subject>,
}

/// The lines about one change.
struct Item {
    touches_root: bool,
    lines: Vec<String>,
}

/// A line of a dry run before which those changes stand that concern who may do
/// something everywhere.
pub(super) const AT_THE_ROOT: &str =
    "These concern people, groups and services with roles at the root:";

impl<'a> Report<'a> {
    pub(super) fn new(before: &'a State, after: &'a State) -> Self {
        let at_root = holders(before).chain(holders(after)).collect();
        Self {
            before,
            after,
            at_root,
        }
    }

    /// Whether a user holds a role at the root, before or after.
    pub(super) fn is_at_root(&self, user: UserNumber) -> bool {
        self.at_root.contains(&Subject::User(user))
    }

    /// A line for each change and each field that it changes. Those that concern
    /// the root come last, below a line of their own.
    pub(super) fn lines(&self, parts: &[Changes]) -> Vec<String> {
        let mut shown = BTreeSet::new();
        let (mut lines, mut at_root) = (Vec::new(), Vec::new());
        for change in parts.iter().flat_map(|part| &part.list) {
            for item in self.items(change, &mut shown) {
                match item.touches_root {
                    true => at_root.extend(item.lines),
                    false => lines.extend(item.lines),
                }
            }
        }
        if !at_root.is_empty() {
            lines.push(AT_THE_ROOT.to_owned());
            lines.extend(at_root.into_iter().map(|line| format!("  {line}")));
        }
        lines
    }

    /// What a change does. `shown` holds the things whose changes were shown: all
    /// changes of a thing are shown together.
    fn items(&self, change: &Change, shown: &mut BTreeSet<uuid::Uuid>) -> Vec<Item> {
        let item = match change {
            Change::CatalogueSet { .. } | Change::CatalogueChanged { .. } => {
                let catalogues = self.before.catalogue().zip(self.after.catalogue());
                let changed = catalogues.map(|(old, new)| fields::of_catalogues(old, new));
                let items = changed.into_iter().flatten();
                return items
                    .map(|(touches_root, lines)| Item {
                        touches_root,
                        lines,
                    })
                    .collect();
            }
            Change::UserAdded { user, .. }
            | Change::UserProfileSet { user }
            | Change::UserChanged { user, .. }
            | Change::UserStatusChanged { user, .. } => {
                shown.insert(user.0).then(|| self.user(*user)).flatten()
            }
            Change::GroupAdded { group, .. } | Change::GroupChanged { group, .. } => shown
                .insert(group.0)
                .then(|| self.subject(SubjectId::Group(*group)))
                .flatten(),
            Change::ServiceAdded { service, .. } | Change::ServiceChanged { service, .. } => shown
                .insert(service.0)
                .then(|| self.subject(SubjectId::Service(*service)))
                .flatten(),
            Change::ResourceAdded { resource, .. }
            | Change::ResourceChanged { resource, .. }
            | Change::ResourceMoved { resource, .. } => shown
                .insert(resource.0)
                .then(|| self.resource(*resource))
                .flatten(),
            Change::GroupUserAdded { group, user } => self.about(SubjectId::User(*user), |who| {
                let group = self.name(SubjectId::Group(*group));
                format!("user put into a group: {who} into {group}")
            }),
            Change::MemberAdded {
                resource,
                user,
                expires_at,
            } => self.about(SubjectId::User(*user), |who| {
                let to = self.place(*resource);
                format!("user attached: {who} to {to}{}", until(*expires_at))
            }),
            Change::MemberChanged {
                resource,
                user,
                expires_at,
            } => self.member_changed(*resource, *user, *expires_at),
            Change::MemberExpired { resource, user } | Change::MemberRemoved { resource, user } => {
                self.about(SubjectId::User(*user), |who| {
                    format!("membership ended: {who} in {}", self.place(*resource))
                })
            }
            Change::RoleGranted {
                resource,
                subject,
                role,
                parameters,
                expires_at,
            } => self.granted(*resource, *subject, role.as_str(), parameters, *expires_at),
            Change::GrantExpired {
                resource,
                subject,
                role,
                ..
            }
            | Change::RoleRevoked {
                resource,
                subject,
                role,
                ..
            } => self.about(*subject, |who| {
                format!("grant ended: {role} for {who} on {}", self.place(*resource))
            }),
            // An import makes no others.
            _ => None,
        };
        item.into_iter().collect()
    }

    fn user(&self, id: UserId) -> Option<Item> {
        self.subject(SubjectId::User(id))
    }

    /// All that changes about a user, a group or a service itself.
    fn subject(&self, id: SubjectId) -> Option<Item> {
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
        let name = self.name(id);
        let lines = lines_of(noun, &name, of(self.before), &of(self.after)?)?;
        Some(Item {
            touches_root: self.concerns_root(id),
            lines,
        })
    }

    fn resource(&self, id: ResourceId) -> Option<Item> {
        let of = |state: &State| {
            let node = state.node(state.find(&Locator::id(id))?)?;
            Some(fields::of_resource(state, node))
        };
        let lines = lines_of(
            "resource",
            &self.place(id),
            of(self.before),
            &of(self.after)?,
        )?;
        Some(Item {
            touches_root: false,
            lines,
        })
    }

    fn member_changed(
        &self,
        resource: ResourceId,
        user: UserId,
        expires_at: Option<Timestamp>,
    ) -> Option<Item> {
        let old = self
            .before
            .find(&Locator::id(resource))
            .zip(self.before.subject(SubjectId::User(user)))
            .and_then(|(node, subject)| match subject {
                Subject::User(user) => self.before.node(node)?.members.get(&user),
                Subject::Group(_) | Subject::Service(_) => None,
            });
        let old = old.and_then(|old| old.expires_at().instant());
        let mut item = self.about(SubjectId::User(user), |who| {
            format!("membership changed: {who} in {}", self.place(resource))
        })?;
        let (old, new) = (end(old), end(expires_at));
        item.lines.push(fields::change("expires_at", &old, &new));
        Some(item)
    }

    fn granted(
        &self,
        resource: ResourceId,
        subject: SubjectId,
        role: &str,
        parameters: &Parameters,
        expires_at: Option<Timestamp>,
    ) -> Option<Item> {
        let key = |role| {
            Some(GrantKey {
                subject: self.before.subject(subject)?,
                role,
                parameters: parameters.clone(),
            })
        };
        let old = self
            .before
            .find(&Locator::id(resource))
            .and_then(|node| self.before.node(node))
            .zip(self.before.role_index(role).and_then(key))
            .and_then(|(node, key)| node.grants.get(&key));
        let with = match parameters.is_empty() {
            true => String::new(),
            false => format!(" ({})", fields::parameters(parameters)),
        };
        let what = match old {
            Some(_) => "grant changed",
            None => "role granted",
        };
        let mut item = self.about(subject, |who| {
            let until = until(expires_at.filter(|_| old.is_none()));
            format!(
                "{what}: {role}{with} to {who} on {}{until}",
                self.place(resource)
            )
        })?;
        if let Some(old) = old {
            let (old, new) = (end(old.expires_at().instant()), end(expires_at));
            item.lines.push(fields::change("expires_at", &old, &new));
        }
        Some(item)
    }

    /// A line about a subject.
    fn about(&self, subject: SubjectId, line: impl FnOnce(&str) -> String) -> Option<Item> {
        Some(Item {
            touches_root: self.concerns_root(subject),
            lines: vec![line(&self.name(subject))],
        })
    }

    fn concerns_root(&self, id: SubjectId) -> bool {
        let subject = self.after.subject(id);
        subject.is_some_and(|subject| self.at_root.contains(&subject))
    }
}

/// The lines about a thing that was added, or whose fields were changed.
fn lines_of(
    noun: &str,
    name: &str,
    old: Option<fields::Fields>,
    new: &fields::Fields,
) -> Option<Vec<String>> {
    let Some(old) = old else {
        let fields = fields::listed(new);
        return Some(vec![format!("{noun} added: {name}: {fields}")]);
    };
    let changed = fields::changed(&old, new);
    if changed.is_empty() {
        return None;
    }
    let head = format!("{noun} changed: {name}");
    Some(std::iter::once(head).chain(changed).collect())
}

/// The subjects that hold a role at the root, and the users of the groups among them.
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
