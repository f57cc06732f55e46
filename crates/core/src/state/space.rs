//! What a name means among things of one type.
//!
//! A text is a number where it begins with `#`, and otherwise a key or an id.
//! Nothing is looked up in a second way where the first finds nothing. What
//! could mean two things means neither; only logs of older versions hold such
//! names.

use uuid::Uuid;

use crate::key::{self, Key};
use crate::reference::Ref;

/// Things of one type, among which numbers, keys and ids are unique.
pub(crate) trait Space {
    type Thing: Copy + PartialEq;

    /// The things whose key is the same as a text, see [`key::Meaning`], and
    /// whether it is written alike.
    fn keyed(&self, text: &str) -> impl Iterator<Item = (Self::Thing, bool)>;

    fn identified(&self, id: Uuid) -> Option<Self::Thing>;

    fn numbered(&self, number: u32) -> Option<Self::Thing>;

    /// The thing that a name means.
    fn meant(&self, name: &Ref) -> Option<Self::Thing> {
        match name {
            Ref::Id(id) => self.identified(*id),
            Ref::Number(number) => self.numbered(*number),
            Ref::Key(key) => self.by_key(key),
            Ref::Text(text) => self.named(text),
            // Only a state knows memberships.
            Ref::OfMembership(_) => None,
        }
    }

    /// The thing that a text means.
    fn named(&self, text: &str) -> Option<Self::Thing> {
        if text.starts_with('#') {
            let number = Ref::number_in(text).and_then(|number| self.numbered(number));
            return only(number.into_iter().chain(self.by_key(text)));
        }
        let mut keyed = self.keyed(text);
        let first = match keyed.next() {
            Some((thing, true)) => return Some(thing),
            other => other,
        };
        let rest: Vec<_> = keyed.collect();
        if let Some((thing, _)) = rest.iter().find(|(_, alike)| *alike) {
            return Some(*thing);
        }
        let keyed = first.into_iter().chain(rest).map(|(thing, _)| thing);
        only(keyed.chain(key::uuid(text).and_then(|id| self.identified(id))))
    }

    /// The thing that has a key: the key as it is written, or the only key that
    /// is the same.
    fn by_key(&self, text: &str) -> Option<Self::Thing> {
        match self.all_by_key(text)[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// The things of which one has a key: the one whose key is written alike,
    /// or all whose key is the same.
    fn all_by_key(&self, text: &str) -> Vec<Self::Thing> {
        let mut all = Vec::new();
        for (thing, alike) in self.keyed(text) {
            if alike {
                return vec![thing];
            }
            all.push(thing);
        }
        all
    }

    /// Whether a new key would be another thing's key or id. `own` is the thing
    /// that is to have it.
    fn is_key_taken(&self, key: &Key, own: Option<Self::Thing>) -> bool {
        let text = key.as_str();
        let keyed = self.keyed(text).map(|(thing, _)| thing);
        let mut named = keyed.chain(key::uuid(text).and_then(|id| self.identified(id)));
        named.any(|thing| Some(thing) != own)
    }

    /// Whether a new id is another thing's id or key.
    fn is_id_taken(&self, id: Uuid) -> bool {
        self.identified(id).is_some() || self.keyed(&id.to_string()).next().is_some()
    }
}

/// The one thing that all of these are.
fn only<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Option<T> {
    let mut all = all.into_iter();
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}
