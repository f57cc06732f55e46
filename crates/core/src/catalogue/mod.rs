//! The tenant's kinds, roles and permissions: data, not code.
//!
//! A new tenant starts with [`Catalogue::starting`], which is `catalogue.toml`.

pub mod bounds;
mod check;
mod difference;
mod doubts;
mod kind;
mod known;
mod permission;
mod role;

pub use check::Problem;
pub use difference::Difference;
pub use kind::{Kind, KindName};
pub use permission::{Pattern, PermissionEntry};
pub use role::{Parameter, Role, RoleName, Scope, ScopedPermissions};

pub(crate) use known::{Known, nearest_of};

use serde::{Deserialize, Serialize};

/// The kind of every tenant's root.
pub const ROOT_KIND: &str = "tenant";
/// The role that holds `*` on the root.
pub const ADMIN_ROLE: &str = "admin";

/// What exists in a tenant besides its facts: kinds of resources, roles that
/// can be granted on them, permissions that are known by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The kinds of resources.
    pub kinds: Vec<Kind>,
    /// The roles. Their order is the order in which a user's first role is chosen.
    pub roles: Vec<Role>,
    /// The permissions that are known by name, for people and for searches. A
    /// role may hold others: products check permissions that attache never heard of.
    pub permissions: Vec<PermissionEntry>,
}

impl Catalogue {
    /// The catalogue that ships with attache. It serves all four dialects.
    ///
    /// # Errors
    /// Never in a build whose tests passed: the text is part of the program.
    pub fn starting() -> Result<Self, Vec<Problem>> {
        Self::from_toml(include_str!("catalogue.toml"))
    }

    /// A catalogue from the text of a TOML file, checked.
    ///
    /// # Errors
    /// Everything that is wrong with it.
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

    /// The kind of that name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name.as_str() == name)
    }

    /// The role of that name.
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
