//! Memberships.

use attache_core::id::{ResourceId, UserId};
use attache_core::model::SubjectId;
use attache_core::time::Timestamp;
use attache_core::{Caller, Command, Refusal};

use super::facts::{End, earlier};
use super::gate::Who;
use super::holding::work;
use super::run::{invalid, must_be_to_come, unknown};
use super::{Act, Attached, Tenant};

impl Tenant {
    pub(crate) fn perform_on_members(
        &mut self,
        act: &Act,
        command: &Command,
    ) -> Result<(), Refusal> {
        match command {
            Command::AddMember {
                resource,
                user,
                expires_at,
            } => {
                let on = self.authorize(&act.by, resource, "users.add", act.at)?;
                must_be_to_come(act, *expires_at)?;
                let is_root = self.place(on).is_some_and(|place| place.parent.is_none());
                if is_root && expires_at.is_some() {
                    return Err(invalid("expires_at"));
                }
                let Some(user) = self.find_user(user) else {
                    if self.may_list(act, "users") {
                        return Err(unknown("user"));
                    }
                    if is_root {
                        return Ok(());
                    }
                    self.may_attach_until(act, on, *expires_at)?;
                    return Err(match self.is_from_parent(on) {
                        true => self.not_in_parent(on, Vec::new()),
                        false => unknown("user"),
                    });
                };
                if self.is_member(on, user, act.at) {
                    return Ok(());
                }
                self.may_attach_until(act, on, *expires_at)?;
                if !self.fits_in(on, user, act.at) {
                    return Err(self.not_in_parent(on, Vec::new()));
                }
                self.attach(act, on, user, *expires_at);
                Ok(())
            }
            Command::ChangeMember {
                resource,
                user,
                expires_at,
            } => {
                let what = ["users.add", "users.remove"];
                let on = self.authorize_either(act, resource, what)?;
                self.must_not_be_root(on)?;
                must_be_to_come(act, *expires_at)?;
                let Some(user) = self.find_user(user) else {
                    return Err(match self.may_list(act, "users") {
                        true => unknown("user"),
                        false => self.not_a_member(on),
                    });
                };
                if !self.is_member(on, user, act.at) {
                    return Err(self.not_a_member(on));
                }
                let old = self.memberships.iter();
                let mut old = old.filter(|one| one.resource == on && one.user == user);
                let old_end = old.next().and_then(|one| one.end);
                if old_end == *expires_at {
                    return Ok(());
                }
                let family = format!("{}s.users", self.kind_of(on));
                if earlier(old_end, *expires_at) == old_end {
                    let permission = format!("{family}.add");
                    self.must_may(&act.by, on, &permission, act.at)?;
                    let mut given = self.what_lasts(act, on, user, *expires_at);
                    given.push(work(on, &permission, *expires_at));
                    self.must_hold(act, Some("expires_at"), &given)?;
                } else {
                    self.must_may(&act.by, on, &format!("{family}.remove"), act.at)?;
                }
                for one in &mut self.memberships {
                    if one.resource == on && one.user == user {
                        one.updated_at = act.stamp;
                        one.end = *expires_at;
                    }
                }
                Ok(())
            }
            Command::RemoveMember { resource, user } => {
                let on = self.authorize(&act.by, resource, "users.remove", act.at)?;
                self.must_not_be_root(on)?;
                let Some(user) = self.find_user(user) else {
                    return match self.may_list(act, "users") {
                        true => Err(unknown("user")),
                        false => Ok(()),
                    };
                };
                if self.is_member(on, user, act.at) {
                    self.detach(on, user);
                }
                Ok(())
            }
            Command::SyncMembers {
                resource,
                users,
                expires_at,
                allow_mass_detach,
            } => {
                let on = self.authorize(&act.by, resource, "users.add", act.at)?;
                self.authorize(&act.by, resource, "users.remove", act.at)?;
                self.must_not_be_root(on)?;
                must_be_to_come(act, *expires_at)?;
                let found: Vec<_> = users.iter().map(|user| self.find_user(user)).collect();
                self.sync(act, on, &found, *expires_at, *allow_mass_detach)
            }
            _ => unreachable!(),
        }
    }

    fn sync(
        &mut self,
        act: &Act,
        on: ResourceId,
        wanted: &[Option<UserId>],
        end: End,
        allow_mass_detach: bool,
    ) -> Result<(), Refusal> {
        let unknown: Vec<usize> = (0..wanted.len()).filter(|i| wanted[*i].is_none()).collect();
        if !unknown.is_empty() && self.may_list(act, "users") {
            return Err(Refusal::UnknownUsers { positions: unknown });
        }
        let mut joining = Vec::new();
        let mut strangers = Vec::new();
        for (position, user) in wanted.iter().enumerate() {
            let Some(user) = user else {
                strangers.push(position);
                continue;
            };
            // Somebody who is named twice stands where it is named first.
            if joining.contains(user) || self.is_member(on, *user, act.at) {
                continue;
            }
            joining.push(*user);
            if !self.fits_in(on, *user, act.at) {
                strangers.push(position);
            }
        }
        if !joining.is_empty() || !unknown.is_empty() {
            self.may_attach_until(act, on, end)?;
        }
        if !unknown.is_empty() && !self.is_from_parent(on) {
            return Err(Refusal::UnknownUsers { positions: unknown });
        }
        if !strangers.is_empty() {
            return Err(self.not_in_parent(on, strangers));
        }
        let users: Vec<UserId> = self.users.iter().map(|user| user.id).collect();
        let members = users
            .into_iter()
            .filter(|user| self.is_member(on, *user, act.at));
        let members: Vec<UserId> = members.collect();
        let of = members.len();
        let leaving = members
            .into_iter()
            .filter(|user| !wanted.contains(&Some(*user)));
        let leaving: Vec<UserId> = leaving.collect();
        if !allow_mass_detach && of > 9 && leaving.len() > of - leaving.len() {
            return Err(Refusal::MassDetach {
                detached: leaving.len(),
                of,
            });
        }
        for user in leaving {
            self.detach(on, user);
        }
        // They get their numbers in the order of the users.
        let number = |tenant: &Self, id: &UserId| tenant.user(*id).map(|user| user.number);
        joining.sort_by_key(|id| number(self, id));
        for user in joining {
            self.attach(act, on, user, end);
        }
        Ok(())
    }

