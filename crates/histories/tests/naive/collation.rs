//! Names, as the root of the Unicode collation algorithm compares them: asked of
//! the collator each time.

use std::cell::RefCell;
use std::collections::HashMap;

use icu_collator::CollatorBorrowed;
use icu_collator::options::{CollatorOptions, Strength};

thread_local! {
    static FOUND: RefCell<HashMap<(String, String), bool>> = RefCell::default();
    static LETTERS: CollatorBorrowed<'static> = collator(Strength::Primary);
    static ACCENTS: CollatorBorrowed<'static> = collator(Strength::Secondary);
}

fn collator(strength: Strength) -> CollatorBorrowed<'static> {
    let mut options = CollatorOptions::default();
    options.strength = Some(strength);
    CollatorBorrowed::try_new(Default::default(), options).expect("the root is compiled in")
}

/// What a name is sorted by.
pub(super) fn sort_key(name: &str) -> Vec<u8> {
    let mut key = Vec::new();
    let Ok(()) = ACCENTS.with(|collator| collator.write_sort_key_to(name, &mut key));
    key
}

/// Whether two texts differ by case and accents at the most.
pub(super) fn reads(one: &str, other: &str) -> bool {
    LETTERS
        .with(|collator| collator.compare(one, other))
        .is_eq()
}

/// Whether a part of a text differs from another text by case and accents at
/// the most. Each pair is looked at once.
pub(super) fn has(text: &str, wanted: &str) -> bool {
    let look = || {
        let mut places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        places.push(text.len());
        let mut parts = places.iter().flat_map(|start| {
            let ends = places.iter().filter(move |end| start <= end);
            ends.map(|end| &text[*start..*end])
        });
        parts.any(|part| reads(part, wanted))
    };
    let pair = (text.to_owned(), wanted.to_owned());
    let known = FOUND.with_borrow(|found| found.get(&pair).copied());
    known.unwrap_or_else(|| {
        let has = look();
        FOUND.with_borrow_mut(|found| found.insert(pair, has));
        has
    })
}
