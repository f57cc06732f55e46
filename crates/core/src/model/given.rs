//! The common part of memberships and grants: who gave them, since when and until when.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::{Expiry, Timestamp};

/// The giver of a fact or maker of a thing, as an index of the state:
/// [`State::giver`](crate::State::giver) returns the actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Giver(pub(crate) u32);

impl Giver {
    /// The actor who added the user: for memberships of the root, which come with the
    /// user.
    pub(crate) const OF_THE_USER: Self = Self(MASK);
    /// An actor beyond the capacity of the table of givers.
    pub const UNKNOWN: Self = Self(MASK - 1);

    /// The number of bits of a giver.
    const BITS: u32 = 30;
}

/// When a kind or role was added to the catalogue, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creation {
    /// The time. If it was removed and added again, the later time.
    pub at: Timestamp,
    /// The actor.
    pub by: Giver,
}

impl Creation {
    /// An unknown time and giver.
    pub(crate) const UNKNOWN: Self = Self {
        at: Timestamp::MIN,
        by: Giver::UNKNOWN,
    };
}

/// The largest index of a giver.
const MASK: u32 = (1 << Giver::BITS) - 1;

/// The start, end and giver of a fact.
///
/// 16 bytes with an alignment of 4, since a tenant has millions of these. An instant is
/// one of about 2^48.2 milliseconds and takes 49 bits. Each half of the giver takes the
/// 15 bits left beside an instant.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Plain", into = "Plain")]
pub(super) struct Given([u32; 4]);

/// The contents of a [`Given`] in snapshots.
#[derive(Serialize, Deserialize)]
struct Plain(Timestamp, Expiry, Giver);

/// The number of bits of an instant.
const INSTANT: u32 = 49;
/// The number of bits of a giver beside an instant.
const BESIDE: u32 = 64 - INSTANT;
/// The instant that stands for no end.
const NEVER: u64 = (1 << INSTANT) - 1;

impl Given {
    pub(super) fn new(at: Timestamp, until: Expiry, by: Giver) -> Self {
        let by = u64::from(by.0.min(MASK));
        let until = until.instant().map_or(NEVER, offset);
        let [low, high] = [by & ((1 << BESIDE) - 1), by >> BESIDE];
        let halves = |word: u64| [word as u32, (word >> 32) as u32];
        let [a, b] = halves(offset(at) | low << INSTANT);
        let [c, d] = halves(until | high << INSTANT);
        Self([a, b, c, d])
    }

    fn words(self) -> [u64; 2] {
        let [a, b, c, d] = self.0.map(u64::from);
        [a | b << 32, c | d << 32]
    }

    pub(super) fn at(self) -> Timestamp {
        let [at, _] = self.words();
        instant(at & NEVER)
    }

    pub(super) fn until(self) -> Expiry {
        let [_, until] = self.words();
        Expiry::from(match until & NEVER {
            NEVER => None,
            offset => Some(instant(offset)),
        })
    }

    pub(super) fn by(self) -> Giver {
        let [low, high] = self.words().map(|word| word >> INSTANT);
        Giver((low | high << BESIDE) as u32)
    }
}

/// Returns the milliseconds since the first instant.
fn offset(at: Timestamp) -> u64 {
    at.as_millis().abs_diff(Timestamp::MIN.as_millis())
}

fn instant(offset: u64) -> Timestamp {
    Timestamp::from_millis(Timestamp::MIN.as_millis().saturating_add_unsigned(offset))
}

impl From<Plain> for Given {
    fn from(Plain(at, until, by): Plain) -> Self {
        Self::new(at, until, by)
    }
}

impl From<Given> for Plain {
    fn from(given: Given) -> Self {
        Self(given.at(), given.until(), given.by())
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Given");
        shown.field("at", &self.at());
        shown.field("until", &self.until());
        shown.field("by", &self.by());
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Grant, GrantKey, GroupUser, Membership};

    fn any_instant() -> impl Strategy<Value = Timestamp> {
        let (first, last) = (Timestamp::MIN.as_millis(), Timestamp::MAX.as_millis());
        let at_the_ends = prop_oneof![Just(first), Just(first + 1), Just(0), Just(last)];
        prop_oneof![at_the_ends, first..=last].prop_map(Timestamp::from_millis)
    }

    fn any_giver() -> impl Strategy<Value = Giver> {
        prop_oneof![
            Just(Giver::OF_THE_USER),
            Just(Giver::UNKNOWN),
            (0..MASK).prop_map(Giver)
        ]
    }

    proptest! {
        #[test]
        fn what_was_given_when_and_by_whom_comes_back(
            at in any_instant(),
            until in prop::option::of(any_instant()),
            by in any_giver(),
        ) {
            let until = Expiry::from(until);
            let given = Given::new(at, until, by);
            prop_assert_eq!((given.at(), given.until(), given.by()), (at, until, by));
            let written = serde_json::to_string(&given).unwrap();
            prop_assert_eq!(serde_json::from_str::<Given>(&written).unwrap(), given);
            let one = GroupUser::new(at, by);
            prop_assert_eq!((one.added_at(), one.added_by()), (at, by));
        }
    }

    #[test]
    fn facts_take_no_more_memory_than_their_times_and_a_number() {
        assert_eq!(size_of::<(crate::id::UserNumber, Membership)>(), 24);
        assert_eq!(size_of::<(GrantKey, Grant)>(), size_of::<GrantKey>() + 16);
        assert_eq!(size_of::<(crate::id::GroupNumber, GroupUser)>(), 16);
    }
}
