//! The tenant's kinds, roles and permissions: data, not code.
//!
//! A new tenant starts with [`Catalogue::starting`], which is `catalogue.toml`.

pub mod bounds;
mod check;
mod difference;
mod doubts;
mod granters;
mod kind;
mod known;
mod permission;
mod role;

pub use check::Problem;
pub use difference::Difference;
pub use kind::{Kind, KindName};
pub use permission::{Pattern, PermissionEntry};
pub use role::{Parameter, Role, RoleName, Scope, ScopedPermissions};

pub(crate) use known::Known;

use serde::{Deserialize, Serialize};

/// The kind of every tenant's root.
pub const ROOT_KIND: &str = "tenant";
/// The role with `*` on the root.
pub const ADMIN_ROLE: &str = "admin";

/// A tenant's vocabulary: the kinds of its resources, the roles that can be granted on
/// them, and the permissions known by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The kinds of resources.
    pub kinds: Vec<Kind>,
    /// The roles. Their order decides which of a user's roles is the first.
    pub roles: Vec<Role>,
    /// The permissions known by name, for people and for searches. A role may have
    /// others, since products check permissions of their own.
    pub permissions: Vec<PermissionEntry>,
}

impl Catalogue {
    /// Returns the catalogue that ships with attache, which serves all four dialects.
    ///
    /// # Errors
    /// If it is invalid. A test prevents that, since it is part of the program.
    pub fn starting() -> Result<Self, Vec<Problem>> {
        Self::from_toml(include_str!("catalogue.toml"))
    }

    /// Parses a catalogue from a TOML file's text, and checks it.
    ///
    /// # Errors
    /// All faults.
    pub fn from_toml(text: &str) -> Result<Self, Vec<Problem>> {
        let catalogue: Self =
            toml::from_str(text).map_err(|error| vec![Problem::unreadable(&error)])?;
        let problems = catalogue.check();
        if problems.is_empty() {
            Ok(catalogue)
        } else {
            Err(problems)
        }
    }

    /// Returns the kind with a name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name.as_str() == name)
    }

    /// Returns the role with a name.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starting_catalogue_is_sound() {
        let catalogue = Catalogue::starting().unwrap();
        assert_eq!(catalogue.kinds.len(), 5);
        assert!(catalogue.role(ADMIN_ROLE).is_some());
    }

    #[test]
    fn the_eight_chatbot_roles_stand_in_the_starting_catalogue() {
        let catalogue = Catalogue::starting().unwrap();
        for name in [
            "ChatbotAdmin",
            "ChatbotOwner",
            "ChatbotEditor",
            "ChatbotMember",
            "InboxAdmin",
            "InboxUser",
            "ExternalInboxUser",
            "StatisticsViewer",
        ] {
            let role = catalogue.role(name).unwrap();
            assert_eq!(role.kind.as_str(), "chatbot", "{name}");
        }
    }
}
