//! `GET /v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users`

use attache_core::Timestamp;
use attache_core::ask::{Field, List, Member};
use attache_core::id::Node;
use attache_core::model::Email;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use crate::http::{PathIds, Problem, Session};
use crate::naming;

/// The users of the chatbot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListChatbotUsersResponseDto)]
pub(super) struct Users {
    /// In the order in which they were added.
    users: Vec<ChatbotUser>,
    /// Never sent: a list that cannot be given is answered with another status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
}

/// A user of the chatbot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChatbotUserDto)]
struct ChatbotUser {
    id: String,
    name: String,
    /// Empty where it is not known.
    email: String,
    /// When it was added to the chatbot.
    #[schema(value_type = String, example = "2026-03-03T09:30:00.000Z")]
    added: Timestamp,
    /// The names of the roles that it holds on the chatbot.
    roles: Vec<String>,
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
        (status = 401, description = "No credential, or not a good one.", body = Error),
        (status = 403, description = "Insufficient permissions.", body = Error),
        (status = 405, description = "Not with this method.", body = Error),
        (status = 503, description = "Not now; try again.", body = Error),
    ),
)]
pub(super) async fn list(
    session: Session,
    PathIds((workspace, chatbot)): PathIds<(String, String)>,
) -> Result<Json<Users>, Problem> {
    let locator = super::chatbot(&workspace, &chatbot);
    let chatbot = session
        .state
        .authorize(&session.caller, &locator, "users.list", session.at)?;
    let members = session
        .state
        .list(chatbot, session.at, &List::all(Field::Added))
        .items;
    Ok(Json(Users {
        users: members
            .iter()
            .map(|member| wire(&session, chatbot, member))
            .collect(),
        error: None,
    }))
}

fn wire(session: &Session, chatbot: Node, member: &Member<'_>) -> ChatbotUser {
    let user = member.user;
    let roles = session.state.roles_on(chatbot, user.number, session.at);
    let mut roles: Vec<String> = roles.iter().map(|role| role.name.to_string()).collect();
    roles.sort();
    ChatbotUser {
        id: naming::key_or_id(user.key.as_ref(), user.id),
        name: user.display_name(),
        email: user
            .profile
            .email
            .as_ref()
            .map(Email::to_string)
            .unwrap_or_default(),
        added: member.membership.added_at,
        roles,
    }
}
