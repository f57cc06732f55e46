//! Texts for searches that ignore case and accents.

use std::borrow::Cow;
use std::sync::OnceLock;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::classes;

/// A text without case and accents. Two texts match in a search if their folded forms are
/// equal, that is, if the first level of the root collation does not distinguish them. So
/// `strasse` matches `Straße`, `emile` `Émile`, `ipek` `İpek` and `soren` `Søren`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded(Box<str>);

impl Folded {
    /// Folds the text of a search.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let folded = fold(text);
        Self(match folded.is_empty() {
            // A search for accents alone finds nothing, since folded texts have none.
            true => text.into(),
            false => folded.into(),
        })
    }

    /// Returns the folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a text matches completely.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        match is_plain(text) {
            true => self.0.eq_ignore_ascii_case(text),
            false => *self == Self::new(text),
        }
    }

    /// Returns whether a text contains this one.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        fold(text).contains(&*self.0)
    }
}

/// Folds a text. Combining accents alone fold to nothing.
pub(crate) fn fold(text: &str) -> String {
    if is_plain(text) {
        return text.to_ascii_lowercase();
    }
    // Nothing before the first combining accent can be composed with another.
    let composed = match text.chars().all(|c| c < '\u{300}') {
        true => Cow::Borrowed(text),
        false => ComposingNormalizerBorrowed::new_nfc().normalize(text),
    };
    let mut folded = String::with_capacity(composed.len());
    for c in composed.chars() {
        match BLOCKS.get(c as usize / BLOCK) {
            Some(block) => folded.push_str(block.get_or_init(|| Block::of(c)).get(c)),
            None => classes::push(c, &mut folded),
        }
    }
    folded
}

/// Returns whether folding a text only turns its letters to lower case.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The number of characters that are folded together, when the first of them occurs.
const BLOCK: usize = 0x100;
/// The blocks of the basic multilingual plane.
static BLOCKS: [OnceLock<Block>; 0x100] = [const { OnceLock::new() }; 0x100];

/// The representatives of the characters of a block.
struct Block {
    text: String,
    ends: Vec<u32>,
}

impl Block {
    /// Returns the block of a character.
    fn of(c: char) -> Self {
        let first = u32::from(c) - u32::from(c) % BLOCK as u32;
        let mut text = String::new();
        let ends = (first..first + BLOCK as u32).map(|code| {
            if let Some(c) = char::from_u32(code) {
                classes::push(c, &mut text);
            }
            text.len() as u32
        });
        let ends = ends.collect();
        Self { text, ends }
    }

    fn get(&self, c: char) -> &str {
        let place = c as usize % BLOCK;
        let end = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = place.checked_sub(1).map_or(0, end);
        self.text.get(start..end(place)).unwrap_or_default()
    }
}
