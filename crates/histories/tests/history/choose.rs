//! Choosing among what is there, and now and then what is not.

use attache_core::command::SubjectRef;
use attache_core::id::{Key, MembershipNumber, ResourceId};
use attache_core::{HeadRequest, Locator, Origin, Ref, Timestamp};
use uuid::Uuid;

use super::random::Random;
use super::universe::{
    GROUPS, KEYS, RESOURCES, SERVICES, USERS, group, keys, resource, service, user,
};
use crate::naive::{Place, Tenant};

/// What a step is chosen from.
pub(crate) struct Chooser<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) tenant: &'a Tenant,
    pub(crate) at: Timestamp,
}

impl Chooser<'_> {
    /// By id, by number, by key, by the text of the id.
    fn name_of(&mut self, id: Uuid, number: u32, key: Option<&Key>) -> Ref {
        match (self.random.below(10), key) {
            (0..4, _) => Ref::Id(id),
            (4..6, _) => Ref::Number(number),
            (6, Some(key)) => Ref::text(key.as_str()),
            (7, Some(key)) => Ref::key(key.as_str()),
            (8, _) => Ref::text(&format!("#{number}")),
            _ => Ref::text(&id.to_string()),
        }
    }

    /// Something of which it is unknown whether it is there.
    fn perhaps(&mut self, id: Uuid) -> Ref {
        match self.random.below(4) {
            0 => Ref::Number(self.random.below(9) as u32),
            1 => Ref::text(keys()[self.random.below(KEYS)].as_str()),
            _ => Ref::Id(id),
        }
    }

    pub(crate) fn user(&mut self) -> Ref {
        let tenant = self.tenant;
        match self.random.of(&tenant.users) {
            Some(user) if self.random.percent(95) => {
                self.name_of(user.id.0, user.number.0, user.key.as_ref())
            }
            _ => {
                let id = user(1 + self.random.below(USERS)).0;
                self.perhaps(id)
            }
        }
    }

    /// What an entry is to say: of most only the door.
    pub(crate) fn head(&mut self) -> HeadRequest {
        let doors = ["unknown", "api", "voicebot", "import", "scim:entra"];
        let door = doors[self.random.below(doors.len())];
        let (for_whom, approved) = (self.random.percent(8), self.random.percent(4));
        HeadRequest {
            origin: Origin::new(door).expect("it is an origin"),
            on_behalf_of: for_whom.then(|| self.user()),
            approved_by: approved.then(|| self.user()),
            reason: None,
        }
    }

    pub(crate) fn group(&mut self) -> Ref {
        let tenant = self.tenant;
        match self.random.of(&tenant.groups) {
            Some(group) if self.random.percent(95) => {
                self.name_of(group.id.0, group.number.0, group.key.as_ref())
            }
            _ => {
                let id = group(1 + self.random.below(GROUPS)).0;
                self.perhaps(id)
            }
        }
    }

    pub(crate) fn service(&mut self) -> Ref {
        let tenant = self.tenant;
        match self.random.of(&tenant.services) {
            Some(service) if self.random.percent(95) => {
                self.name_of(service.id.0, service.number.0, service.key.as_ref())
            }
            _ => {
                let id = service(1 + self.random.below(SERVICES)).0;
                self.perhaps(id)
            }
        }
    }

    /// A member of a resource, if there is one to be had.
    pub(crate) fn member(&mut self, on: Option<ResourceId>) -> Ref {
        let tenant = self.tenant;
        let members = tenant.memberships.iter();
        let members: Vec<_> = members.filter(|one| Some(one.resource) == on).collect();
        match self.random.of(&members) {
            Some(one) if self.random.percent(85) => match self.random.below(4) {
                0 => Ref::OfMembership(MembershipNumber(one.number)),
                _ => Ref::Id(one.user.0),
            },
            _ => self.user(),
        }
    }

    pub(crate) fn subject(&mut self, on: Option<ResourceId>) -> SubjectRef {
        match self.random.weighed(&[65, 20, 15]) {
            0 => SubjectRef::User(self.member(on)),
            1 => SubjectRef::Group(self.group()),
            _ => SubjectRef::Service(self.service()),
        }
    }

    /// A resource of these kinds, and a locator that means it.
    pub(crate) fn place(&mut self, kinds: &[&str]) -> (Option<ResourceId>, Locator) {
        let tenant = self.tenant;
        let fits =
            |place: &&Place| kinds.is_empty() || kinds.contains(&place.resource.kind.as_str());
        let places: Vec<&Place> = tenant.places.iter().filter(fits).collect();
        match self.random.of(&places) {
            Some(place) if self.random.percent(96) => {
                (Some(place.resource.id), self.locator(place))
            }
            _ => {
                let id = resource(self.random.below(RESOURCES + 1)).0;
                let kind = [
                    "reseller",
                    "customer",
                    "workspace",
                    "chatbot",
                    "room",
                    "planet",
                ];
                let reference = self.perhaps(id);
                (None, Locator::of(kind[self.random.below(6)], reference))
            }
        }
    }

    fn locator(&mut self, place: &Place) -> Locator {
        let one = &place.resource;
        if self.random.percent(30) {
            return Locator::id(one.id);
        }
        let mut memberships = self.tenant.memberships.iter();
        if let Some(there) = memberships.find(|it| it.resource == one.id)
            && self.random.percent(10)
        {
            return Locator::of_membership(MembershipNumber(there.number));
        }
        let reference = self.name_of(one.id.0, one.number.0, one.key.as_ref());
        let locator = Locator::of(one.kind.as_str(), reference);
        let above = match self.random.below(20) {
            0 => place.parent,
            1 => self.random.of(&self.tenant.places).map(|it| it.resource.id),
            _ => None,
        };
        match above {
            Some(above) => locator.under(Locator::id(above)),
            None => locator,
        }
    }

    /// An end, soon enough to be seen.
    pub(crate) fn end(&mut self) -> Option<Timestamp> {
        let ticks = match self.random.below(20) {
            0..11 => return None,
            11..19 => 1 + self.random.below(6) as i64,
            _ => -(self.random.below(2) as i64),
        };
        Some(Timestamp::from_millis(self.at.as_millis() + ticks))
    }

    /// The end of a credential: seldom one, and seldom one that is over.
    pub(crate) fn credential_end(&mut self) -> Option<Timestamp> {
        let end = self.end();
        end.filter(|_| self.random.percent(30))
    }

    pub(crate) fn key(&mut self) -> Option<Key> {
        let keys = keys();
        self.random
            .percent(30)
            .then(|| keys[self.random.weighed(&[6, 6, 5, 4, 4, 2, 1])].clone())
    }

    pub(crate) fn number(&mut self) -> Option<u32> {
        match self.random.below(40) {
            0 => Some(0),
            1..6 => Some(1 + self.random.below(9) as u32),
            6 if self.random.percent(20) => Some(2_147_483_647 + self.random.below(2) as u32),
            _ => None,
        }
    }
}