    /// Who attaches somebody must be able to as long as the membership lasts.
    fn may_attach_until(&self, act: &Act, on: ResourceId, end: End) -> Result<(), Refusal> {
        let permission = format!("{}s.users.add", self.kind_of(on));
        self.must_hold(act, Some("expires_at"), &[work(on, &permission, end)])
    }

    /// A new membership. What an old one left behind does not come back with it.
    fn attach(&mut self, act: &Act, on: ResourceId, user: UserId, end: Option<Timestamp>) {
        self.detach(on, user);
        self.memberships_ever += 1;
        self.memberships.push(Attached {
            number: self.memberships_ever,
            resource: on,
            user,
            added_at: act.stamp,
            added_by: act.by.actor,
            origin: act.origin,
            updated_at: act.stamp,
            end,
        });
    }

    /// Somebody's own roles on a resource changed, and with them its membership there.
    pub(crate) fn note_roles(&mut self, act: &Act, on: ResourceId, subject: SubjectId) {
        let SubjectId::User(user) = subject else {
            return;
        };
        if self.root() == Some(on) {
            self.root_roles.retain(|(other, _)| *other != user);
            self.root_roles.push((user, act.stamp));
        }
        for one in &mut self.memberships {
            if one.resource == on && one.user == user {
                one.updated_at = act.stamp;
            }
        }
    }

    /// When a membership last changed. That of the root comes with the user.
    pub(crate) fn updated_at(&self, on: ResourceId, user: UserId) -> Option<Timestamp> {
        if self.root() == Some(on) {
            let roles = self.root_roles.iter().find(|(other, _)| *other == user);
            let added = self.user(user)?.created_at;
            return Some(roles.map_or(added, |(_, at)| *at));
        }
        let mut memberships = self.memberships.iter();
        let found = memberships.find(|one| one.resource == on && one.user == user)?;
        Some(found.updated_at)
    }

    /// The membership of a number, if it counts, to a caller that may list the users there, or
    /// is the user and sees the resource.
    pub(crate) fn membership_of_number(
        &self,
        by: &Caller,
        number: u32,
        at: Timestamp,
    ) -> Option<&Attached> {
        let mut memberships = self.memberships.iter();
        let found = memberships.find(|one| one.number == number)?;
        let counts = self.is_member(found.resource, found.user, at);
        let list = format!("{}s.users.list", self.kind_of(found.resource));
        let may_list = self.holds(by, &list, found.resource, at);
        let is_own = self.who_is(by) == Who::Somebody(SubjectId::User(found.user))
            && self.is_seen(by, found.resource, at);
        (counts && (may_list || is_own)).then_some(found)
    }

    /// A membership goes, with the user's grants there, and with the
    /// memberships below that depend on it.
    pub(crate) fn detach(&mut self, on: ResourceId, user: UserId) {
        let is_it = |one: &Attached| one.resource == on && one.user == user;
        if !self.memberships.iter().any(is_it) {
            return;
        }
        self.memberships.retain(|one| !is_it(one));
        self.grants
            .retain(|granted| granted.resource != on || granted.subject != SubjectId::User(user));
        let below = self.places.iter().filter(|place| place.parent == Some(on));
        let below: Vec<ResourceId> = below.map(|place| place.resource.id).collect();
        for child in below {
            if self.is_from_parent(child) {
                self.detach(child, user);
            }
        }
    }

    /// Whether the resource above lets a user be a member of this one.
    fn fits_in(&self, on: ResourceId, user: UserId, at: Timestamp) -> bool {
        let parent = self.place(on).and_then(|place| place.parent);
        parent.is_none_or(|parent| !self.is_from_parent(on) || self.is_member(parent, user, at))
    }

    fn must_not_be_root(&self, on: ResourceId) -> Result<(), Refusal> {
        match self.root() == Some(on) {
            true => Err(invalid("resource")),
            false => Ok(()),
        }
    }

    pub(crate) fn not_a_member(&self, on: ResourceId) -> Refusal {
        Refusal::NotAMember {
            kind: self.kind_of(on).into(),
        }
    }

    fn not_in_parent(&self, on: ResourceId, positions: Vec<usize>) -> Refusal {
        let parent = self.place(on).and_then(|place| place.parent);
        Refusal::NotInParent {
            kind: self.kind_of(on).into(),
            parent: parent.map_or("", |parent| self.kind_of(parent)).into(),
            positions,
        }
    }
}
