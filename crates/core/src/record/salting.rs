//! Entries get the salts of their private parts.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::salts::Salt;
use super::words::Words;
use crate::entry::Entry;

impl Entry {
    /// Gives a salt to each private part that has none. `fill` fills a slice with random
    /// bytes. An entry without private parts asks for none.
    pub fn salt(&mut self, fill: &mut dyn FnMut(&mut [u8])) {
        let has_salt = |about: &Uuid| self.changes.salts.contains_key(about);
        let named = self.named().into_iter();
        let lacking: Vec<Uuid> = named.filter(|about| !has_salt(about)).collect();
        if lacking.is_empty() {
            return;
        }
        // All at once: each call may ask the system.
        let mut random = vec![0; lacking.len() * 32];
        fill(&mut random);
        let (salts, _) = random.as_chunks::<32>();
        let salts = salts.iter().map(|salt| Salt(*salt));
        self.changes.salts.extend(lacking.into_iter().zip(salts));
    }

    /// [`Entry::salt`], of an entry that is being made.
    #[must_use]
    pub fn salted(mut self, fill: &mut dyn FnMut(&mut [u8])) -> Self {
        self.salt(fill);
        self
    }

    /// The things that have a private part.
    fn named(&self) -> BTreeSet<Uuid> {
        let words = self.changes.list.iter().filter_map(Words::about);
        let profiles = self.changes.profiles.keys().map(|user| user.0);
        // A reason is about the entry itself.
        let reason = self.changes.reason.iter().map(|_| self.id.0);
        words.chain(profiles).chain(reason).collect()
    }
}
