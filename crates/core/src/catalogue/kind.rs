//! Kinds of resources.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Pattern;

/// The name of a kind: a short word such as `customer`. With an `s`, it begins the
/// permissions on resources of the kind. Cheap to clone: a tenant has few kinds, and
/// every resource has the name of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KindName(Arc<str>);

impl KindName {
    /// Returns whether a text can be the name of a kind: a word of a-z, 0-9 and `-` that
    /// begins with a letter, of at most 63 characters.
    #[must_use]
    pub fn can_be(text: &str) -> bool {
        let is_of_a_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= 63
            && text.bytes().all(is_of_a_word)
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the permission to do `what` on a resource of this kind, such as
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
    /// The kinds that the parent of a resource of this kind may have. Empty for the root.
    #[serde(default)]
    pub parents: Vec<KindName>,
    /// The permissions of a member on the resource itself, and not below it.
    #[serde(default)]
    pub members_may: Vec<Pattern>,
    /// Whether only members of the parent resource can be members, as for chatbots of a
    /// workspace.
    #[serde(default)]
    pub members_from_parent: bool,
}
