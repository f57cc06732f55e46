//! A user on the wire.

use std::rc::Rc;

use attache_core::Timestamp;
use attache_core::ask::{Branch, Field, Filter, List, Member};
use attache_core::model::Email;
use attache_core::state::UserNode;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use attache_http::Problem;
use attache_http::held::HeldAsJson;

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
    #[schema(value_type = Vec<String>)]
    permissions: Rc<RawValue>,
    #[schema(value_type = Option<String>, format = DateTime, required = true, example = "2026-03-03T09:30:00.000Z")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required = true, example = "2026-03-03T09:30:00.000Z")]
    updated_at: Timestamp,
}

impl<'a> Users<'a> {
    /// Those who are attached to a customer, without the tenant's admins.
    pub(super) fn of(customer: &Branch<'a>) -> Result<Self, Problem> {
        let list = List::all(Field::Number).only(Filter::Admin(false));
        let members = customer.list(&list).items;
        let mut written = HeldAsJson::default();
        let wire = |member: &Member<'a>| wire(customer, member.row, &mut written);
        let data = members.iter().map(wire).collect::<Result<_, _>>()?;
        Ok(Self { data })
    }
}

fn wire<'a>(
    customer: &Branch<'a>,
    row: &'a UserNode,
    written: &mut HeldAsJson,
) -> Result<WireUser<'a>, Problem> {
    let roles = [customer.roles_on_root(row), customer.roles(row)];
    let roles = roles.into_iter().flatten();
    let mut roles: Vec<&str> = roles.map(|role| role.name.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    let user = &*row.user;
    Ok(WireUser {
        id: user.number.0,
        name: user.display_name(),
        email: user.profile.email.as_ref().map(Email::as_str),
        roles,
        // What is held for a part of the customer only is left out: the wire
        // has no place to say so.
        permissions: written.permissions(customer, customer.held(row))?,
        created_at: user.created_at,
        updated_at: user.updated_at,
    })
}
