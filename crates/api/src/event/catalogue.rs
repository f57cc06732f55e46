//! Kinds and roles as events show them: as the catalogue has them, without the time and the
//! author of their creation, which are the entry's.

use attache_core::catalogue::{Kind, KindName, Pattern, Role};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::roles::{RoleParameter, RoleScope};

/// A kind of resource, as an event leaves it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventKind)]
pub(crate) struct EventKind<'a> {
    #[schema(example = "customer")]
    name: &'a str,
    /// The kinds that a resource of this kind may stand below. Empty for the root.
    #[schema(value_type = Vec<String>, example = json!(["tenant", "reseller"]))]
    parents: &'a [KindName],
    /// What a member may do on the resource that it is a member of, and not below it.
    #[schema(value_type = Vec<String>, example = json!(["customers.view"]))]
    members_may: &'a [Pattern],
    /// Whether only members of the parent resource can be members.
    members_from_parent: bool,
}

/// A role, as an event leaves it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventRole)]
pub(crate) struct EventRole<'a> {
    id: Uuid,
    #[schema(example = "owner")]
    name: &'a str,
    /// The kind of resource that it can be granted on.
    #[schema(example = "customer")]
    kind: &'a str,
    /// Its name for people.
    #[schema(example = "Owner")]
    label: &'a str,
    description: &'a str,
    /// What it allows on the resource that it is granted on, and below. `*` ends a pattern.
    #[schema(value_type = Vec<String>, example = json!(["customers.*", "workspaces.*"]))]
    permissions: &'a [Pattern],
    /// What it allows within a part of the resource that the grant's parameters name.
    scoped: Vec<RoleScope>,
    /// The parameters that a grant of it takes.
    parameters: Vec<RoleParameter>,
}

impl<'a> From<&'a Kind> for EventKind<'a> {
    fn from(kind: &'a Kind) -> Self {
        let Kind {
            name,
            parents,
            members_may,
            members_from_parent,
        } = kind;
        Self {
            name: name.as_str(),
            parents,
            members_may,
            members_from_parent: *members_from_parent,
        }
    }
}

impl<'a> From<&'a Role> for EventRole<'a> {
    fn from(role: &'a Role) -> Self {
        let Role {
            id,
            name,
            kind,
            label,
            description,
            permissions,
            scoped,
            parameters,
        } = role;
        Self {
            id: id.0,
            name: name.as_str(),
            kind: kind.as_str(),
            label,
            description,
            permissions,
            scoped: scoped.iter().map(RoleScope::from).collect(),
            parameters: parameters.iter().map(RoleParameter::from).collect(),
        }
    }
}
