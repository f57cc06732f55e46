//! Who gave facts: each actor once, so that a fact names it by a small number.

use super::State;
use super::index::{Index, hash};
use super::persistent_vec::PersistentVec;
use crate::caller::Actor;
use crate::model::{Giver, Membership, User};

/// The actors that ever gave a fact, in the order in which they first did.
#[derive(Clone, Debug, Default)]
pub(super) struct Givers {
    actors: PersistentVec<Actor>,
    /// Finds an actor's number.
    index: Index,
    /// The one that was noted last: facts of one entry have one giver.
    last: Option<(Actor, Giver)>,
}

impl Givers {
    /// The number of an actor, which is given one if it has none yet.
    pub(super) fn note(&mut self, actor: Actor) -> Giver {
        if let Some((last, giver)) = self.last
            && last == actor
        {
            return giver;
        }
        let hash = hash(actor);
        let is_it = |number: &u32| self.actors.get(*number as usize) == Some(&actor);
        let found = self.index.find(hash).find(is_it).map(Giver);
        let giver = found.unwrap_or_else(|| self.add(actor, hash));
        self.last = Some((actor, giver));
        giver
    }

    fn add(&mut self, actor: Actor, hash: u64) -> Giver {
        let number = u32::try_from(self.actors.end()).map_or(Giver::UNKNOWN, Giver);
        if number >= Giver::UNKNOWN {
            return Giver::UNKNOWN;
        }
        self.actors.set(number.0 as usize, actor);
        self.index.insert(hash, number.0);
        number
    }

    fn get(&self, giver: Giver) -> Option<Actor> {
        self.actors.get(giver.0 as usize).copied()
    }

    /// All of them, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = Actor> {
        self.actors.iter().map(|(_, actor)| *actor)
    }
}

impl FromIterator<Actor> for Givers {
    fn from_iter<I: IntoIterator<Item = Actor>>(actors: I) -> Self {
        let mut givers = Self::default();
        for actor in actors {
            givers.add(actor, hash(actor));
        }
        givers
    }
}

impl State {
    /// The actor that gave a fact. `None` for what no actor is known of.
    #[must_use]
    pub fn giver(&self, giver: Giver) -> Option<Actor> {
        self.givers.get(giver)
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
    fn each_actor_has_one_number_for_ever() {
        let id = Uuid::from_u128;
        let users = (0..100).map(|n| Actor::User(UserId(id(n))));
        let services = (0..100).map(|n| Actor::Service(ServiceId(id(n))));
        let others = [Actor::Operator, Actor::Attache];
        let all: Vec<Actor> = users.chain(services).chain(others).collect();
        let mut givers = Givers::default();
        let first: Vec<Giver> = all.iter().map(|actor| givers.note(*actor)).collect();
        let again: Vec<Giver> = all.iter().map(|actor| givers.note(*actor)).collect();
        assert_eq!(first, again);
        let read: Givers = givers.iter().collect();
        for (actor, giver) in all.iter().zip(&first) {
            assert_eq!(givers.get(*giver), Some(*actor));
            assert_eq!(read.get(*giver), Some(*actor));
        }
        assert_eq!(givers.get(Giver::UNKNOWN), None);
        assert_eq!(read.iter().count(), all.len());
    }
}
