//! Which things a question about one resource touches.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use super::{CATALOGUE, DatedChange};
use crate::catalogue::RoleName;
use crate::change::Change;
use crate::id::{EntryId, GroupId, ResourceId, Revision, TenantId, UserId};
use crate::model::{Parameters, SubjectId};
use crate::state::{Stamp, State};
use crate::time::Timestamp;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Focus {
    /// The resource.
    pub resource: ResourceId,
    /// The subject, where only one is asked about; otherwise everybody who is attached to the
    /// resource or was granted something there or above.
    pub subject: Option<SubjectId>,
}

/// What a [`Gathering`] lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// The changes of these things.
    Changes(Vec<Uuid>),
    /// The question touches more things than it may.
    TooMuch,
    /// Nothing: the state can be made.
    Nothing,
}

/// The changes of the things that a question touches, as far as they are there.
#[derive(Debug)]
pub struct Gathering {
    focus: Focus,
    /// How many things it may touch.
    most: usize,
    found: BTreeMap<Uuid, Arc<[DatedChange]>>,
}

impl Gathering {
    /// A gathering without changes. It touches at most so many things.
    #[must_use]
    pub fn new(focus: Focus, most: usize) -> Self {
        Self {
            focus,
            most,
            found: BTreeMap::new(),
        }
    }

    /// Adds the changes of a thing, in their order, up to the moment that is asked about. A
    /// thing without changes has been looked for, too.
    pub fn add(&mut self, thing: Uuid, changes: Arc<[DatedChange]>) {
        self.found.insert(thing, changes);
    }

    /// What is lacking. Takes time in proportion to the changes.
    #[must_use]
    pub fn lacking(&self) -> Lacking {
        let mut wanted = BTreeSet::from([CATALOGUE]);
        let mut groups = BTreeSet::new();
        let mut above = Some(self.focus.resource);
        let mut former = Vec::new();
        while let Some(resource) = above.take().filter(|it| wanted.insert(it.0)) {
            let Some(changes) = self.found.get(&resource.0) else {
                break;
            };
            let place = Place::of(resource, changes);
            let is_focus = resource == self.focus.resource;
            if place.is_root && is_focus && self.focus.subject.is_none() {
                // Every user is a member of the root.
                return Lacking::TooMuch;
            }
            for subject in place.granted() {
                match subject {
                    SubjectId::Group(group) => drop(groups.insert(group)),
                    other => self.touch(other, &mut wanted),
                }
            }
            if is_focus {
                for user in &place.members {
                    self.touch(SubjectId::User(*user), &mut wanted);
                }
            }
            above = place.parent;
            former.extend(place.parents);
        }
        // What a resource once stood under must be there when it is put there.
        while let Some(resource) = former.pop() {
            if wanted.insert(resource.0) {
                let changes = self.changes_of(resource.0);
                former.extend(Place::of(resource, changes).parents);
            }
        }
        if let Some(subject) = self.focus.subject {
            self.touch(subject, &mut wanted);
            if let SubjectId::Group(group) = subject {
                groups.insert(group);
            }
        }
        for group in groups {
            wanted.insert(group.0);
            for user in self.users_of(group) {
                self.touch(SubjectId::User(user), &mut wanted);
            }
        }
        if wanted.len() > self.most {
            return Lacking::TooMuch;
        }
        let is_lacking = |thing: &Uuid| !self.found.contains_key(thing);
        let lacking: Vec<Uuid> = wanted.into_iter().filter(is_lacking).collect();
        match lacking.is_empty() {
            true => Lacking::Nothing,
            false => Lacking::Changes(lacking),
        }
    }

    /// A subject that is touched, unless another one is asked about.
    fn touch(&self, subject: SubjectId, wanted: &mut BTreeSet<Uuid>) {
        if self.focus.subject.is_some_and(|only| only != subject) {
            return;
        }
        wanted.insert(match subject {
            SubjectId::User(id) => id.0,
            SubjectId::Group(id) => id.0,
            SubjectId::Service(id) => id.0,
        });
    }

