//! A user on the wire.

use attache_core::Timestamp;
use attache_core::ask::{Branch, Field, Filter, List, Member};
use attache_core::catalogue::Pattern;
use attache_core::model::Email;
use attache_core::state::UserNode;
use serde::Serialize;
use utoipa::ToSchema;

/// The users who are attached to the customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserList)]
pub(super) struct Users<'a> {
    /// By id.
    data: Vec<WireUser<'a>>,
}

/// A user of the business that runs the app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
struct WireUser<'a> {
    /// Its number.
    id: u32,
    /// First and last name, or what else it is known by.
    name: String,
    /// Its e-mail address.
    #[schema(required = true)]
    email: Option<&'a str>,
    /// The names of the roles that it holds on the whole tenant and on this customer.
    roles: Vec<&'a str>,
    /// What it may do on this customer. `*` at the end stands for every ending.
    permissions: Vec<&'a str>,
    #[schema(value_type = Option<String>, format = DateTime, required = true, example = "2026-03-03T09:30:00.000Z")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required = true, example = "2026-03-03T09:30:00.000Z")]
    updated_at: Timestamp,
}

impl<'a> Users<'a> {
    /// Those who are attached to a customer, without the tenant's admins.
    pub(super) fn of(customer: &Branch<'a>) -> Self {
        let list = List::all(Field::Number).only(Filter::Admin(false));
        let members = customer.list(&list).items;
        let wire = |member: &Member<'a>| wire(customer, member.row);
        Self {
            data: members.iter().map(wire).collect(),
        }
    }
}

fn wire<'a>(customer: &Branch<'a>, row: &'a UserNode) -> WireUser<'a> {
    let roles = [customer.roles_on_root(row), customer.roles(row)];
    let roles = roles.into_iter().flatten();
    let mut roles: Vec<&str> = roles.map(|role| role.name.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    // What is held for a part of the customer only is left out: the wire has
    // no place to say so.
    let permissions = customer.patterns(row).into_iter();
    let user = &*row.user;
    WireUser {
        id: user.number.0,
        name: user.display_name(),
        email: user.profile.email.as_ref().map(Email::as_str),
        roles,
        permissions: permissions.map(Pattern::as_str).collect(),
        created_at: user.created_at,
        updated_at: user.updated_at,
    }
}
