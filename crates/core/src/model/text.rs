//! Texts that people wrote.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most characters that a name, an e-mail address or a phone number may have.
const MAX_CHARS: usize = 255;

fn check(text: &str) -> Result<(), &'static str> {
    if text.chars().count() > MAX_CHARS {
        return Err("must have at most 255 characters");
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters");
    }
    Ok(())
}

/// Whether a text can be a line of its own: a name, a key.
pub(crate) fn check_line(text: &str) -> Result<(), &'static str> {
    check(text)?;
    if text.trim().is_empty() {
        return Err("must not be empty");
    }
    if text.trim() != text {
        return Err("must not begin or end with a space");
    }
    Ok(())
}

/// A name or another short text: 1 to 255 characters, no control characters,
/// no space at either end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Box<str>);

impl Name {
    /// # Errors
    /// What is wrong with the text, as the end of a sentence about it.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        check_line(text)?;
        Ok(Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.into()
    }
}

/// An e-mail address, at most 255 characters, kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
// What was once stored is read as it is, whatever counts as an address today.
#[serde(from = "String", into = "String")]
pub struct Email(Box<str>);

impl Email {
    /// # Errors
    /// What is wrong with the text, as the end of a sentence about it.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        check(text)?;
        // Only the bare address: "Ada <ada@example.com>" is a mailbox, not an address.
        let options = email_address::Options::default()
            .without_display_text()
            .without_domain_literal();
        email_address::EmailAddress::parse_with_options(text, options)
            .map_err(|_| "must be an e-mail address")?;
        Ok(Self(text.into()))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Email {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_script_are_kept() {
        for name in ["Ada", "Zoë", "李小龍", "محمد", "O'Brien-Śmiałek"] {
            assert_eq!(Name::new(name).unwrap().as_str(), name);
        }
        for name in ["", " ", " a", "a\n", &"a".repeat(256)] {
            assert!(Name::new(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn only_addresses_are_addresses() {
        assert!(Email::new("ada@mill.example").is_ok());
        assert!(Email::new("ünal@köln.example").is_ok());
        for text in [
            "",
            "ada",
            "ada@",
            "@mill.example",
            "Ada <ada@mill.example>",
            "a b@c.example",
        ] {
            assert!(Email::new(text).is_err(), "{text:?}");
        }
    }
}
