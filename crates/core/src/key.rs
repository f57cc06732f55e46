//! Keys: the ids of things in other systems.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{check_identifier, normalized};

/// The id of a thing in another system: 1 to 255 characters in Unicode Normalization Form
/// C, none of them hidden, no space but U+0020 and none at either end.
///
/// A key is stored as it is written. Two keys are equal if they are the same UUID (RFC
/// 9562, section 4: case does not matter, and neither do the forms without hyphens, in
/// braces and as a URN), or the same text in Normalization Form C.
///
/// A new key cannot be read as anything but a key: see [`Key::new`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
// A stored key is accepted, whatever the rules for new keys are today.
#[serde(from = "String", into = "String")]
pub struct Key(Box<str>);

/// The prefixes of names of other types: a key with one would be read as such a name.
/// Kinds are refused where the catalogue is known.
const TYPES: [&str; 4] = ["user", "group", "service", "tenant"];

impl Key {
    /// Makes a new key. It must not be
    ///
    /// - `#` and digits, in any spelling, since numbers are named so,
    /// - a text that begins with `user:`, `group:`, `service:` or `tenant:`,
    /// - `tenant`, the name of the root,
    /// - `.` or `..`, which web clients remove from paths.
    ///
    /// A key that is another thing's id is refused when it is given, since this type does
    /// not know the tenant's things.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the text.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let text = normalized(text);
        check(&text)?;
        Ok(Self(text.into()))
    }

    /// Checks that this could be a new key. A stored key need not be.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the key.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match *normalized(&self.0) == *self.0 {
            true => check(&self.0),
            false => Err("must be in Unicode Normalization Form C"),
        }
    }

    /// Returns whether the key can name its thing alone. A stored key that reads as a
    /// number cannot.
    #[must_use]
    pub fn is_name(&self) -> bool {
        !reads_as_number(&self.0)
    }

    /// Returns the key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a text is the same key: the same UUID, or the same text in Normalization Form C.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.meaning() == Meaning::of(text)
    }

    /// Returns the value by which keys are compared.
    pub(crate) fn meaning(&self) -> Meaning<'_> {
        Meaning::of(&self.0)
    }
}

fn check(text: &str) -> Result<(), &'static str> {
    check_identifier(text)?;
    if reads_as_number(text) {
        return Err("must not be # and a number, which names a thing by its number");
    }
    if before_colon(text).is_some_and(|kind| TYPES.contains(&kind)) {
        return Err("must not begin with user:, group:, service: or tenant:");
    }
    match text {
        "tenant" => Err("must not be tenant, which is the root's name"),
        "." | ".." => Err("must not be . or .., which are no part of a path"),
        _ => Ok(()),
    }
}

/// Returns whether a person could read a text as a number after `#`.
fn reads_as_number(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|rest| {
        let is_part = |c: char| c.is_numeric() || matches!(c, '+' | '-' | '.' | ',' | ' ');
        rest.chars().all(is_part) && rest.chars().any(char::is_numeric)
    })
}

/// Returns the part of a text before the first colon.
pub(crate) fn before_colon(text: &str) -> Option<&str> {
    text.split_once(':').map(|(before, _)| before)
}

/// The value by which two keys are compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Meaning<'a> {
    Id(Uuid),
    Text(Cow<'a, str>),
}

impl<'a> Meaning<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        match uuid(text) {
            Some(id) => Self::Id(id),
            None => Self::Text(normalized(text)),
        }
    }
}

/// Returns the form in which keys are compared: a UUID in lower case with hyphens, every
/// other text in Unicode Normalization Form C.
#[must_use]
pub fn canonical_key(text: &str) -> Cow<'_, str> {
    match Meaning::of(text) {
        Meaning::Id(id) => Cow::Owned(id.to_string()),
        Meaning::Text(text) => text,
    }
}

/// Returns the UUID that a text is, in any of its written forms.
pub(crate) fn uuid(text: &str) -> Option<Uuid> {
    // With hyphens, without, in braces, as a URN.
    let may_be = matches!(text.len(), 36 | 32 | 38 | 45);
    may_be.then(|| Uuid::parse_str(text).ok()).flatten()
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_reads_as_something_else_is_refused() {
        for text in [
            "#10",
            "#010",
            "#+1",
            "#4294967296",
            "#٧",
            "user:ada",
            "group:",
            "service:portal",
            "tenant:1",
            "tenant",
            ".",
            "..",
            "",
            " ",
            " ada",
            "ada\n",
            "a\u{200b}da",
            "\u{3164}",
        ] {
            assert!(Key::new(text).is_err(), "{text:?}");
            // One that was stored is read all the same.
            let stored: Key = serde_json::from_value(text.into()).unwrap();
            assert_eq!(stored.as_str(), text);
            assert!(stored.check().is_err(), "{text:?}");
        }
        for text in [
            "10",
            "ada",
            "a#b",
            "#general",
            "#1a",
            "#",
            "User:ada",
            "users:ada",
            "auth0|5f7c",
            "urn:uuid:6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "https://id.mill.example/ada",
            "Tenant",
            "...",
            "a b",
            "Müller",
        ] {
            let key = Key::new(text).unwrap();
            assert_eq!((key.as_str(), key.check()), (text, Ok(())));
        }
    }

    #[test]
    fn keys_are_the_same_in_every_form_of_a_uuid_and_in_every_normal_form() {
        let same = |a: &str, b: &str| Meaning::of(a) == Meaning::of(b);
        let upper = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
        for other in [
            "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "6F9619ff8b86d011b42d00c04fc964ff",
            "{6f9619ff-8b86-d011-b42d-00c04fc964ff}",
            "urn:uuid:6f9619ff-8b86-d011-b42d-00c04fc964ff",
        ] {
            assert!(same(upper, other), "{other}");
        }
        assert!(same("Zoe\u{308}", "Zoë"));
        assert!(!same("ada", "Ada"), "a text that is no UUID has a case");
        assert!(!same(
            "6f9619ff8b86d011b42d00c04fc964f",
            "6F9619ff8b86d011b42d00c04fc964f"
        ));
        assert_eq!(Key::new("Zoe\u{308}").unwrap().as_str(), "Zoë");
        assert_eq!(
            Key::new(upper).unwrap().as_str(),
            upper,
            "kept as it was written"
        );
    }
}
