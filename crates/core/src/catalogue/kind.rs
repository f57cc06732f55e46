//! Kinds of resources.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Pattern;

/// The name of a kind: a small word such as `customer`. Its plural, with an
/// `s`, begins the permissions that it takes to work on such a resource.
/// Shared: a tenant has few, and every resource names one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KindName(Arc<str>);

impl KindName {
    /// Whether a text can be the name of a kind: a word of a-z, 0-9 and `-` that begins
    /// with a letter, of at most 63 characters.
    #[must_use]
    pub fn can_be(text: &str) -> bool {
        let is_of_a_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= 63
            && text.bytes().all(is_of_a_word)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The permission to do `what` on a resource of this kind, such as
    /// `customers.users.list` for `users.list`.
    #[must_use]
    pub fn permission(&self, what: &str) -> Pattern {
        Pattern::unchecked(format!("{}s.{what}", self.0))
    }
}

impl From<&str> for KindName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for KindName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A kind of resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its name.
    pub name: KindName,
    /// The kinds that a resource of this kind may stand under. Empty for the root.
    #[serde(default)]
    pub parents: Vec<KindName>,
    /// What a member may do on the resource that it is a member of, and not below it.
    #[serde(default)]
    pub members_may: Vec<Pattern>,
    /// Whether only members of the resource above can be members, as those of
    /// a workspace of its chatbots.
    #[serde(default)]
    pub members_from_parent: bool,
}
