//! A user on the wire.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::LazyLock;

use attache_core::Timestamp;
use attache_core::ask::{Branch, Field, Filter, Member, MemberQuery};
use attache_core::id::{Node, UserNumber};
use attache_core::model::Email;
use attache_core::state::UserNode;
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use attache_http::held::HeldAsJson;
use attache_http::streamed::{Around, Items, LONG};
use attache_http::{Problem, Session};

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

impl Users<'_> {
    /// The answer with those who are attached to a customer, without the tenant's
    /// admins.
    pub(super) async fn answer(session: &Session, customer: Node) -> Result<Response, Problem> {
        let branch = session.state.branch(customer, session.at);
        let branch = branch.ok_or(Problem::Internal)?;
        if branch.attached() <= LONG {
            let write = |items: &mut Items| write(&branch, items);
            if let Some(answer) = session.listed_if_short(0, &AROUND.head, write).await? {
                return Ok(answer);
            }
        }
        let find = || numbers(&branch);
        session.streamed(AROUND.clone(), find, show(customer)).await
    }

    /// The same without a tag, for the answer to a write.
    pub(super) async fn answer_untagged(
        session: &Session,
        customer: Node,
    ) -> Result<Response, Problem> {
        let branch = session.state.branch(customer, session.at);
        let branch = branch.ok_or(Problem::Internal)?;
        if branch.attached() <= LONG {
            let write = |items: &mut Items| write(&branch, items);
            if let Some(answer) = session.answered_if_short(0, &AROUND.head, write).await? {
                return Ok(answer);
            }
        }
        let find = || numbers(&branch);
        let answer = session.streamed_untagged(AROUND.clone(), find, show(customer));
        answer.await
    }
}

/// The JSON around the users.
static AROUND: LazyLock<Around> = LazyLock::new(|| Around::of(&Users { data: Vec::new() }));

/// Writes a short list.
fn write(customer: &Branch<'_>, items: &mut Items) -> Result<Cow<'static, str>, Problem> {
    let mut written = HeldAsJson::default();
    for member in members(customer) {
        items.put(&wire(customer, member.row, &mut written)?)?;
    }
    Ok(AROUND.tail())
}

fn members<'a>(customer: &Branch<'a>) -> Vec<Member<'a>> {
    let query = MemberQuery::all(Field::Number).only(Filter::Admin(false));
    customer.list(&query).items
}

fn numbers(customer: &Branch<'_>) -> Vec<UserNumber> {
    let members = members(customer).into_iter();
    members.map(|member| member.user().number).collect()
}

/// Writes a piece of a long list.
fn show(
    customer: Node,
) -> impl Fn(&Session, &[UserNumber], &mut Items) -> Result<(), Problem> + Send + Sync + 'static {
    move |session, users, items| {
        let branch = session.state.branch(customer, session.at);
        let branch = branch.ok_or(Problem::Internal)?;
        let mut written = HeldAsJson::default();
        for row in users
            .iter()
            .filter_map(|user| session.state.user_node(*user))
        {
            items.put(&wire(&branch, row, &mut written)?)?;
        }
        Ok(())
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
