//! Shortens names and texts of callers before an error shows them.

use std::borrow::Cow;

/// The most characters of a name, or of any word, in an error.
pub const NAME: usize = 128;
/// The most characters of a text in an error.
pub const TEXT: usize = 2_048;
/// Replaces the rest of a shortened text.
const REST: char = '…';

/// Returns a name, shortened to [`NAME`] characters.
#[must_use]
pub fn name(text: &str) -> Cow<'_, str> {
    first(text, NAME)
}

/// Returns a text, shortened to [`TEXT`] characters, with each word shortened to
/// [`NAME`].
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    match words(text) {
        Cow::Borrowed(text) => first(text, TEXT),
        Cow::Owned(text) => first(&text, TEXT).into_owned().into(),
    }
}

/// Returns a text with each word shortened to [`NAME`] characters.
#[must_use]
pub fn words(text: &str) -> Cow<'_, str> {
    // A word has at most as many characters as bytes.
    let is_long = |word: &str| word.len() > NAME && word.chars().nth(NAME).is_some();
    if !text.split(char::is_whitespace).any(is_long) {
        return Cow::Borrowed(text);
    }
    let (mut cut, mut length) = (String::new(), 0_usize);
    for letter in text.chars() {
        length = if letter.is_whitespace() {
            0
        } else {
            length + 1
        };
        match length.saturating_sub(NAME) {
            0 => cut.push(letter),
            1 => cut.push(REST),
            _ => {}
        }
    }
    cut.into()
}

fn first(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let mut cut = text[..end].to_owned();
            cut.push(REST);
            cut.into()
        }
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_stays_as_it_is() {
        for short in ["", "a", &"ä".repeat(NAME), "no such customer"] {
            assert!(matches!(name(short), Cow::Borrowed(same) if same == short));
            assert!(matches!(text(short), Cow::Borrowed(same) if same == short));
        }
    }

    #[test]
    fn a_long_name_keeps_its_first_characters() {
        let long = "ä".repeat(NAME + 1);
        assert_eq!(name(&long), format!("{}…", "ä".repeat(NAME)));
        let said = format!("no such {} here", "k".repeat(4_000));
        assert_eq!(text(&said), format!("no such {}… here", "k".repeat(NAME)));
    }

    #[test]
    fn a_text_of_short_words_is_cut_as_a_whole() {
        let long = "so it is. ".repeat(1_000);
        assert_eq!(words(&long), long);
        assert_eq!(text(&long).chars().count(), TEXT + 1);
    }
}
