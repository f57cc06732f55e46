//! Changes of a subject's standing on a resource: its membership and roles.

use std::collections::HashMap;

use attache_core::id::ResourceId;
use attache_core::model::{GrantKey, Parameters, SubjectId};
use attache_core::{Change as Done, Changes, Locator, Timestamp};

use super::{Change, Report, fields};
use crate::import::labels;

/// The changes of each subject's standing on each resource.
#[derive(Debug, Default)]
pub(super) struct Standings(HashMap<(ResourceId, SubjectId), Standing>);

/// The changes of one subject's standing on one resource.
#[derive(Debug, Default)]
struct Standing {
    attached: Option<Option<Timestamp>>,
    is_detached: bool,
    has_expired: bool,
    /// The membership's new end.
    ends: Option<Option<Timestamp>>,
    /// The roles that were held and no longer are.
    lost: Vec<String>,
    /// The new roles, with their ends.
    gained: Vec<(String, Option<Timestamp>)>,
    /// The roles with another end: the old end, and the new one.
    kept: Vec<(String, Option<Timestamp>, Option<Timestamp>)>,
}

impl Standings {
    pub(super) fn of(report: &Report<'_>, parts: &[Changes]) -> Self {
        let mut all = Self::default();
        for change in parts.iter().flat_map(|part| &part.list) {
            if let Some(key) = key(change) {
                let standing = all.0.entry(key).or_default();
                standing.take_in(report, change);
            }
        }
        all
    }

    /// Describes the standing that a change belongs to, unless that was described before.
    pub(super) fn take(&mut self, report: &Report<'_>, change: &Done) -> Vec<Change> {
        let Some((resource, subject)) = key(change) else {
            return Vec::new();
        };
        match self.0.remove(&(resource, subject)) {
            Some(standing) => standing.changes(report, resource, subject),
            None => Vec::new(),
        }
    }
}

/// Returns the standing that a change belongs to.
fn key(change: &Done) -> Option<(ResourceId, SubjectId)> {
    match change {
        Done::MemberAdded { resource, user, .. }
        | Done::MemberChanged { resource, user, .. }
        | Done::MemberRemoved { resource, user }
        | Done::MemberExpired { resource, user } => Some((*resource, SubjectId::User(*user))),
        Done::RoleGranted {
            resource, subject, ..
        }
        | Done::RoleRevoked {
            resource, subject, ..
        }
        | Done::GrantExpired {
            resource, subject, ..
        } => Some((*resource, *subject)),
        _ => None,
    }
}

impl Standing {
    fn take_in(&mut self, report: &Report<'_>, change: &Done) {
        match change {
            Done::MemberAdded { expires_at, .. } => self.attached = Some(*expires_at),
            Done::MemberChanged { expires_at, .. } => self.ends = Some(*expires_at),
            Done::MemberRemoved { .. } => self.is_detached = true,
            Done::MemberExpired { .. } => self.has_expired = true,
            Done::RoleRevoked {
                role, parameters, ..
            }
            | Done::GrantExpired {
                role, parameters, ..
            } => {
                let role = labels::role(role.as_str(), parameters);
                match self.gained.iter().position(|(gained, _)| *gained == role) {
                    Some(place) => drop(self.gained.remove(place)),
                    None => self.lost.push(role),
                }
            }
            Done::RoleGranted {
                resource,
                subject,
                role,
                parameters,
                expires_at,
            } => {
                let old = old_end(report, *resource, *subject, role.as_str(), parameters);
                let role = labels::role(role.as_str(), parameters);
                let was_lost = self.lost.iter().position(|lost| *lost == role);
                match (old, was_lost) {
                    (Some(old), None) => self.kept.push((role, old, *expires_at)),
                    (Some(old), Some(place)) => {
                        self.lost.remove(place);
                        self.kept.push((role, old, *expires_at));
                    }
                    (None, _) => self.gained.push((role, *expires_at)),
                }
            }
            _ => {}
        }
    }

    fn changes(
        mut self,
        report: &Report<'_>,
        resource: ResourceId,
        subject: SubjectId,
    ) -> Vec<Change> {
        let place = report.place(resource);
        let mut changes = Vec::new();
        let about = |text: String| report.about(subject, &text);
        if self.is_detached {
            let with = match self.lost.is_empty() {
                true => String::new(),
                false => format!(", with {}", roles(&self.lost)),
            };
            self.lost.clear();
            changes.push(about(format!("detached from {place}{with}")));
        } else if self.has_expired && self.attached.is_none() {
            changes.push(about(format!("membership of {place} has expired")));
        }
        if let Some(until) = self.attached {
            changes.push(about(format!(
                "attached to {place}{}",
                fields::until(until)
            )));
        }
        if let Some(new) = self.ends {
            let old = member_end(report, resource, subject);
            let what = format!("member of {place}");
            changes.push(ended(report, subject, &what, old, new));
        }
        changes.extend(self.of_roles(&place).map(about));
        for (role, old, new) in self.kept.into_iter().filter(|(_, old, new)| old != new) {
            let what = format!("role {role} on {place}");
            changes.push(ended(report, subject, &what, old, new));
        }
        changes
    }

    /// Describes the roles gained and lost.
    fn of_roles(&self, place: &str) -> Option<String> {
        let gained: Vec<String> = self.gained.iter().map(|(role, _)| role.clone()).collect();
        let until = match self.gained.as_slice() {
            [(_, end)] => fields::until(*end),
            _ => String::new(),
        };
        match (self.lost.is_empty(), gained.is_empty()) {
            (true, true) => None,
            (false, false) => Some(format!(
                "{} → {} on {place}{until}",
                roles(&self.lost),
                gained.join(", ")
            )),
            (true, false) => Some(format!("gets {} on {place}{until}", roles(&gained))),
            (false, true) => Some(format!("loses {} on {place}", roles(&self.lost))),
        }
    }
}

/// Describes a change of an end.
fn ended(
    report: &Report<'_>,
    subject: SubjectId,
    what: &str,
    old: Option<Timestamp>,
    new: Option<Timestamp>,
) -> Change {
    let mut change = report.about(subject, what);
    let (old, new) = (fields::end(old), fields::end(new));
    change
        .details
        .push(fields::change("expires_at", &old, &new));
    change
}

fn roles(roles: &[String]) -> String {
    let noun = if roles.len() == 1 { "role" } else { "roles" };
    format!("{noun} {}", roles.join(", "))
}

/// Returns the end of a membership before the rows.
fn member_end(report: &Report<'_>, resource: ResourceId, subject: SubjectId) -> Option<Timestamp> {
    let SubjectId::User(user) = subject else {
        return None;
    };
    let node = report.before.find(&Locator::id(resource))?;
    let number = report.user_number(user)?;
    let old = report.before.node(node)?.members.get(&number)?;
    old.expires_at().instant()
}

/// Returns the end of a grant before the rows; the outer `None` if it did not exist.
fn old_end(
    report: &Report<'_>,
    resource: ResourceId,
    subject: SubjectId,
    role: &str,
    parameters: &Parameters,
) -> Option<Option<Timestamp>> {
    let before = report.before;
    let node = before.find(&Locator::id(resource))?;
    let key = GrantKey {
        subject: before.subject(subject)?,
        role: before.role_index(role)?,
        parameters: parameters.clone(),
    };
    let (_, old) = before.node(node)?.stored_grant(&key)?;
    Some(old.expires_at().instant())
}
