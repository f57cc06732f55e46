//! The members of a resource in one order, kept as they change.

use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering as Visible};

use crate::id::UserNumber;

/// A chunk never holds more: a change replaces one of them.
const CHUNK: usize = 512;
/// After so many changes without a question, the order is not worth keeping.
const FORGOTTEN: u32 = 1_000;

/// Users, in an order that whoever asks knows.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    chunks: Vec<Arc<Vec<UserNumber>>>,
    users: usize,
    asked: Arc<AtomicBool>,
    unasked: u32,
}

impl Order {
    pub(super) fn of(users: &[UserNumber]) -> Self {
        // Half full, so that most changes need not split.
        let chunks = users.chunks(CHUNK / 2);
        Self {
            chunks: chunks.map(|chunk| Arc::new(chunk.to_vec())).collect(),
            users: users.len(),
            asked: Arc::default(),
            unasked: 0,
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.users
    }

    /// All from a place on.
    pub(crate) fn from(&self, place: usize) -> impl Iterator<Item = UserNumber> {
        let mut before = place;
        let beyond = |chunk: &&Arc<Vec<UserNumber>>| {
            let whole = before >= chunk.len();
            if whole {
                before -= chunk.len();
            }
            whole
        };
        let first = self.chunks.iter().take_while(beyond).count();
        let chunks = self.chunks.get(first..).unwrap_or_default();
        let users = chunks.iter().flat_map(|chunk| chunk.iter().copied());
        users.skip(before)
    }

    /// All users before a place, the last one first.
    pub(crate) fn before(&self, place: usize) -> impl Iterator<Item = UserNumber> {
        let mut rest = place.min(self.users);
        let is_whole = |chunk: &&Arc<Vec<UserNumber>>| {
            let is_whole = rest >= chunk.len();
            if is_whole {
                rest -= chunk.len();
            }
            is_whole
        };
        let whole = self.chunks.iter().take_while(is_whole).count();
        let part = self.chunks.get(whole).and_then(|chunk| chunk.get(..rest));
        let chunks = self.chunks.get(..whole).unwrap_or_default();
        let before = chunks.iter().rev().flat_map(|chunk| chunk.iter().rev());
        part.unwrap_or_default().iter().rev().chain(before).copied()
    }

    /// How many stand before what `compare` looks for: it says how a user
    /// stands to that.
    pub(crate) fn place(&self, compare: impl Fn(UserNumber) -> Ordering) -> usize {
        let (chunk, within) = self.seat(compare);
        let before = self.chunks.iter().take(chunk);
        before.map(|chunk| chunk.len()).sum::<usize>() + within
    }

    /// In which chunk, and where in it.
    fn seat(&self, compare: impl Fn(UserNumber) -> Ordering) -> (usize, usize) {
        let is_before = |user: &UserNumber| compare(*user).is_lt();
        let starts = |chunk: &Arc<Vec<UserNumber>>| chunk.first().is_some_and(is_before);
        let chunk = self.chunks.partition_point(starts).saturating_sub(1);
        let users = self.chunks.get(chunk);
        let within = users.map_or(0, |users| users.partition_point(is_before));
        (chunk, within)
    }

    /// Put a user where `compare` says.
    pub(super) fn insert(&mut self, user: UserNumber, compare: impl Fn(UserNumber) -> Ordering) {
        let (place, within) = self.seat(compare);
        let Some(chunk) = self.chunks.get_mut(place) else {
            *self = Self {
                asked: self.asked.clone(),
                unasked: self.unasked,
                ..Self::of(&[user])
            };
            return;
        };
        self.users += 1;
        let chunk = Arc::make_mut(chunk);
        chunk.insert(within.min(chunk.len()), user);
        if chunk.len() > CHUNK {
            let second = chunk.split_off(CHUNK / 2);
            self.chunks.insert(place + 1, Arc::new(second));
        }
    }

    /// Take a user out who stands where `compare` says. `false` if somebody
    /// else stands there.
    pub(super) fn remove(
        &mut self,
        user: UserNumber,
        compare: impl Fn(UserNumber) -> Ordering,
    ) -> bool {
        let (mut place, mut within) = self.seat(compare);
        if self.chunks.get(place).is_some_and(|it| it.len() == within) {
            (place, within) = (place + 1, 0);
        }
        let Some(chunk) = self.chunks.get_mut(place) else {
            return false;
        };
        if chunk.get(within) != Some(&user) {
            return false;
        }
        let chunk = Arc::make_mut(chunk);
        chunk.remove(within);
        if chunk.is_empty() {
            self.chunks.remove(place);
        }
        self.users -= 1;
        true
    }

    /// Somebody asks.
    pub(super) fn note_question(&self) {
        self.asked.store(true, Visible::Relaxed);
    }

    /// Something changes. `false` if nobody has asked for long.
    pub(super) fn note_change(&mut self) -> bool {
        self.unasked = match self.asked.swap(false, Visible::Relaxed) {
            true => 0,
            false => self.unasked + 1,
        };
        self.unasked < FORGOTTEN
    }
}
