//! A user on the wire.

use attache_core::ask::Standing;
use attache_core::model::{Email, Group, Name, User};
use attache_core::{State, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A user of the customer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(super) struct WireUser {
    id: Uuid,
    #[schema(max_length = 255, required = true)]
    first_name: Option<String>,
    #[schema(max_length = 255, required = true)]
    last_name: Option<String>,
    #[schema(max_length = 255, required = true)]
    email: Option<String>,
    role: WireRole,
    /// Sorted by name. Empty for a user in no group.
    groups: Vec<WireGroup>,
}

/// How high the user stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
struct WireRole {
    /// `Csp` for who works for the tenant, `Reseller` for a reseller, `Customer` for a customer.
    #[schema(value_type = String, example = "Customer")]
    name: &'static str,
}

/// A group that the user is in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
struct WireGroup {
    id: Uuid,
    name: String,
}

impl WireUser {
    pub(super) fn of(state: &State, user: &User, at: Timestamp) -> Self {
        let name = |name: &Option<Name>| name.as_ref().map(Name::to_string);
        Self {
            id: user.id.0,
            first_name: name(&user.profile.first_name),
            last_name: name(&user.profile.last_name),
            email: user.profile.email.as_ref().map(Email::to_string),
            role: WireRole {
                name: match state.standing(user.number, at) {
                    Standing::Tenant => "Csp",
                    Standing::Reseller(_) => "Reseller",
                    Standing::Customer => "Customer",
                },
            },
            groups: groups(state, user),
        }
    }
}

fn groups(state: &State, user: &User) -> Vec<WireGroup> {
    let numbers = state.user_node(user.number).map(|row| &row.groups);
    let mut groups: Vec<&Group> = numbers
        .into_iter()
        .flat_map(|numbers| numbers.keys())
        .filter_map(|number| state.group_node(*number).map(|row| &*row.group))
        .collect();
    groups.sort_by_cached_key(|group| (group.name.as_str().to_lowercase(), group.id));
    let wire = |group: &Group| WireGroup {
        id: group.id.0,
        name: group.name.to_string(),
    };
    groups.into_iter().map(wire).collect()
}
