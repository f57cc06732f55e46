//! A user in answers.

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
    /// The users, sorted by id.
    data: Vec<WireUser<'a>>,
}

/// A user of the business that runs the app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
struct WireUser<'a> {
    /// The number of the user.
    id: u32,
    /// The first and last name, or another name of the user.
    name: String,
    /// The e-mail address of the user.
    #[schema(required = true)]
    email: Option<&'a str>,
    /// The names of the user's roles on the whole tenant and on this customer.
    roles: Vec<&'a str>,
    /// The user's permissions on this customer. `*` at the end stands for every ending.
    #[schema(value_type = Vec<String>)]
    permissions: Rc<RawValue>,
    #[schema(value_type = Option<String>, format = DateTime, required = true, example = "2026-03-03T09:30:00.000Z")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required = true, example = "2026-03-03T09:30:00.000Z")]
    updated_at: Timestamp,
}

impl Users<'_> {
    /// Answers with the users of a customer, without the tenant's admins.
    pub(super) async fn answer(session: &Session, customer: Node) -> Result<Response, Problem> {
        let branch = session.subject().branch(customer);
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

    /// Answers a write with the users of a customer, thus without a tag.
    pub(super) async fn answer_untagged(
        session: &Session,
        customer: Node,
    ) -> Result<Response, Problem> {
        let branch = session.subject().branch(customer);
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
        let branch = session.subject().branch(customer);
        let branch = branch.ok_or(Problem::Internal)?;
        let mut written = HeldAsJson::default();
        for row in users
            .iter()
            .filter_map(|user| session.subject().state().user_node(*user))
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
        // Permissions for a part of the customer are left out, since the published
        // document has no place for the part.
        permissions: written.permissions(customer, customer.held(row))?,
        created_at: user.created_at,
        updated_at: user.updated_at,
    })
}
