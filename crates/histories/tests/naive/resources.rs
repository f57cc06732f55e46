//! The tree.

use attache_core::id::{ResourceId, ResourceNumber, UserId};
use attache_core::model::{Giver, Resource};
use attache_core::refusal::Use;
use attache_core::{Command, Refusal};

use super::catalogue::in_use;
use super::facts::{counts, earlier};
use super::gate::Who;
use super::holding::{by_role, work};
use super::run::{id_must_be_free, invalid, key_must_be_free};
use super::{Act, Granted, Place, Tenant};

/// How deep a tree may be.
const DEEPEST: usize = 32;

impl Tenant {
    pub(crate) fn perform_on_resources(
        &mut self,
        act: &Act,
        command: &Command,
    ) -> Result<(), Refusal> {
        match command {
            Command::AddResource { .. } => self.add_resource(act, command),
            Command::ChangeResource {
                resource,
                name,
                key,
            } => {
                let id = self.authorize(&act.by, resource, "change", act.at)?;
                let kind = self.kind_of(id).to_owned();
                let old = self.place(id).map(|place| place.resource.key.clone());
                if let Some(key) = key
                    && old.is_some_and(|old| old != *key)
                {
                    self.key_must_be_good(key.as_ref())?;
                    let others = self.places.iter().map(|place| &place.resource);
                    let others = others.filter(|it| it.id != id && it.kind.as_str() == kind);
                    key_must_be_free(key.as_ref(), others.map(|it| (it.id.0, it.key.as_ref())))?;
                }
                for place in &mut self.places {
                    if place.resource.id == id {
                        let resource = &mut place.resource;
                        resource.name = name.clone().unwrap_or(resource.name.clone());
                        resource.key = key.clone().unwrap_or(resource.key.clone());
                    }
                }
                Ok(())
            }
            Command::MoveResource { resource, parent } => {
                let id = self.authorize(&act.by, resource, "move", act.at)?;
                let parent = self.see(&act.by, parent, act.at)?;
                self.move_resource(act, id, parent)
            }
            Command::RemoveResource { resource } => {
                let id = self.authorize(&act.by, resource, "remove", act.at)?;
                if Some(id) == self.root() {
                    return Err(invalid("resource"));
                }
                let below = self.places.iter().filter(|it| it.parent == Some(id));
                let below: Vec<ResourceId> = below.map(|it| it.resource.id).collect();
                if !below.is_empty() {
                    // What the caller does not see is in the way and not named.
                    let sees = |on: &ResourceId| self.is_seen(&act.by, *on, act.at);
                    let seen = below.into_iter().filter(sees);
                    return Err(in_use(seen.map(Use::Resource).collect()));
                }
                self.grants.retain(|granted| granted.resource != id);
                self.memberships.retain(|one| one.resource != id);
                self.places.retain(|place| place.resource.id != id);
                Ok(())
            }
            _ => unreachable!(),
        }
    }

    fn add_resource(&mut self, act: &Act, command: &Command) -> Result<(), Refusal> {
        let Command::AddResource {
            id,
            kind,
            parent,
            number,
            key,
            name,
        } = command
        else {
            unreachable!();
        };
        let parent = self.see(&act.by, parent, act.at)?;
        let is_small = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let begins = kind.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if !begins || kind.len() > 63 || !kind.bytes().all(is_small) {
            return Err(invalid("kind"));
        }
        self.must_may(&act.by, parent, &format!("{kind}s.add"), act.at)?;
        if &**kind == "tenant" || self.kind(kind).is_none() {
            return Err(invalid("kind"));
        }
        self.must_fit_under(kind, parent)?;
        if self.path(parent).len() >= DEEPEST {
            return Err(invalid("parent"));
        }
        if self.place(*id).is_some() {
            return Err(Refusal::Taken { field: "id" });
        }
        let alike = self.places.iter().map(|place| &place.resource);
        let alike = alike.filter(|it| it.kind.as_str() == &**kind);
        id_must_be_free(id.0, alike.clone().map(|it| (it.id.0, it.key.as_ref())))?;
        self.key_must_be_good(key.as_ref())?;
        key_must_be_free(key.as_ref(), alike.map(|it| (it.id.0, it.key.as_ref())))?;
        let number = self.number(kind, *number)?;
        self.use_number(kind, number);
        self.note(act, "resource", id);
        self.places.push(Place {
            resource: Resource {
                id: *id,
                kind: (**kind).into(),
                number: ResourceNumber(number),
                key: key.clone(),
                name: name.clone(),
                created_at: act.stamp,
                created_by: Giver::UNKNOWN,
            },
            parent: Some(parent),
        });
        Ok(())
    }

