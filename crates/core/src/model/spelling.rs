//! The spelling of texts: one form for canonically equivalent texts, and no hidden
//! characters.
//!
//! Hidden characters make different texts look alike, and characters that change the
//! direction show a text in another order than it has.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{
    BidiControl, DefaultIgnorableCodePoint, Emoji, EmojiModifier, ExtendedPictographic,
    GeneralCategory, IndicSyllabicCategory, JoiningType, NoncharacterCodePoint, Script,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The most characters of a name, key, e-mail address or phone number.
const MAX_CHARS: usize = 255;

/// The most characters that a reason may have.
const MAX_REASON_CHARS: usize = 500;

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

const HIDDEN: &str = "must not contain invisible or direction-changing characters";

/// Returns a text in Unicode Normalization Form C (UAX #15).
pub(crate) fn normalized(text: &str) -> Cow<'_, str> {
    match text.is_ascii() {
        true => Cow::Borrowed(text),
        false => NFC.normalize(text),
    }
}

/// Checks a name for people. It may have the joiners, variation selectors and tags that
/// its script or an emoji needs, where they are needed.
pub(crate) fn check_name(text: &str) -> Result<(), &'static str> {
    check(text, MAX_CHARS, has_hidden)?;
    check_ends(text)
}

/// Whether a text can be a reason: as a name, only longer.
pub(crate) fn check_reason(text: &str) -> Result<(), &'static str> {
    check(text, MAX_REASON_CHARS, has_hidden)?;
    check_ends(text)
}

/// Checks a name for programs: no character is hidden, and the only space is U+0020, not
/// at an end.
///
/// # Errors
/// The fault, as the end of a sentence that starts with the text.
pub fn check_identifier(text: &str) -> Result<(), &'static str> {
    let is_hidden = |c: char| {
        is_never_seen(c)
            || is_blank(c)
            || c != ' ' && c.is_whitespace()
            || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
            || category(c) == GeneralCategory::Format
    };
    check(text, MAX_CHARS, |text| text.chars().any(is_hidden))?;
    check_ends(text)
}

/// Checks a description for people. It may be empty, of any length, and have several
/// lines.
pub(crate) fn check_text(text: &str) -> Result<(), &'static str> {
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(is_control) {
        return Err("must not contain control characters");
    }
    match !text.is_ascii() && has_hidden(text) {
        true => Err(HIDDEN),
        false => Ok(()),
    }
}

fn check(text: &str, most: usize, is_hidden: impl Fn(&str) -> bool) -> Result<(), &'static str> {
    // A text has at most as many characters as bytes.
    if text.len() > most && text.chars().count() > most {
        return Err(match most {
            MAX_CHARS => "must have at most 255 characters",
            _ => "must have at most 500 characters",
        });
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters");
    }
    if text.trim().is_empty() {
        return Err("must not be empty");
    }
    if text.is_ascii() {
        return Ok(());
    }
    if is_hidden(text) {
        return Err(HIDDEN);
    }
    match text.chars().any(leaves_a_mark) {
        true => Ok(()),
        false => Err("must contain a visible character"),
    }
}

fn check_ends(text: &str) -> Result<(), &'static str> {
    match text.trim().len() == text.len() {
        true => Ok(()),
        false => Err("must not begin or end with a space"),
    }
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

fn is_mark(c: char) -> bool {
    use GeneralCategory as Is;
    matches!(
        category(c),
        Is::NonspacingMark | Is::SpacingMark | Is::EnclosingMark
    )
}

/// Returns whether a character of a visible category shows nothing: of Braille, music or
/// hieroglyphs.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{2800}' | '\u{1D159}' | '\u{13441}' | '\u{13442}' | '\u{16FE4}'
    )
}

/// Returns whether a reader sees a character that stands alone.
fn leaves_a_mark(c: char) -> bool {
    !(c.is_whitespace()
        || is_blank(c)
        || is_mark(c)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c))
}

