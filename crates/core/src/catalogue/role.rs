//! Roles: named bundles of permissions for one kind of resource.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{KindName, Pattern};
use crate::id::RoleId;

/// The name of a role, unique in its catalogue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleName(Box<str>);

impl RoleName {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RoleName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: RoleName,
    /// The kind of resource that it can be granted on.
    pub kind: KindName,
    /// The display name.
    pub label: String,
    /// The purpose, for people.
    pub description: String,
    /// The permissions on the resource that it is granted on, and below.
    #[serde(default)]
    pub permissions: Vec<Pattern>,
    /// The permissions within a part of that resource, which the grant's parameters
    /// select.
    #[serde(default)]
    pub scoped: Vec<ScopedPermissions>,
    /// The parameters of its grants.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
}

/// A parameter of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Whether a grant must have it.
    #[serde(default)]
    pub required: bool,
}

/// Permissions that hold within a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopedPermissions {
    /// The scope.
    pub scope: Scope,
    /// The permissions within it.
    pub permissions: Vec<Pattern>,
}

/// A path such as `chatbots/{chatbotId}/inboxes/{inboxId}`: first the resource that the
/// role is granted on, then parts of it that parameters select.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope {
    /// The name of the resource's collection in the path, such as `chatbots`.
    pub collection: Box<str>,
    /// The name in braces after it. For readers only: it is not a parameter.
    pub resource: Box<str>,
    /// The parts below it: each with the name of its collection, and the parameter that
    /// selects one.
    pub parts: Vec<(Box<str>, Box<str>)>,
}

impl TryFrom<String> for Scope {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const SHAPE: &str = "must be a path such as chatbots/{chatbotId}/inboxes/{inboxId}";
        let words: Vec<&str> = text.split('/').collect();
        let mut pairs = Vec::with_capacity(words.len() / 2);
        for pair in words.chunks(2) {
            let &[collection, parameter] = pair else {
                return Err(SHAPE);
            };
            let parameter = parameter
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
                .ok_or(SHAPE)?;
            let is_word = |word: &str| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            };
            if !is_word(collection) || !is_word(parameter) {
                return Err(SHAPE);
            }
            pairs.push((collection.into(), parameter.into()));
        }
        let mut pairs = pairs.into_iter();
        let (collection, resource) = pairs.next().ok_or(SHAPE)?;
        Ok(Self {
            collection,
            resource,
            parts: pairs.collect(),
        })
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        let mut text = format!("{}/{{{}}}", scope.collection, scope.resource);
        for (collection, parameter) in &scope.parts {
            text.push_str(&format!("/{collection}/{{{parameter}}}"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_and_written_alike() {
        let text = "chatbots/{chatbotId}/inboxes/{inboxId}";
        let scope = Scope::try_from(text.to_owned()).unwrap();
        assert_eq!(&*scope.parts[0].1, "inboxId");
        assert_eq!(String::from(scope), text);
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for text in [
            "",
            "chatbots",
            "chatbots/7",
            "chatbots/{a}/inboxes",
            "/{a}",
            "a/{}",
        ] {
            assert!(Scope::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
