//! A user in answers.

use attache_core::State;
use attache_core::ask::{Standing, View};
use attache_core::collation::SortKey;
use attache_core::model::{Email, Group, Name};
use attache_core::state::UserNode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A user of the customer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(super) struct WireUser<'a> {
    id: Uuid,
    #[schema(max_length = 255, required = true)]
    first_name: Option<&'a str>,
    #[schema(max_length = 255, required = true)]
    last_name: Option<&'a str>,
    #[schema(max_length = 255, required = true)]
    email: Option<&'a str>,
    role: WireRole,
    /// The user's groups, sorted by name. Empty for a user without groups.
    groups: Vec<WireGroup<'a>>,
}

/// The level of the user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
struct WireRole {
    /// `Csp` for a user of the tenant's own company, `Reseller` for a user of a reseller,
    /// `Customer` for a user of a customer.
    #[schema(value_type = String, example = "Customer")]
    name: &'static str,
}

/// A group of the user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
struct WireGroup<'a> {
    id: Uuid,
    name: &'a str,
}

impl<'a> WireUser<'a> {
    pub(super) fn of(view: View<'a>, row: &'a UserNode) -> Self {
        let name = |name: &'a Option<Name>| name.as_ref().map(Name::as_str);
        let user = &*row.user;
        Self {
            id: user.id.0,
            first_name: name(&user.profile.first_name),
            last_name: name(&user.profile.last_name),
            email: user.profile.email.as_ref().map(Email::as_str),
            role: WireRole {
                name: match view.standing_of(row) {
                    Standing::Tenant => "Csp",
                    Standing::Reseller(_) => "Reseller",
                    Standing::Customer => "Customer",
                },
            },
            groups: groups(view.state(), row),
        }
    }
}

fn groups<'a>(state: &'a State, row: &'a UserNode) -> Vec<WireGroup<'a>> {
    let groups = row.groups.keys();
    let groups = groups.filter_map(|number| Some(&*state.group_node(*number)?.group));
    let mut groups: Vec<&Group> = groups.collect();
    groups.sort_by_cached_key(|group| (SortKey::new(group.name.as_str()), group.id));
    let wire = |group: &'a Group| WireGroup {
        id: group.id.0,
        name: group.name.as_str(),
    };
    groups.into_iter().map(wire).collect()
}
