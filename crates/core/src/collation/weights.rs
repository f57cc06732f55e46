//! Sort keys of letters of Europe and the Near East from a table: several times faster
//! than the collator, and equal to its keys byte for byte.
//!
//! The table is made from the collator's own keys. A character is in it only if keys made
//! with it equal the collator's. All other texts go to the collator. A key has ICU's form
//! (`CollationKeys`): the weights of the letters, a separator, the weights of the
//! accents.

use std::sync::LazyLock;

use smallvec::SmallVec;

use super::root;

/// The first character beyond the table, which has Latin, Greek, Cyrillic, Armenian,
/// Hebrew and Arabic.
const END: u32 = 0x700;
/// Separates the two levels.
const SEPARATOR: u8 = 0x01;
/// Ends letters whose first byte is left out, if the next letter is lower or higher.
const LOWER: u8 = 0x03;
const HIGHER: u8 = 0xff;
/// A run of letters without accents, before a lower or higher weight, or as long as one
/// byte can count.
const NONE_LOW: u8 = 0x05;
const NONE_MIDDLE: u8 = 0x25;
const NONE_HIGH: u8 = 0x45;
const NONE_MOST: u32 = 0x21;

type Bytes = SmallVec<[u8; 8]>;

/// The contribution of a character to a key.
struct Weights {
    /// The first byte of its letters.
    lead: u8,
    /// Whether that byte is left out after another letter that begins with it.
    shares_lead: bool,
    /// The other bytes of its letters.
    rest: Bytes,
    /// The number of letters without an accent before its accents.
    before: u32,
    /// The weights of its accents.
    accents: Bytes,
    /// The number of letters without an accent after its accents.
    after: u32,
}

static TABLE: LazyLock<Vec<Option<Weights>>> = LazyLock::new(|| {
    let a = Weights::parsed('a', 0);
    (0..END)
        .map(|code| Weights::of(char::from_u32(code)?, a.as_ref()?))
        .collect()
});

/// The contribution of an ASCII character: one letter without an accent.
#[derive(Clone, Copy, Default)]
struct Plain {
    /// 0 for a character beyond the table.
    lead: u8,
    shares_lead: bool,
    /// The other byte of its letter, if there is one.
    rest: u8,
}

static ASCII: LazyLock<[Plain; 0x80]> = LazyLock::new(|| {
    let mut ascii = [Plain::default(); 0x80];
    for (plain, weights) in ascii.iter_mut().zip(TABLE.iter()) {
        if let Some(weights) = weights
            && weights.accents.is_empty()
            && weights.before == 1
            && weights.rest.len() < 2
        {
            *plain = Plain {
                lead: weights.lead,
                shares_lead: weights.shares_lead,
                rest: weights.rest.first().copied().unwrap_or_default(),
            };
        }
    }
    ascii
});

/// Appends the sort key of a text in parts. Returns false, and appends nothing, if a
/// character is beyond the table.
pub(super) fn write(parts: &[&str], key: &mut Vec<u8>) -> bool {
    if parts.iter().all(|part| part.is_ascii()) {
        return write_ascii(parts.iter().flat_map(|part| part.bytes()), key);
    }
    write_chars(parts.iter().flat_map(|part| part.chars()), key)
}

fn write_ascii(text: impl Iterator<Item = u8>, key: &mut Vec<u8>) -> bool {
    let ascii = &*ASCII;
    let start = key.len();
    let mut shared = 0;
    let mut letters = 0;
    for byte in text {
        let plain = ascii.get(usize::from(byte)).copied().unwrap_or_default();
        if plain.lead == 0 {
            key.truncate(start);
            return false;
        }
        if plain.lead != shared {
            end_shared(shared, plain.lead, key);
            key.push(plain.lead);
            shared = match plain.shares_lead {
                true => plain.lead,
                false => 0,
            };
        }
        if plain.rest != 0 {
            key.push(plain.rest);
        }
        letters += 1;
    }
    key.push(SEPARATOR);
    let mut accents = SmallVec::new();
    count(letters, NONE_LOW, &mut accents);
    key.extend_from_slice(&accents);
    true
}

