//! `GET /v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users`

use std::borrow::Cow;
use std::sync::LazyLock;

use attache_core::Timestamp;
use attache_core::ask::{Attached, Branch, Field, Member, MemberQuery};
use attache_core::id::{Node, UserNumber};
use attache_core::model::Email;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use attache_http::naming;
use attache_http::streamed::{Around, Items, LONG};
use attache_http::{PathIds, Problem, Session};

/// The users of the chatbot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListChatbotUsersResponseDto)]
pub(super) struct Users<'a> {
    /// The users, in the order in which they were added.
    users: Vec<ChatbotUser<'a>>,
    /// Never sent: a list that fails has another status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
}

/// A user of the chatbot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChatbotUserDto)]
struct ChatbotUser<'a> {
    #[schema(value_type = String)]
    id: Cow<'a, str>,
    name: String,
    /// The e-mail address. Empty if unknown.
    email: &'a str,
    /// When the user was added to the chatbot.
    #[schema(value_type = String, example = "2026-03-03T09:30:00.000Z")]
    added: Timestamp,
    /// The names of the user's roles on the chatbot.
    roles: Vec<&'a str>,
}

/// List all users of a chatbot.
///
/// Needs the permission `chatbots.users.list` on the chatbot.
#[utoipa::path(
    get,
    path = "/{workspaceId}/chatbots/{chatbotId}/users",
    tag = "Chatbot users",
    params(
        ("workspaceId" = String, Path, description = "The workspace's id."),
        ("chatbotId" = String, Path, description = "The chatbot's id."),
    ),
    responses(
        (status = 200, description = "The users.", body = Users),
        (status = 403, description = "Insufficient permissions.", body = Error),
    ),
)]
pub(super) async fn list(
    session: Session,
    PathIds((workspace, chatbot)): PathIds<(String, String)>,
) -> Result<Response, Problem> {
    let locator = super::chatbot(&workspace, &chatbot);
    let chatbot = session.authorize(&locator, "users.list")?;
    let node = chatbot;
    let chatbot = session.subject().branch(node);
    let chatbot = chatbot.ok_or_else(|| Problem::internal("the chatbot is gone"))?;
    let members = || chatbot.list(&MemberQuery::all(Field::Added)).items;
    if chatbot.attached() <= LONG {
        let write = |items: &mut Items| {
            let members = members();
            let members = members.iter();
            let mut members = members.filter_map(Member::attached);
            members.try_for_each(|member| items.put(&wire(&chatbot, &member)))?;
            Ok(AROUND.tail())
        };
        if let Some(answer) = session.listed_if_short(0, &AROUND.head, write).await? {
            return Ok(answer);
        }
    }
    let find = || members().iter().map(|it| it.user().number).collect();
    session.streamed(AROUND.clone(), find, show(node)).await
}

/// The JSON around the users.
static AROUND: LazyLock<Around> = LazyLock::new(|| {
    Around::of(&Users {
        users: Vec::new(),
        error: None,
    })
});

/// Writes a piece of a long list.
fn show(
    chatbot: Node,
) -> impl Fn(&Session, &[UserNumber], &mut Items) -> Result<(), Problem> + Send + Sync + 'static {
    move |session, users, items| {
        let view = session.subject();
        let branch = view.branch(chatbot).ok_or(Problem::Internal)?;
        let members = users.iter().filter_map(|user| view.member(chatbot, *user));
        for member in members {
            items.put(&wire(&branch, &member))?;
        }
        Ok(())
    }
}

fn wire<'a>(chatbot: &Branch<'a>, member: &Attached<'a>) -> ChatbotUser<'a> {
    let user = member.user();
    let roles = chatbot.roles(member.row).into_iter();
    let mut roles: Vec<&str> = roles.map(|role| role.name.as_str()).collect();
    roles.sort_unstable();
    let email = user.profile.email.as_ref();
    ChatbotUser {
        id: naming::key_or_id(user.key.as_ref(), user.id),
        name: user.display_name(),
        email: email.map(Email::as_str).unwrap_or_default(),
        added: member.membership.added_at(),
        roles,
    }
}
