//! The collator of CLDR's root, without any language's tailoring.

use std::sync::LazyLock;

use icu_collator::options::{CollatorOptions, Strength};
use icu_collator::{CollatorBorrowed, CollatorPreferences};

type Collator = Option<CollatorBorrowed<'static>>;

static LETTERS: LazyLock<Collator> = LazyLock::new(|| of(Strength::Primary));
static ACCENTS: LazyLock<Collator> = LazyLock::new(|| of(Strength::Secondary));

fn of(strength: Strength) -> Collator {
    let mut options = CollatorOptions::default();
    options.strength = Some(strength);
    CollatorBorrowed::try_new(CollatorPreferences::default(), options).ok()
}

/// Appends the sort key of a text's letters, which is its first level.
pub(super) fn write_letters(text: &str, key: &mut Vec<u8>) {
    write(&LETTERS, text, key);
}

/// Appends the sort key of a text's letters and accents, which is its first two levels.
pub(super) fn write_accents(text: &str, key: &mut Vec<u8>) {
    write(&ACCENTS, text, key);
}

/// Returns the sort key of a text's letters.
pub(super) fn letters(text: &str) -> Vec<u8> {
    let mut key = Vec::new();
    write_letters(text, &mut key);
    key
}

/// Returns the sort key of a character's letters. Empty for a combining accent.
pub(super) fn letters_of(character: char) -> Vec<u8> {
    letters(character.encode_utf8(&mut [0; 4]))
}

fn write(collator: &Collator, text: &str, key: &mut Vec<u8>) {
    match collator {
        Some(collator) => {
            let Ok(()) = collator.write_sort_key_to(text, key);
        }
        // Never happens, since the root's data is compiled in.
        None => key.extend_from_slice(text.to_lowercase().as_bytes()),
    }
}
