//! Names and e-mail addresses.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::address;
use super::spelling::{check_identifier, check_name, normalized};

/// A name or another short text for people: 1 to 255 characters in Unicode
/// Normalization Form C, one of them visible, none of them a control character
/// or hidden where it stands, no space at either end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
// A stored name is accepted, whatever the rules for new names are today.
#[serde(from = "String", into = "String")]
pub struct Name(Box<str>);

impl Name {
    /// Makes a new name.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the text.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let text = normalized(text);
        check_name(&text)?;
        Ok(Self(text.into()))
    }

    /// Checks that this could be a new name. A stored name need not be.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the name.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match *normalized(&self.0) == *self.0 {
            true => check_name(&self.0),
            false => Err("must be in Unicode Normalization Form C"),
        }
    }

    /// Returns the name as text.
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

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.into()
    }
}

/// An e-mail address: at most 255 characters in Unicode Normalization Form C (RFC 6532),
/// none of them hidden. Its case is stored as written; two addresses are compared by
/// their [canonical form](Self::canonical).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
// A stored address is accepted, whatever the rules for new ones are today.
#[serde(from = "String", into = "String")]
pub struct Email(Box<str>);

impl Email {
    /// Makes a new address.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the text.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        if address::has_disguise(text) {
            return Err("must be an e-mail address");
        }
        let text = &*normalized(text);
        check_identifier(text)?;
        // Only the bare address: "Ada <ada@example.com>" is a mailbox, not an address.
        let options = email_address::Options::default()
            .without_display_text()
            .without_domain_literal();
        email_address::EmailAddress::parse_with_options(text, options)
            .map_err(|_| "must be an e-mail address")?;
        Ok(Self(text.into()))
    }

    /// Returns the form in which addresses are compared: two addresses are equal if these
    /// forms are.
    #[must_use]
    pub fn canonical(&self) -> String {
        address::canonical_address(&self.0)
    }

    /// Returns whether another text is the same address.
    #[must_use]
    pub fn is_same(&self, other: &str) -> bool {
        *self.0 == *other || self.canonical() == address::canonical_address(other)
    }

    /// Returns the address as text.
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
