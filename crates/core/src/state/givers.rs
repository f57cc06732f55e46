//! Who gave facts, and through which door: each actor and origin once, so that a fact names
//! both by one small number.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::State;
use super::index::{Index, hash};
use super::persistent_vec::PersistentVec;
use crate::caller::Actor;
use crate::id::{Node, UserNumber};
use crate::model::{Giver, Membership, User};
use crate::origin::Origin;

/// Where an origin stands among those of a state. 0 is the unknown one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct OriginNumber(u16);

/// An actor, and the door through which it came.
pub(super) type ActorThrough = (Actor, OriginNumber);

/// The actors that ever gave a fact, in the order in which they first did through a door.
#[derive(Clone, Debug, Default)]
pub(super) struct Givers {
    actors: PersistentVec<ActorThrough>,
    /// Finds the number of an actor with an origin.
    index: Index,
    /// The one that was noted last: facts of one entry have one giver.
    last: Option<(ActorThrough, Giver)>,
    /// The origins but the unknown one, in the order in which they came.
    origins: Arc<Vec<Origin>>,
}

impl Givers {
    pub(super) fn from_origins(origins: Vec<Origin>) -> Self {
        Self {
            origins: Arc::new(origins),
            ..Self::default()
        }
    }

    /// The number of an origin, which is given one if it has none yet. A state tells 65,535
    /// origins apart; those that come later are unknown to it.
    pub(super) fn origin(&mut self, origin: Origin) -> OriginNumber {
        if origin == Origin::UNKNOWN {
            return OriginNumber::default();
        }
        let place = self.origins.iter().position(|known| *known == origin);
        let place = place.unwrap_or(self.origins.len());
        let Some(number) = u16::try_from(place).ok().and_then(|it| it.checked_add(1)) else {
            return OriginNumber::default();
        };
        if place == self.origins.len() {
            Arc::make_mut(&mut self.origins).push(origin);
        }
        OriginNumber(number)
    }

    /// The number of an actor that came through a door, which is given one if it has none yet.
    pub(super) fn note(&mut self, actor: Actor, origin: OriginNumber) -> Giver {
        let who = (actor, origin);
        if let Some((last, giver)) = self.last
            && last == who
        {
            return giver;
        }
        let hash = hash(who);
        let is_it = |number: &u32| self.actors.get(*number as usize) == Some(&who);
        let found = self.index.find(hash).find(is_it).map(Giver);
        let giver = found.unwrap_or_else(|| self.add(who, hash));
        self.last = Some((who, giver));
        giver
    }

    fn add(&mut self, who: ActorThrough, hash: u64) -> Giver {
        let number = u32::try_from(self.actors.end()).map_or(Giver::UNKNOWN, Giver);
        if number >= Giver::UNKNOWN {
            return Giver::UNKNOWN;
        }
        self.actors.set(number.0 as usize, who);
        self.index.insert(hash, number.0);
        number
    }

    /// Adds those that a snapshot has, in their order.
    pub(super) fn add_all(&mut self, all: impl IntoIterator<Item = ActorThrough>) {
        for who in all {
            self.add(who, hash(who));
        }
    }

    fn get(&self, giver: Giver) -> Option<Actor> {
        self.actors.get(giver.0 as usize).map(|(actor, _)| *actor)
    }

    fn origin_of(&self, giver: Giver) -> Origin {
        let found = self.actors.get(giver.0 as usize);
        let place = found.and_then(|(_, OriginNumber(number))| number.checked_sub(1));
        let origin = place.and_then(|place| self.origins.get(usize::from(place)));
        origin.copied().unwrap_or_default()
    }

    /// All of them, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = ActorThrough> {
        self.actors.iter().map(|(_, who)| *who)
    }

    /// All origins but the unknown one, by number.
    pub(super) fn origins(&self) -> &[Origin] {
        &self.origins
    }
}

impl State {
    /// The actor that gave a fact. `None` for what no actor is known of.
    #[must_use]
    pub fn giver(&self, giver: Giver) -> Option<Actor> {
        self.givers.get(giver)
    }

    /// The door through which a fact came first, or a thing was made.
    #[must_use]
    pub fn origin(&self, giver: Giver) -> Origin {
        self.givers.origin_of(giver)
    }

    /// The door through which a membership came. For the root: the one through which the user
    /// was added.
    #[must_use]
    pub fn membership_origin(&self, user: UserNumber, membership: Membership) -> Origin {
        self.attachment_origin(user, membership.added_by())
    }

    /// The door through which the membership of a user on a resource came. Unknown if there is
    /// none.
    #[must_use]
    pub fn origin_of_membership(&self, node: Node, user: UserNumber) -> Origin {
        let members = self.node(node).map(|found| &found.members);
        let membership = members.and_then(|members| members.get(&user));
        let of_root = (node == self.root()).then_some(Giver::OF_THE_USER);
        let giver = membership.map(|found| found.added_by()).or(of_root);
        giver.map_or(Origin::UNKNOWN, |giver| self.attachment_origin(user, giver))
    }

    fn attachment_origin(&self, user: UserNumber, giver: Giver) -> Origin {
        match giver {
            Giver::OF_THE_USER => {
                let row = self.user_node(user);
                row.map_or(Origin::UNKNOWN, |row| self.origin(row.added_by))
            }
            giver => self.origin(giver),
        }
    }

    /// Who attached a user, by its membership. For the root: who added the user.
    pub(crate) fn added_by(&self, user: &User, membership: Membership) -> Option<Actor> {
        match membership.added_by() {
            Giver::OF_THE_USER => Some(user.created_by),
            giver => self.giver(giver),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::{ServiceId, UserId};

    #[test]
    fn each_actor_has_one_number_for_ever_at_each_door() {
        let id = Uuid::from_u128;
        let users = (0..100).map(|n| Actor::User(UserId(id(n))));
        let services = (0..100).map(|n| Actor::Service(ServiceId(id(n))));
        let others = [Actor::Operator, Actor::Attache];
        let all: Vec<Actor> = users.chain(services).chain(others).collect();
        let mut givers = Givers::default();
        let doors = [Origin::UNKNOWN, Origin::API, Origin::CLI].map(|door| givers.origin(door));
        assert_eq!(givers.origin(Origin::API), doors[1]);
        let pairs = all
            .iter()
            .flat_map(|actor| doors.map(|door| (*actor, door)));
        let pairs: Vec<ActorThrough> = pairs.collect();
        let first: Vec<Giver> = pairs.iter().map(|it| givers.note(it.0, it.1)).collect();
        let again: Vec<Giver> = pairs.iter().map(|it| givers.note(it.0, it.1)).collect();
        assert_eq!(first, again);
        let mut read = Givers::from_origins(givers.origins().to_vec());
        read.add_all(givers.iter());
        for ((actor, door), giver) in pairs.iter().zip(&first) {
            for known in [&givers, &read] {
                assert_eq!(known.get(*giver), Some(*actor));
                let place = doors.iter().position(|it| it == door);
                let origins = [Origin::UNKNOWN, Origin::API, Origin::CLI];
                assert_eq!(
                    Some(known.origin_of(*giver)),
                    place.map(|place| origins[place])
                );
            }
        }
        assert_eq!(givers.get(Giver::UNKNOWN), None);
        assert_eq!(givers.origin_of(Giver::UNKNOWN), Origin::UNKNOWN);
        assert_eq!(read.iter().count(), pairs.len());
    }
}
