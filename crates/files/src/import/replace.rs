//! Replacing files: what they do not name is removed.
//!
//! A file replaces the members, grants or users of the resources or groups that its rows
//! name, and leaves others alone. As in a sync, removing more than half of ten or more at
//! once must be allowed explicitly.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use attache_core::command::GrantRef;
use attache_core::id::{GroupNumber, Node, UserNumber};
use attache_core::model::{GrantKey, Subject, SubjectId};
use attache_core::{Command, Locator, Ref, Refusal, State};

use super::fault::{Spot, counted};
use super::given::{self, Given, subject_ref};
use super::labels;
use super::membership_row::Placed;
use super::work::Work;
use crate::export::rows::counts;

/// The size from which removing more than half may be a mistake.
const MANY: usize = 10;

/// The files that replace what exists, for the things that they name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replace {
    /// `memberships.csv` replaces the members of each resource that it names.
    pub memberships: bool,
    /// `grants.csv` replaces the grants on each resource that it names, of all subjects.
    pub grants: bool,
    /// `group_users.csv` replaces the users of each group that it names.
    pub group_users: bool,
}

impl Replace {
    /// Returns whether any file replaces.
    #[must_use]
    pub fn is_any(self) -> bool {
        self.memberships || self.grants || self.group_users
    }
}

impl FromStr for Replace {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut replace = Self::default();
        for word in text.split(',') {
            let which = match word.trim() {
                "memberships" => &mut replace.memberships,
                "grants" => &mut replace.grants,
                "group_users" => &mut replace.group_users,
                _ => {
                    return Err(
                        "must be memberships, grants or group_users, or some of them with commas between",
                    );
                }
            };
            if std::mem::replace(which, true) {
                return Err("names a file twice");
            }
        }
        Ok(replace)
    }
}

impl fmt::Display for Replace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (self.memberships, "memberships"),
            (self.grants, "grants"),
            (self.group_users, "group_users"),
        ];
        let words: Vec<&str> = words
            .iter()
            .filter_map(|(is_one, word)| is_one.then_some(*word))
            .collect();
        f.write_str(&words.join(","))
    }
}

impl Work<'_> {
    /// Returns whether all rows of a file could be read. If not, nothing is removed,
    /// since that would only cause more faults.
    fn is_whole(&self, file: &str) -> bool {
        !self.following.is_any() && self.faults.iter().all(|fault| fault.file != file)
    }

    /// Checks that `gone` of `of` may be removed at once. Reports a fault otherwise.
    fn may_take(&mut self, spot: Spot, column: &str, gone: usize, of: usize, what: &str) -> bool {
        let is_mass = of >= MANY && gone * 2 > of;
        if is_mass && !self.options.allow_mass_detach {
            let cause = format!(
                "would take away {gone} of {of} {what}: more than half of ten or more; --allow-mass-detach allows it"
            );
            self.wrong(spot.fault(column, cause));
            return false;
        }
        true
    }
}

