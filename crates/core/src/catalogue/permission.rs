//! Permissions, and patterns for several of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A permission, such as `chatbots.users.list`, or a pattern for all permissions with a
/// prefix: `chatbots.users.*`, or `*` for all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(Box<str>);

impl Pattern {
    /// Parses a permission or pattern.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the text.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str =
            "must be words of a-z, A-Z, 0-9, - and _ joined by dots; the last may be *";
        if text.len() > 255 {
            return Err("must have at most 255 characters");
        }
        let words = match text.strip_suffix('*') {
            Some("") => return Ok(Self(text.into())),
            Some(front) => front.strip_suffix('.').ok_or(SHAPE)?,
            None => text,
        };
        let is_word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if words.split('.').all(is_word) {
            Ok(Self(text.into()))
        } else {
            Err(SHAPE)
        }
    }

    /// Makes a pattern from a text that is known to be one.
    pub(crate) fn unchecked(text: String) -> Self {
        Self(text.into())
    }

    /// Returns the pattern `*`, which stands for all permissions.
    #[must_use]
    pub fn everything() -> Self {
        Self("*".into())
    }

    /// Returns the pattern as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it stands for more than one permission.
    #[must_use]
    pub fn is_wild(&self) -> bool {
        self.0.ends_with('*')
    }

    /// Returns whether this pattern stands for everything that `other` stands for.
    #[must_use]
    pub fn covers(&self, other: &Pattern) -> bool {
        match self.0.strip_suffix('*') {
            // `a.*` covers `a.b`, `a.b.*` and `a.*`, and does not cover `a`.
            Some(front) => other.0.starts_with(front),
            None => self.0 == other.0,
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Pattern {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0.into()
    }
}

/// A permission that is known by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionEntry {
    /// The permission, or a pattern if the members of its family are not published.
    pub name: Pattern,
    /// The description, for people.
    pub description: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text).unwrap()
    }

    #[test]
    fn a_pattern_covers_what_it_begins() {
        for (wide, narrow, covered) in [
            ("*", "a", true),
            ("*", "*", true),
            ("a.*", "a.b", true),
            ("a.*", "a.b.c", true),
            ("a.*", "a.b.*", true),
            ("a.*", "a.*", true),
            ("a.*", "a", false),
            ("a.*", "ab.c", false),
            ("a.*", "*", false),
            ("a.b", "a.*", false),
            ("a.b", "a.b", true),
            ("a.b", "a.bc", false),
        ] {
            assert_eq!(
                pattern(wide).covers(&pattern(narrow)),
                covered,
                "{wide} {narrow}"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "", ".", "a.", ".a", "a..b", "a*", "*.a", "a.*.b", "a b", "ä", "**",
        ] {
            assert!(Pattern::new(text).is_err(), "{text}");
        }
    }
}
