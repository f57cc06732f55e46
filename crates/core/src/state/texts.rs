//! What the members of a resource are found by, one after the other in memory:
//! looking at every user instead takes thirty times as long.

use std::sync::{Arc, OnceLock};

use imbl::OrdMap;
use memchr::memmem::Finder;

use super::{Marks, State};
use crate::collation::{Folded, fold};
use crate::id::{Key, Node, UserNumber};
use crate::model::User;

/// Users whose numbers differ only below this stand in one chunk.
const CHUNK: u32 = 256;
/// Between two texts; whoever looks for it looks elsewhere.
const END: char = '\0';

/// The texts of a resource's members, by number. A chunk is filled when it is
/// first looked through, and replaced by an empty one when somebody in it
/// changes: whoever still looks at the old one shares a state in which nobody has.
#[derive(Clone, Debug)]
pub(crate) struct Texts(OrdMap<u32, Arc<OnceLock<Chunk>>>);

#[derive(Debug)]
struct Chunk {
    text: String,
    /// Who, and where its texts end.
    ends: Vec<(UserNumber, usize)>,
}

/// What a user is found by, folded: its full name, e-mail address and key.
pub(crate) fn texts_of(user: &User) -> impl Iterator<Item = String> {
    let email = user.profile.email.as_ref().map(|email| email.as_str());
    let texts = [email, user.key.as_ref().map(Key::as_str)];
    let name = fold(&user.profile.full_name());
    let texts = texts.into_iter().flatten().map(fold);
    texts.chain([name])
}

impl Texts {
    pub(super) fn of(users: impl Iterator<Item = UserNumber>) -> Self {
        let mut chunks: Vec<u32> = users.map(|user| user.0 / CHUNK).collect();
        chunks.dedup();
        let empty = chunks.into_iter().map(|chunk| (chunk, Arc::default()));
        Self(empty.collect())
    }

    /// Somebody is no longer what it was.
    pub(super) fn forget(&mut self, user: UserNumber) {
        self.0.insert(user.0 / CHUNK, Arc::default());
    }

    /// Those members of `node`, whose texts these are, who have a text in theirs. `None` if it cannot be looked for here.
    pub(super) fn find(&self, state: &State, node: Node, text: &Folded) -> Option<Marks> {
        let text = text.as_str();
        if text.contains(END) {
            return None;
        }
        let finder = Finder::new(text);
        let mut found = Marks::default();
        for (place, chunk) in &self.0 {
            let chunk = chunk.get_or_init(|| Chunk::of(state, node, *place));
            chunk.find(&finder, &mut found);
        }
        Some(found)
    }
}

impl Chunk {
    fn of(state: &State, node: Node, place: u32) -> Self {
        let mut chunk = Self {
            text: String::new(),
            ends: Vec::new(),
        };
        let (first, last) = (place * CHUNK, place * CHUNK + (CHUNK - 1));
        for user in state.attached_between(node, UserNumber(first), UserNumber(last)) {
            for text in state.user(user).into_iter().flat_map(texts_of) {
                chunk.text.push_str(&text);
                chunk.text.push(END);
            }
            chunk.ends.push((user, chunk.text.len()));
        }
        chunk.text.shrink_to_fit();
        chunk
    }

    fn find(&self, finder: &Finder<'_>, found: &mut Marks) {
        let (mut from, mut ends) = (0, self.ends.iter());
        while let Some(rest) = self.text.as_bytes().get(from..)
            && let Some(place) = finder.find(rest)
        {
            let Some((user, end)) = ends.find(|(_, end)| *end > from + place) else {
                return;
            };
            found.insert(*user);
            from = *end;
        }
    }
}
