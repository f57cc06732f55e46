//! Memberships by their numbers, and when they last changed.

use std::num::{NonZeroU32, NonZeroU64};

use imbl::OrdMap;

use super::persistent_vec::PersistentVec;
use super::{State, Tree};
use crate::id::{MembershipNumber, Node, UserNumber};
use crate::model::{Membership, Subject};
use crate::time::Timestamp;

/// How many memberships make a piece, which a write copies: half a kilobyte.
const PIECE: usize = 64;

/// Where each membership stands, by its number: 8 bytes a membership, and 8 more for
/// each of a piece in which one has changed since the user was attached.
#[derive(Clone, Debug, Default)]
pub(super) struct Memberships {
    /// The number that was given last.
    last: u32,
    places: PersistentVec<Place, PIECE>,
    /// When they changed that did so after the user was attached.
    changed: PersistentVec<Moment, PIECE>,
    /// The same of memberships of the root, which have no number.
    of_root: OrdMap<UserNumber, Timestamp>,
}

/// A resource and a user. Takes 8 bytes, also where none may be.
#[derive(Clone, Copy, Debug)]
struct Place {
    node: Node,
    /// Users are counted from 1.
    user: NonZeroU32,
}

/// An instant. Takes 8 bytes, also where none may be.
#[derive(Clone, Copy, Debug)]
struct Moment(NonZeroU64);

impl Moment {
    fn of(at: Timestamp) -> Self {
        let since = at.as_millis().abs_diff(Timestamp::MIN.as_millis());
        Self(NonZeroU64::MIN.saturating_add(since))
    }

    fn at(self) -> Timestamp {
        let since = self.0.get() - 1;
        Timestamp::from_millis(Timestamp::MIN.as_millis().saturating_add_unsigned(since))
    }
}

impl Memberships {
    pub(super) fn from_last(last: u32) -> Self {
        Self {
            last,
            ..Self::default()
        }
    }

    /// The number that was given last; 0 before the first.
    pub(super) fn last(&self) -> u32 {
        self.last
    }

    /// Gives the next membership this number.
    pub(super) fn next_is(&mut self, number: MembershipNumber) {
        self.last = number.0.saturating_sub(1);
    }

    /// Numbers a new membership. `None` if no number is left, which no command lets happen.
    pub(super) fn give(&mut self, node: Node, user: UserNumber) -> Option<MembershipNumber> {
        let number = MembershipNumber(self.last.checked_add(1)?);
        self.last = number.0;
        self.put(number, node, user);
        Some(number)
    }

    /// Puts a membership where it is found. Whether no other was there.
    pub(super) fn put(&mut self, number: MembershipNumber, node: Node, user: UserNumber) -> bool {
        let Some(user) = NonZeroU32::new(user.0) else {
            return false;
        };
        let before = self.places.set(number.0 as usize, Place { node, user });
        before.is_none()
    }

    /// A membership has gone.
    pub(super) fn retire(&mut self, number: MembershipNumber) {
        self.places.take(number.0 as usize);
        self.changed.take(number.0 as usize);
    }

    fn find(&self, number: MembershipNumber) -> Option<(Node, UserNumber)> {
        let place = self.places.get(number.0 as usize)?;
        Some((place.node, UserNumber(place.user.get())))
    }

    /// A membership has changed.
    pub(super) fn note_change(&mut self, user: UserNumber, membership: Membership, at: Timestamp) {
        if at <= self.updated_at(user, membership) {
            return;
        }
        match membership.number() {
            Some(number) => drop(self.changed.set(number.0 as usize, Moment::of(at))),
            None => drop(self.of_root.insert(user, at)),
        }
    }

    fn updated_at(&self, user: UserNumber, membership: Membership) -> Timestamp {
        let changed = match membership.number() {
            Some(number) => self.changed.get(number.0 as usize).map(|it| it.at()),
            None => self.of_root.get(&user).copied(),
        };
        changed.unwrap_or(membership.added_at())
    }

    /// A user has gone, and with it its membership of the root.
    pub(super) fn forget_user(&mut self, user: UserNumber) {
        self.of_root.remove(&user);
    }

    /// The memberships of the root that have changed, by user.
    pub(super) fn changed_of_root(&self) -> impl Iterator<Item = (UserNumber, Timestamp)> {
        self.of_root.iter().map(|(user, at)| (*user, *at))
    }

    /// When a membership changed, if it did after the user was attached.
    pub(super) fn changed_at(&self, membership: Membership) -> Option<Timestamp> {
        let number = membership.number()?;
        self.changed.get(number.0 as usize).map(|it| it.at())
    }
}

impl State {
    /// Where the membership of a number stands, whether or not it has expired: the resource,
    /// the user, and the rest of it.
    #[must_use]
    pub fn membership(&self, number: MembershipNumber) -> Option<(Node, UserNumber, Membership)> {
        let (node, user) = self.memberships.find(number)?;
        let membership = *self.tree.get(node)?.members.get(&user)?;
        (membership.number() == Some(number)).then_some((node, user, membership))
    }

    /// When a membership last changed: when the user was attached, the membership got another
    /// end, or a role of the user's own on the resource was granted, got another end or was
    /// revoked. A role that ends by itself is no change, nor is the entry that says so.
    #[must_use]
    pub fn membership_updated_at(&self, user: UserNumber, membership: Membership) -> Timestamp {
        self.memberships.updated_at(user, membership)
    }

    /// The number that the next membership gets. `None` if none is left.
    pub(crate) fn next_membership(&self) -> Option<MembershipNumber> {
        self.memberships.last().checked_add(1).map(MembershipNumber)
    }

    /// A subject's roles on a resource have changed, and with them its membership there.
    pub(super) fn note_roles_changed(&mut self, node: Node, subject: Subject, at: Timestamp) {
        let Subject::User(user) = subject else {
            return;
        };
        let members = self.tree.get(node).map(|found| &found.members);
        let membership = match members.and_then(|members| members.get(&user)) {
            Some(membership) => *membership,
            None if node == Tree::ROOT => match self.user(user) {
                Some(user) => Membership::of_root(user),
                None => return,
            },
            None => return,
        };
        self.memberships.note_change(user, membership, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_membership_takes_eight_bytes_beside_its_row() {
        assert_eq!(size_of::<Option<Place>>(), 8);
        assert_eq!(size_of::<Option<Moment>>(), 8);
    }

    #[test]
    fn every_instant_comes_back() {
        for at in [Timestamp::MIN, Timestamp::from_millis(0), Timestamp::MAX] {
            assert_eq!(Moment::of(at).at(), at);
        }
    }

    #[test]
    fn the_last_number_is_given_once() {
        let mut memberships = Memberships::from_last(u32::MAX - 1);
        let (node, user) = (Node(1), UserNumber(1));
        let last = MembershipNumber(u32::MAX);
        assert_eq!(memberships.give(node, user), Some(last));
        memberships.retire(last);
        assert_eq!(memberships.give(node, user), None);
    }
}
