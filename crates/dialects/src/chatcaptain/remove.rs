//! `DELETE /v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users/{userId}`

use attache_core::{Command, Ref, Refusal, State};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use attache_http::{Current, PathIds, Problem, Session};

/// The result of removing a user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RemoveChatbotUserResponseDto)]
pub(super) struct Removed {
    /// Whether the user was removed.
    removed: bool,
    /// Why the user was not removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
}

/// Remove a user from a chatbot.
///
/// Also removes the user's roles on the chatbot. Needs the permission
/// `chatbots.users.remove` on the chatbot.
#[utoipa::path(
    delete,
    path = "/{workspaceId}/chatbots/{chatbotId}/users/{userId}",
    tag = "Chatbot users",
    params(
        ("workspaceId" = String, Path, description = "The workspace's id."),
        ("chatbotId" = String, Path, description = "The chatbot's id."),
        ("userId" = String, Path, description = "The id of the user."),
    ),
    responses(
        (status = 200, description = "The user was removed, or the reason why not.", body = Removed),
        (status = 400, description = "A header is invalid.", body = Error),
        (status = 403, description = "Insufficient permissions.", body = Error),
    ),
)]
pub(super) async fn remove(
    mut session: Session,
    PathIds((workspace, chatbot, user)): PathIds<(String, String, String)>,
) -> Result<Json<Removed>, Problem> {
    let (resource, user) = (super::chatbot(&workspace, &chatbot), Ref::text(&user));
    let command = Command::RemoveMember {
        resource: resource.clone(),
        user: user.clone(),
    };
    let at = session.now();
    let is_attached = move |state: &State| {
        let member = state.find(&resource).zip(state.find_user(&user));
        Current::untagged(member.is_some_and(|(node, user)| state.view(at).is_member(node, user)))
    };
    let removed = match session.write(command, is_attached).await {
        Ok(written) => !written.changes.is_empty(),
        Err(Problem::Refused(Refusal::Unknown { .. })) => false,
        Err(other) => return Err(other),
    };
    let error = (!removed).then_some("The user is not attached to the chatbot.");
    Ok(Json(Removed { removed, error }))
}
