//! A set of users, one bit each.

use crate::id::UserNumber;

/// Some users.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    words: Vec<u64>,
    count: usize,
}

impl Marks {
    pub(crate) fn insert(&mut self, user: UserNumber) {
        let (word, bit) = split(user);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            self.count += usize::from(*word & bit == 0);
            *word |= bit;
        }
    }

    pub(crate) fn contains(&self, user: UserNumber) -> bool {
        let (word, bit) = split(user);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }
}

fn split(user: UserNumber) -> (usize, u64) {
    (user.0 as usize / 64, 1 << (user.0 % 64))
}

impl FromIterator<UserNumber> for Marks {
    fn from_iter<I: IntoIterator<Item = UserNumber>>(users: I) -> Self {
        let mut marks = Self::default();
        for user in users {
            marks.insert(user);
        }
        marks
    }
}