/// Ends letters whose first byte was left out, if there were any.
fn end_shared(shared: u8, next: u8, key: &mut Vec<u8>) {
    if shared != 0 {
        key.push(match next < shared {
            true => LOWER,
            false => HIGHER,
        });
    }
}

/// Appends the sort key of a text. Returns false, and appends nothing, if a character is
/// beyond the table.
fn write_chars(text: impl Iterator<Item = char>, key: &mut Vec<u8>) -> bool {
    let table = &**TABLE;
    let weights = text.map(|c| table.get(c as usize).and_then(Option::as_ref));
    write_weights(weights, key)
}

fn write_weights<'w>(
    weights: impl Iterator<Item = Option<&'w Weights>>,
    key: &mut Vec<u8>,
) -> bool {
    let start = key.len();
    let mut shared = 0;
    let mut plain = 0;
    let mut accents: SmallVec<[u8; 32]> = SmallVec::new();
    for weights in weights {
        let Some(weights) = weights else {
            key.truncate(start);
            return false;
        };
        if weights.lead != shared {
            end_shared(shared, weights.lead, key);
            key.push(weights.lead);
            shared = match weights.shares_lead {
                true => weights.lead,
                false => 0,
            };
        }
        key.extend_from_slice(&weights.rest);
        plain += weights.before;
        if !weights.accents.is_empty() {
            count(plain, NONE_HIGH, &mut accents);
            accents.extend_from_slice(&weights.accents);
            plain = weights.after;
        }
    }
    count(plain, NONE_LOW, &mut accents);
    key.push(SEPARATOR);
    key.extend_from_slice(&accents);
    true
}

/// Appends the number of letters without an accent.
fn count(plain: u32, towards: u8, accents: &mut SmallVec<[u8; 32]>) {
    let Some(mut more) = plain.checked_sub(1) else {
        return;
    };
    while more >= NONE_MOST {
        accents.push(NONE_MIDDLE);
        more -= NONE_MOST;
    }
    // Less than 0x21.
    let more = more as u8;
    accents.push(match towards {
        NONE_LOW => NONE_LOW + more,
        _ => NONE_HIGH - more,
    });
}

impl Weights {
    /// Returns the weights of a character, if they are all that the collator derives from
    /// it.
    fn of(c: char, a: &Self) -> Option<Self> {
        // After an l, these are an accent of it.
        if matches!(c, '·' | '\u{387}') {
            return None;
        }
        let text: String = ['a', c, c, 'a', c].iter().collect();
        let mut expected = Vec::new();
        root::write_accents(&text, &mut expected);
        let mut found = (0..3).filter_map(|after| Self::parsed(c, after));
        found.find(|own| {
            let mut key = Vec::new();
            let weights = [a, own, own, a, own].into_iter().map(Some);
            write_weights(weights, &mut key) && key == expected
        })
    }

    /// Parses the weights of a character, with `after` letters after its accents.
    fn parsed(c: char, after: u8) -> Option<Self> {
        let letters = root::letters_of(c);
        let (lead, rest) = letters.split_first()?;
        let twice = root::letters(&String::from_iter([c, c]));
        let mut key = Vec::new();
        root::write_accents(c.encode_utf8(&mut [0; 4]), &mut key);
        let accents = key.strip_prefix(&*letters)?;
        let accents = accents.strip_prefix(&[SEPARATOR])?;
        let accents = match after {
            0 => accents,
            after => accents.strip_suffix(&[NONE_LOW + after - 1])?,
        };
        let (before, accents) = match accents.split_first()? {
            (count @ NONE_LOW..NONE_MIDDLE, []) => (count - NONE_LOW + 1, &[][..]),
            (count @ NONE_MIDDLE..=NONE_HIGH, accents) => (NONE_HIGH - count + 1, accents),
            _ => (0, accents),
        };
        Some(Self {
            lead: *lead,
            shares_lead: twice.len() == letters.len() + rest.len(),
            rest: rest.into(),
            before: before.into(),
            accents: accents.into(),
            after: after.into(),
        })
    }
}