/// Returns whether no text needs a character: line ends, controls of direction,
/// annotations, noncharacters.
fn is_never_seen(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}')
        || CodePointSetData::new::<BidiControl>().contains(c)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(c)
}

const NON_JOINER: char = '\u{200C}';
const JOINER: char = '\u{200D}';

/// Returns whether a text has a character that is hidden where it stands.
pub(super) fn has_hidden(text: &str) -> bool {
    let (mut base, mut before) = (None, None);
    for c in text.chars() {
        let is_hidden = match c {
            NON_JOINER | JOINER => {
                matches!(before, Some(NON_JOINER | JOINER)) || !base.is_some_and(|it| joins(it, c))
            }
            '\u{FE00}'..='\u{FE0F}' => !before.is_some_and(has_variants),
            '\u{E0100}'..='\u{E01EF}' => before.is_none_or(|it| script(it) != Script::Han),
            '\u{180B}'..='\u{180F}' => base.is_none_or(|it| script(it) != Script::Mongolian),
            // The flag of a region is a black flag and the region's letters as tags.
            '\u{E0020}'..='\u{E007F}' => {
                !matches!(before, Some('\u{1F3F4}' | '\u{E0020}'..='\u{E007E}'))
            }
            c => {
                is_never_seen(c) || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
            }
        };
        if is_hidden {
            return true;
        }
        let is_part = is_mark(c)
            || matches!(c, NON_JOINER | JOINER)
            || CodePointSetData::new::<EmojiModifier>().contains(c);
        if !is_part {
            base = Some(c);
        }
        before = Some(c);
    }
    ends_with_idle_joiner(text)
}

fn script(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}

fn indic(c: char) -> IndicSyllabicCategory {
    CodePointMapData::<IndicSyllabicCategory>::new().get(c)
}

/// Returns whether a joiner after a letter of this script, or after an emoji, changes the
/// appearance.
fn joins(base: char, joiner: char) -> bool {
    let joining = CodePointMapData::<JoiningType>::new().get(base);
    let is_emoji = CodePointSetData::new::<ExtendedPictographic>().contains(base);
    !matches!(joining, JoiningType::NonJoining | JoiningType::Transparent)
        || indic(base) != IndicSyllabicCategory::Other
        || is_emoji && joiner == JOINER
}

/// Returns whether standardized variation sequences begin with a character.
fn has_variants(c: char) -> bool {
    CodePointSetData::new::<Emoji>().contains(c)
        || matches!(
            script(c),
            Script::Han | Script::Myanmar | Script::PhagsPa | Script::Manichaean
        )
        || category(c) == GeneralCategory::MathSymbol
}

