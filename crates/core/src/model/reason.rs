//! Why somebody did something, in their own words.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::spelling::{check_reason, normalized};

/// Why an entry was written, as its author says: 1 to 500 characters in Unicode Normalization
/// Form C, one of them visible, none of them a control character or hidden where it stands, no
/// space at either end. It may name people, so that it can be erased like a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
// A stored reason is read as it is, whatever a reason must be today.
#[serde(from = "String", into = "String")]
pub struct Reason(Box<str>);

impl Reason {
    /// # Errors
    /// What is wrong with the text, as the end of a sentence about it.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let text = normalized(text);
        check_reason(&text)?;
        Ok(Self(text.into()))
    }

    /// The reason as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_one_line_of_visible_text() {
        assert_eq!(Reason::new("Ze\u{308}").unwrap().as_str(), "Z\u{eb}");
        for text in [
            "Left the company.",
            "離職",
            &"a".repeat(500),
            &"é".repeat(500),
        ] {
            assert_eq!(Reason::new(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            " ",
            " a",
            "a\nb",
            "a\u{202e}b",
            "\u{200b}",
            &"é".repeat(501),
        ] {
            assert!(Reason::new(text).is_err(), "{text:?}");
        }
    }
}