/// Detaches from each named resource those users whom no row attaches.
pub(super) fn memberships(rows: &[Placed<'_>], work: &mut Work<'_>) {
    // By depth: leaving a workspace also leaves its chatbots.
    let mut named: BTreeMap<(usize, Node), (Spot, BTreeSet<UserNumber>)> = BTreeMap::new();
    let following = work.following.clone();
    for (depth, found, row) in rows {
        let node = found.or_else(|| work.resource(row.spot, "resource", &row.resource));
        let Some(node) = node else { continue };
        let wanted = named
            .entry((*depth, node))
            .or_insert_with(|| (row.spot, BTreeSet::new()));
        let end = row.expires_at.flatten();
        if row.user.is_empty() || end.is_some_and(|end| end <= work.ambient.now()) {
            continue;
        }
        if let Some(user) = work.user(row.spot, "user", &row.user) {
            wanted.1.insert(user);
        }
    }
    let is_whole = work.is_whole("memberships.csv");
    // The resources of the rows are looked up again, with their faults, row by row.
    work.forget_faults();
    work.following = following;
    if !is_whole {
        return;
    }
    let root = work.draft.state().root();
    for ((_, node), (spot, wanted)) in &named {
        if *node != root {
            detach(*node, *spot, wanted, work);
        }
    }
    let places: BTreeSet<Node> = named.keys().map(|(_, node)| *node).collect();
    let others = work.draft.state().resources();
    let others = others.filter(|(node, found)| {
        *node != root && !found.members.is_empty() && !places.contains(node)
    });
    note_others(others.count(), "memberships.csv", "members", work);
    work.step_over();
}

fn detach(node: Node, spot: Spot, wanted: &BTreeSet<UserNumber>, work: &mut Work<'_>) {
    let (state, now) = (work.draft.state(), work.ambient.now());
    let members: Vec<UserNumber> = state
        .view(now)
        .members(node)
        .map(|member| member.user().number)
        .collect();
    let of = members.len();
    let leaving: Vec<UserNumber> = members
        .into_iter()
        .filter(|user| !wanted.contains(user))
        .collect();
    let what = format!("members of {}", labels::node(state, node));
    let id = state.resource(node).map(|resource| resource.id);
    if !work.may_take(spot, "user", leaving.len(), of, &what) {
        return;
    }
    for user in leaving {
        if let Some(id) = id {
            let command = Command::RemoveMember {
                resource: Locator::id(id),
                user: Ref::Number(user.0),
            };
            work.run(spot, &command, |_| "user");
        }
    }
}

/// Revokes on each named resource those grants that no row gives.
pub(super) fn grants(named: &BTreeMap<Node, Spot>, given: &Given<'_>, work: &mut Work<'_>) {
    if !work.is_whole(given::FILE) {
        return;
    }
    let root = work.draft.state().root();
    // On the root last, since the caller needs its own roles there until the end.
    let places = named.iter().filter(|(node, _)| **node != root);
    let places = places.chain(named.get_key_value(&root));
    for (node, spot) in places {
        revoke(*node, *spot, given, work);
    }
    let others = work.draft.state().resources();
    let others =
        others.filter(|(node, found)| !found.grants.is_empty() && !named.contains_key(node));
    note_others(others.count(), "grants.csv", "grants", work);
    work.step_over();
}

fn revoke(node: Node, spot: Spot, given: &Given<'_>, work: &mut Work<'_>) {
    let (state, now) = (work.draft.state(), work.ambient.now());
    let Some(found) = state.node(node) else {
        return;
    };
    let is_given = |key: &GrantKey| {
        let parameters = key.parameters.canonical();
        let by = state
            .role(key.role)
            .and_then(|role| given.get(&(node, key.subject, role.name.as_str(), &parameters)));
        by.is_some_and(|by| by.is_live)
    };
    let held = || {
        let all = found.grants.iter();
        all.filter(|(key, grant)| counts(state.view(now), node, key, grant))
            .map(|(key, _)| key)
    };
    let mut leaving: Vec<GrantKey> = held().filter(|key| !is_given(key)).cloned().collect();
    let keeping: BTreeSet<Subject> = held()
        .filter(|key| is_given(key))
        .map(|key| key.subject)
        .collect();
    let what = format!("subjects with roles on {}", labels::node(state, node));
    // The subjects with a role before the file, and those of them without one afterwards.
    let had = subjects_before(work, node);
    let losing = had
        .iter()
        .filter(|subject| !keeping.contains(subject))
        .count();
    if !work.may_take(spot, "subject", losing, had.len(), &what) {
        return;
    }
    let state = work.draft.state();
    leaving.sort_by_key(|key| is_needed_longest(work, state, key));
    let id = state.resource(node).map(|resource| resource.id);
    for key in leaving {
        let role = work.draft.state().role(key.role);
        let (Some(id), Some(role)) = (id, role) else {
            continue;
        };
        let grant = GrantRef {
            resource: Locator::id(id),
            subject: subject_ref(key.subject),
            role: role.name.as_str().into(),
            parameters: key.parameters,
        };
        work.run(spot, &Command::Revoke { grant }, |refusal| match refusal {
            Refusal::LastAdmin => "role",
            _ => "subject",
        });
    }
}

/// Returns the subjects with a role on a resource before the rows.
fn subjects_before(work: &Work<'_>, node: Node) -> BTreeSet<Subject> {
    let (before, now) = (work.before, work.ambient.now());
    let found = before.node(node).into_iter();
    let grants = found.flat_map(|found| found.grants.iter());
    let grants = grants.filter(|(key, grant)| counts(before.view(now), node, key, grant));
    grants.map(|(key, _)| key.subject).collect()
}

/// Returns the sort key of a grant to revoke: grants that may give the caller its
/// permissions (a group's or its own) come last, and among them the most powerful ones.
fn is_needed_longest(work: &Work<'_>, state: &State, key: &GrantKey) -> (bool, bool) {
    let own = state.subject_id(key.subject);
    let is_callers = match own {
        Some(SubjectId::Group(_)) => true,
        Some(id) => Some(id) == work.caller,
        None => false,
    };
    let is_admin = state
        .role(key.role)
        .is_some_and(|role| role.permissions.iter().any(|it| it.as_str() == "*"));
    (is_callers, is_callers && is_admin)
}

/// Removes from each named group those users whom no row adds.
pub(super) fn group_users(
    named: &BTreeMap<GroupNumber, Spot>,
    given: &HashMap<(GroupNumber, UserNumber), u64>,
    work: &mut Work<'_>,
) {
    if !work.is_whole("group_users.csv") {
        return;
    }
    for (group, spot) in named {
        let state = work.draft.state();
        let Some(row) = state.group_node(*group) else {
            continue;
        };
        let is_given = |user: &UserNumber| given.contains_key(&(*group, *user));
        let leaving: Vec<UserNumber> = row
            .users
            .keys()
            .copied()
            .filter(|user| !is_given(user))
            .collect();
        let before = work.before.group_node(*group);
        let of = before.map_or(0, |before| before.users.len());
        let id = SubjectId::Group(row.group.id);
        let what = format!(
            "users of {}",
            labels::subject(state, id).unwrap_or_default()
        );
        if !work.may_take(*spot, "user", leaving.len(), of, &what) {
            continue;
        }
        for user in leaving {
            let command = Command::RemoveGroupUser {
                group: Ref::Number(group.0),
                user: Ref::Number(user.0),
            };
            work.run(*spot, &command, |_| "user");
        }
    }
    let others = work.draft.state().groups();
    let others =
        others.filter(|row| !row.users.is_empty() && !named.contains_key(&row.group.number));
    let count = others.count();
    if count > 0 {
        work.notes.push(format!(
            "group_users.csv does not name {} with users: {}",
            counted(count, "group"),
            as_before(count)
        ));
    }
    work.step_over();
}

/// Returns what happens to things that a file does not name.
fn as_before(count: usize) -> &'static str {
    match count {
        1 => "it stays as it is",
        _ => "they stay as they are",
    }
}

fn note_others(count: usize, file: &str, what: &str, work: &mut Work<'_>) {
    if count > 0 {
        work.notes.push(format!(
            "{file} does not name {} with {what}: {}",
            counted(count, "resource"),
            as_before(count)
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_with_commas_between_them_each_once() {
        let read = |text: &str| text.parse::<Replace>();
        let both = Replace {
            memberships: true,
            grants: true,
            group_users: false,
        };
        assert_eq!(read("memberships,grants"), Ok(both));
        assert_eq!(read("grants, memberships"), Ok(both));
        assert_eq!(both.to_string(), "memberships,grants");
        assert_eq!(read("grants").map(|it| it.memberships), Ok(false));
        for text in [
            "",
            "users",
            "all",
            "grants,",
            "Grants",
            "memberships;grants",
        ] {
            assert!(
                read(text).unwrap_err().contains("must be memberships"),
                "{text}"
            );
        }
        assert_eq!(read("grants,grants"), Err("names a file twice"));
    }
}