/// Returns whether a text ends with a joiner without effect. A non-joiner shows at the
/// end only after the sign that removes a vowel, a joiner only after a letter.
fn ends_with_idle_joiner(text: &str) -> bool {
    let mut ends = text.chars().rev();
    match (ends.next(), ends.next()) {
        (Some(NON_JOINER), Some(before)) => !matches!(
            indic(before),
            IndicSyllabicCategory::Virama | IndicSyllabicCategory::PureKiller
        ),
        (Some(JOINER), Some(before)) => {
            CodePointSetData::new::<ExtendedPictographic>().contains(before)
                || CodePointSetData::new::<EmojiModifier>().contains(before)
                || matches!(before, '\u{FE00}'..='\u{FE0F}')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonically_equivalent_texts_have_one_form() {
        assert_eq!(normalized("Zoe\u{308}"), "Zo\u{eb}");
        assert_eq!(
            normalized("A\u{30a}ngstro\u{308}m"),
            normalized("\u{212b}ngström")
        );
        assert_eq!(normalized("\u{1112}\u{1161}\u{11ab}"), "\u{d55c}", "Hangul");
        assert!(matches!(normalized("Zoë"), Cow::Borrowed("Zoë")));
    }

    #[test]
    fn names_of_any_script_with_the_joiners_they_need_are_names() {
        for name in [
            "Ada",
            "Zoë",
            "李小龍",
            "محمد",
            "O'Brien-Śmiałek",
            "علی‌رضا",                      // ZWNJ between Arabic letters
            "ശ്രീകുമാര്\u{200d}",              // an old chillu: virama and ZWJ at the end
            "ಮಾರ್ಕ್\u{200c}",                // ZWNJ after a virama at the end
            "র\u{200d}্যাব",                 // ZWJ after a letter of Bengali
            "ශ්\u{200d}රී ලංකා",              // Sinhala
            "葛\u{e0100}城",               // an ideographic variant
            "Team 👩\u{200d}👩\u{200d}👧", // a family
            "Team 🏳\u{fe0f}\u{200d}🌈",    // a flag with a variation selector
            "Team 👩🏽\u{200d}🚀",           // with a skin tone
            "Team ❤\u{fe0f}",
            "Nr. 1\u{fe0f}\u{20e3}",
            "Wales 🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
            "Jean\u{a0}Luc",
            "山田\u{3000}太郎",
            "ᠮᠣᠩᠭᠣᠯ\u{180b}",
        ] {
            assert_eq!(check_name(&normalized(name)), Ok(()), "{name:?}");
        }
    }

    #[test]
    fn hidden_characters_are_refused_where_they_only_deceive() {
        for name in [
            "Ad\u{200b}a", // zero width space
            "Ad\u{200c}a", // a non-joiner between Latin letters
            "Ad\u{200d}a",
            "Ada\u{200d}",
            "e\u{301}\u{323}\u{200d}x", // behind marks on a Latin letter
            "علی\u{200c}\u{200c}رضا",   // one has no effect behind another
            "رضا\u{200c}",
            "👩\u{200d}",
            "👩\u{200c}👩",
            "A\u{fe0f}da",
            "A\u{e0100}da",
            "Ada\u{e0067}\u{e0062}",
            "Ada\u{ad}m",  // soft hyphen
            "\u{feff}Ada", // byte order mark
            "Ada\u{2060}", // word joiner
            "Ada\u{34f}",  // grapheme joiner
            "\u{202e}adA", // right-to-left override
            "Ada\u{202c}",
            "A\u{2066}d\u{2069}a",
            "Ada\u{200f}",
            "Ada\u{61c}",
            "Ada\u{115f}",
            "Ada\u{fffe}",
            "Ada\u{fff9}",
            "Ada\u{2028}Byron",
        ] {
            assert_eq!(check_name(name), Err(HIDDEN), "{name:?}");
        }
        for control in ["a\nb", "a\tb", "a\u{85}b", "a\u{0}b"] {
            let said = Err("must not contain control characters");
            assert_eq!(check_name(control), said, "{control:?}");
        }
    }

    #[test]
    fn a_name_is_never_empty_to_the_eye() {
        for name in [
            "",
            " ",
            "\u{a0}\u{2003}",
            "\u{3000}",
            "\u{2800}",
            "\u{2800} \u{2800}",
            "\u{3164}",
            "\u{ffa0}\u{ffa0}",
            "\u{1160}",
            "\u{301}\u{302}",
            "\u{20e3}",
            "\u{200b}",
            "\u{200d}",
            "\u{e0041}",
            "\u{180e}",
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
            assert!(check_identifier(name).is_err(), "{name:?}");
        }
        for name in ["\u{5d0}", "\u{0e01}", "1", "-", "👍", "ﷺ"] {
            assert_eq!(check_name(name), Ok(()), "{name:?}");
        }
    }

    #[test]
    fn an_identifier_has_no_joiner_and_one_kind_of_space() {
        for text in ["ada", "a b", "key-7", "Müller|7", "نام", "李"] {
            assert_eq!(check_identifier(text), Ok(()), "{text:?}");
        }
        for text in [
            "علی\u{200c}رضا",
            "a\u{a0}b",
            "a\u{2003}b",
            "a\u{2800}b",
            "❤\u{fe0f}",
            "a\u{200f}",
            "\u{600}1",
        ] {
            assert_eq!(check_identifier(text), Err(HIDDEN), "{text:?}");
        }
    }
}
