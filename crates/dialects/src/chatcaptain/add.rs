//! `POST /v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users`

use attache_core::{Command, Ref, Refusal};
use axum::Json;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::error::Error;
use attache_http::{JsonBody, PathIds, Problem, Session};

/// Whom to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AddChatbotUserRequestDto)]
#[allow(
    dead_code,
    reason = "read by hand, so that each fault is named at its place"
)]
pub(super) struct AddBody {
    /// The id of the user.
    user_id: String,
}

/// Whether the user was added.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AddChatbotUserResponseDto)]
pub(super) struct Added {
    /// Whether it was.
    added: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
}

/// Add a user to a chatbot.
///
/// The user must be attached to the workspace. Needs the permission
/// `chatbots.users.add` on the chatbot.
#[utoipa::path(
    post,
    path = "/{workspaceId}/chatbots/{chatbotId}/users",
    tag = "Chatbot users",
    params(
        ("workspaceId" = String, Path, description = "The workspace's id."),
        ("chatbotId" = String, Path, description = "The chatbot's id."),
    ),
    request_body = AddBody,
    responses(
        (status = 201, description = "The user was added, or why not.", body = Added),
        (status = 400, description = "The body is wrong.", body = Error),
        (status = 401, description = "No credential, or not a good one.", body = Error),
        (status = 403, description = "Insufficient permissions.", body = Error),
        (status = 405, description = "Not with this method.", body = Error),
        (status = 412, description = "What If-Match or If-None-Match demand does not hold.", body = Error),
        (status = 408, description = "The body did not arrive in time.", body = Error),
        (status = 413, description = "The body is too large.", body = Error),
        (status = 415, description = "The body is compressed.", body = Error),
        (status = 503, description = "Not now; try again.", body = Error),
    ),
)]
pub(super) async fn add(
    mut session: Session,
    PathIds((workspace, chatbot)): PathIds<(String, String)>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Added>), Problem> {
    let user = match body.object()?.remove("userId") {
        Some(Value::String(id)) => Ref::text(&id),
        Some(_) => return Err(Problem::invalid("userId", "must be a string")),
        None => return Err(Problem::invalid("userId", "is required")),
    };
    let command = Command::AddMember {
        resource: super::chatbot(&workspace, &chatbot),
        user,
        expires_at: None,
    };
    let list = session.list();
    let error = match session.write(command, list).await {
        Ok(written) if written.changes.is_empty() => {
            Some("The user is already attached to the chatbot.")
        }
        Ok(_) => None,
        // Who does not exist is not attached to the workspace either.
        Err(Problem::Refused(Refusal::Unknown { .. } | Refusal::NotInParent { .. })) => {
            Some("The user is not attached to the workspace.")
        }
        Err(other) => return Err(other),
    };
    let added = Added {
        added: error.is_none(),
        error,
    };
    Ok((StatusCode::CREATED, Json(added)))
}
