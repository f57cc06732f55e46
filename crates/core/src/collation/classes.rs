//! The characters that the first level of the root collation does not distinguish, and
//! the representative of each class.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

use super::root;

/// Latin, Greek and Cyrillic.
const FIRST: Range<u32> = 0x20..0x530;
/// The other scripts with several characters for one letter, beyond case and
/// compatibility forms: Hebrew, Arabic, kana and more.
const OTHERS: [Range<u32>; 2] = [0x530..0x3400, 0xa4d0..0xac00];
/// The ones beyond the basic plane: few, ancient, and never in a name together with the
/// others.
const FAR: [Range<u32>; 4] = [
    0x1_0000..0x1_2000,
    0x1_6f00..0x1_7000,
    0x1_b000..0x1_b170,
    0x1_df00..0x1_df80,
];

/// Representatives by the sort key of their letters.
type Classes = BTreeMap<Vec<u8>, Box<str>>;

static OF_FIRST: LazyLock<Classes> = LazyLock::new(|| {
    let pairs = |all: fn() -> std::ops::RangeInclusive<char>| {
        all().flat_map(move |one| all().map(move |other| String::from_iter([one, other])))
    };
    // Such as æ, which Unicode treats as a letter and the collation as "ae"; and such as
    // ❿.
    let pairs = pairs(|| 'a'..='z').chain(pairs(|| '0'..='9'));
    let pairs = pairs.map(|pair| (root::letters(&pair), pair.into()));
    let mut classes: Classes = pairs.collect();
    add(&mut classes, &[FIRST]);
    classes
});
static OF_OTHERS: LazyLock<Classes> = LazyLock::new(|| of(&OTHERS));
static OF_FAR: LazyLock<Classes> = LazyLock::new(|| of(&FAR));

fn of(ranges: &[Range<u32>]) -> Classes {
    let mut classes = Classes::new();
    add(&mut classes, ranges);
    classes
}

/// Adds the classes of characters that do not decompose.
fn add(classes: &mut Classes, ranges: &[Range<u32>]) {
    let all = ranges.iter().cloned().flatten();
    for c in all.filter_map(char::from_u32) {
        let key = root::letters_of(c);
        if !key.is_empty() && !classes.contains_key(&key) && parts(c, &key) == [c] {
            classes.insert(key, c.to_string().into());
        }
    }
}

/// Appends the representative of a character: nothing for a combining accent, several
/// characters if it counts as several letters.
pub(super) fn push(c: char, text: &mut String) {
    // Each is a letter of its own, and there are very many.
    if matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}') {
        text.push(c);
        return;
    }
    let key = root::letters_of(c);
    if key.is_empty() {
        return;
    }
    if let Some(class) = OF_FIRST.get(&key) {
        text.push_str(class);
        return;
    }
    let parts = parts(c, &key);
    if let [part] = *parts {
        let class = match u32::from(c) {
            code if FIRST.contains(&code) => None,
            0..=0xffff => OF_OTHERS.get(&key),
            _ => OF_OTHERS.get(&key).or_else(|| OF_FAR.get(&key)),
        };
        match class {
            Some(class) => text.push_str(class),
            None => text.push(part),
        }
    } else {
        // Each part has fewer letters, so the recursion ends.
        let mut whole = String::new();
        parts.into_iter().for_each(|part| push(part, &mut whole));
        match root::letters(&whole) == key {
            true => text.push_str(&whole),
            false => text.push(c),
        }
    }
}

/// Returns the characters that a character counts as, without case and, where possible,
/// without accents: itself if it does not decompose.
fn parts(c: char, key: &[u8]) -> Vec<char> {
    let nfkd = DecomposingNormalizerBorrowed::new_nfkd();
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    let own = c.to_string();
    let letters = lower(&nfkd.normalize(&own));
    let letters: String = letters
        .chars()
        .filter(|it| !root::letters_of(*it).is_empty())
        .collect();
    // Some accents make another letter, such as that of й.
    let made_of = [
        nfkc.normalize(&letters).into_owned(),
        lower(&nfkc.normalize(&own)),
    ];
    let made_of = made_of.into_iter().find(|it| root::letters(it) == key);
    made_of.map_or_else(|| vec![c], |it| it.chars().collect())
}

/// Returns a text in lower case, with ß as ss and one form of σ.
fn lower(text: &str) -> String {
    let upper = text.chars().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).collect()
}