    fn must_fit_under(&self, kind: &str, parent: ResourceId) -> Result<(), Refusal> {
        let above = self.kind_of(parent);
        let allowed = self.kind(kind).is_some_and(|kind| {
            let mut parents = kind.parents.iter();
            parents.any(|parent| parent.as_str() == above)
        });
        allowed.then_some(()).ok_or_else(|| invalid("parent"))
    }

    fn move_resource(&mut self, act: &Act, id: ResourceId, to: ResourceId) -> Result<(), Refusal> {
        let kind = self.kind_of(id).to_owned();
        self.must_may(&act.by, to, &format!("{kind}s.move"), act.at)?;
        let above = self.path(id);
        if above.get(1) == Some(&to) {
            return Ok(());
        }
        if Some(id) == self.root() {
            return Err(invalid("resource"));
        }
        self.must_fit_under(&kind, to)?;
        if self.path(to).contains(&id) {
            return Err(invalid("parent"));
        }
        let below = self.places.iter().map(|place| self.path(place.resource.id));
        let levels = below.filter_map(|path| Some(path.iter().position(|it| *it == id)? + 1));
        if self.path(to).len() + levels.max().unwrap_or(1) > DEEPEST {
            return Err(invalid("parent"));
        }
        // Whoever no longer was a member does not become one by the move.
        let (mut gone, mut staying) = (Vec::new(), Vec::new());
        if self.is_from_parent(id) {
            let written = self.memberships.iter().filter(|one| one.resource == id);
            let written = written.map(|one| one.user);
            let (members, others): (Vec<UserId>, Vec<UserId>) =
                written.partition(|user| self.is_member(id, *user, act.at));
            if !members.iter().all(|user| self.is_member(to, *user, act.at)) {
                // Users are in the way, and those are not listed.
                return Err(in_use(Vec::new()));
            }
            (staying, gone) = (members, others);
        }
        self.must_hold_what_comes(act, id, to)?;
        self.may_let_memberships_end_with(act, id, to, &staying)?;
        for user in gone {
            self.detach(id, user);
        }
        for place in &mut self.places {
            if place.resource.id == id {
                place.parent = Some(to);
            }
        }
        Ok(())
    }

    /// Who holds a role above the new place will hold it on what is moved
    /// there: that is a gift of whoever moves it.
    fn must_hold_what_comes(
        &self,
        act: &Act,
        id: ResourceId,
        to: ResourceId,
    ) -> Result<(), Refusal> {
        if self.who_is(&act.by) == Who::Everything {
            return Ok(());
        }
        let old = self.path(id);
        let new = self.path(to);
        let comes = |granted: &&Granted| {
            counts(granted.end, act.at)
                && new.contains(&granted.resource)
                && !old.contains(&granted.resource)
        };
        let mut given = Vec::new();
        for granted in self.grants.iter().filter(comes) {
            if let Some(role) = self.role(&granted.role) {
                let (on, end) = (granted.resource, granted.end);
                given.extend(by_role(id, role, on, &granted.parameters, end));
            }
        }
        self.must_hold(act, None, &given)
    }

    /// Who is a member only as long as it is one above may be one longer in the new
    /// place, or cease to be one earlier.
    fn may_let_memberships_end_with(
        &self,
        act: &Act,
        id: ResourceId,
        to: ResourceId,
        members: &[UserId],
    ) -> Result<(), Refusal> {
        if self.who_is(&act.by) == Who::Everything {
            return Ok(());
        }
        let family = format!("{}s.users", self.kind_of(id));
        let (add, remove) = (format!("{family}.add"), format!("{family}.remove"));
        let mut given = Vec::new();
        for one in self.memberships.iter().filter(|one| one.resource == id) {
            if !members.contains(&one.user) {
                continue;
            }
            let before = self.end_of_membership(id, one.user);
            let after = earlier(one.end, self.end_of_membership(to, one.user));
            if after == before {
                continue;
            }
            if earlier(before, after) == after {
                self.must_may(&act.by, id, &remove, act.at)?;
            } else {
                self.must_may(&act.by, id, &add, act.at)?;
                given.push(work(id, &add, after));
                given.extend(self.what_lasts(act, id, one.user, after));
            }
        }
        self.must_hold(act, None, &given)
    }
}