    fn users_of(&self, group: GroupId) -> BTreeSet<UserId> {
        let mut users = BTreeSet::new();
        for dated in self.changes_of(group.0) {
            match &dated.change {
                Change::GroupUserAdded { group: own, user } if *own == group => {
                    users.insert(*user);
                }
                Change::GroupUserRemoved { group: own, user } if *own == group => {
                    users.remove(user);
                }
                Change::GroupRemoved { group: own } if *own == group => users.clear(),
                _ => {}
            }
        }
        users
    }

    fn changes_of(&self, thing: Uuid) -> &[DatedChange] {
        self.found.get(&thing).map_or(&[], |changes| changes)
    }

    /// The state at an entry, of the things that were gathered and of nothing else. What a
    /// question about the focus looks at is as in the whole state.
    #[must_use]
    pub fn state(
        self,
        tenant: TenantId,
        revision: Revision,
        last_entry: EntryId,
        at: Timestamp,
    ) -> State {
        let mut all: Vec<&DatedChange> = self.found.values().flat_map(|it| it.iter()).collect();
        all.sort_unstable_by_key(|dated| (dated.revision, dated.place));
        let mut state = State::empty(tenant);
        for dated in all {
            let stamp = Stamp {
                at: dated.at,
                actor: dated.actor,
                origin: state.origin_number(dated.origin),
            };
            state.apply_alone(dated, stamp);
        }
        state.stand_at(revision, last_entry, at);
        state
    }
}

/// What stands written at a resource.
#[derive(Debug, Default)]
struct Place<'a> {
    is_root: bool,
    parent: Option<ResourceId>,
    /// All under which it ever stood.
    parents: BTreeSet<ResourceId>,
    members: BTreeSet<UserId>,
    grants: HashMap<SubjectId, Vec<(&'a RoleName, &'a Parameters)>>,
}

impl<'a> Place<'a> {
    /// Of a resource, by its changes. What has ended stands written until a change says so.
    fn of(resource: ResourceId, changes: &'a [DatedChange]) -> Self {
        let mut place = Self::default();
        let own = |other: &ResourceId| *other == resource;
        for dated in changes {
            match &dated.change {
                Change::TenantCreated { root, .. } if own(root) => place.is_root = true,
                Change::ResourceAdded {
                    resource, parent, ..
                }
                | Change::ResourceMoved { resource, parent }
                    if own(resource) =>
                {
                    place.parent = Some(*parent);
                    place.parents.insert(*parent);
                }
                Change::ResourceRemoved { resource } if own(resource) => {
                    place = Self {
                        parents: std::mem::take(&mut place.parents),
                        ..Self::default()
                    };
                }
                Change::MemberAdded { resource, user, .. } if own(resource) => {
                    place.members.insert(*user);
                }
                Change::MemberRemoved { resource, user }
                | Change::MemberExpired { resource, user }
                    if own(resource) =>
                {
                    place.members.remove(user);
                }
                Change::RoleGranted {
                    resource,
                    subject,
                    role,
                    parameters,
                    ..
                } if own(resource) => {
                    let held = place.grants.entry(*subject).or_default();
                    if !held.contains(&(role, parameters)) {
                        held.push((role, parameters));
                    }
                }
                Change::RoleRevoked {
                    resource,
                    subject,
                    role,
                    parameters,
                }
                | Change::GrantExpired {
                    resource,
                    subject,
                    role,
                    parameters,
                } if own(resource) => {
                    if let Some(held) = place.grants.get_mut(subject) {
                        held.retain(|one| *one != (role, parameters));
                    }
                }
                _ => {}
            }
        }
        place
    }

    fn granted(&self) -> impl Iterator<Item = SubjectId> {
        let held = self.grants.iter().filter(|(_, held)| !held.is_empty());
        held.map(|(subject, _)| *subject)
    }
}
