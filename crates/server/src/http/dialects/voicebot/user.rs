//! A user on the wire.

use attache_core::ask::{Field, Filter, List};
use attache_core::id::Node;
use attache_core::model::{Email, Subject, User};
use attache_core::{State, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// The users who are attached to the customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserList)]
pub(super) struct Users {
    /// By id.
    data: Vec<WireUser>,
}

/// A user of the business that runs the app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
struct WireUser {
    /// Its number.
    id: u32,
    /// First and last name, or what else it is known by.
    name: String,
    /// Its e-mail address.
    #[schema(required = true)]
    email: Option<String>,
    /// The names of the roles that it holds on the whole tenant and on this customer.
    roles: Vec<String>,
    /// What it may do on this customer. `*` at the end stands for every ending.
    permissions: Vec<String>,
    #[schema(value_type = Option<String>, format = DateTime, required = true, example = "2026-03-03T09:30:00.000Z")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required = true, example = "2026-03-03T09:30:00.000Z")]
    updated_at: Timestamp,
}

impl Users {
    /// Those who are attached to a customer, without the tenant's admins.
    pub(super) fn of(state: &State, customer: Node, at: Timestamp) -> Self {
        let list = List::all(Field::Number).only(Filter::Admin(false));
        let members = state.list(customer, at, &list).items;
        Self {
            data: members
                .into_iter()
                .map(|member| wire(state, customer, member.user, at))
                .collect(),
        }
    }
}

fn wire(state: &State, customer: Node, user: &User, at: Timestamp) -> WireUser {
    let mut roles: Vec<String> = [state.root(), customer]
        .into_iter()
        .flat_map(|on| state.roles_on(on, user.number, at))
        .map(|role| role.name.to_string())
        .collect();
    roles.sort();
    roles.dedup();
    // What is held for a part of the customer only is left out: the wire has
    // no place to say so.
    let mut permissions: Vec<String> = state
        .permissions(Subject::User(user.number), customer, at)
        .into_iter()
        .filter(|held| {
            held.scope
                .as_ref()
                .is_none_or(|scope| scope.parts.is_empty())
        })
        .map(|held| held.pattern.to_string())
        .collect();
    permissions.dedup();
    WireUser {
        id: user.number.0,
        name: user.display_name(),
        email: user.profile.email.as_ref().map(Email::to_string),
        roles,
        permissions,
        created_at: user.created_at,
        updated_at: user.updated_at,
    }
}
