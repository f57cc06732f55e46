//! `POST /v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users`

use attache_core::{Command, Ref, Refusal};
use axum::Json;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::error::Error;
use attache_http::{JsonBody, PathIds, Problem, Session};

/// The user to add.
#[derive(Debug, ToSchema)]
#[schema(as = AddChatbotUserRequestDto)]
pub(super) struct AddBody {
    /// The id of the user.
    #[schema(rename = "userId")]
    user_id: String,
}

impl AddBody {
    fn read(body: JsonBody) -> Result<Self, Problem> {
        match body.object()?.remove("userId") {
            Some(Value::String(user_id)) => Ok(Self { user_id }),
            Some(_) => Err(Problem::invalid("userId", "must be a string")),
            None => Err(Problem::invalid("userId", "is required")),
        }
    }
}

/// The result of adding a user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AddChatbotUserResponseDto)]
pub(super) struct Added {
    /// Whether the user was added.
    added: bool,
    /// Why the user was not added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
}

/// Add a user to a chatbot.
///
/// The user must be attached to the workspace. Needs the permission `chatbots.users.add`
/// on the chatbot.
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
        (status = 201, description = "The user was added, or the reason why not.", body = Added),
        (status = 400, description = "The body is invalid.", body = Error),
        (status = 403, description = "Insufficient permissions.", body = Error),
    ),
)]
pub(super) async fn add(
    mut session: Session,
    PathIds((workspace, chatbot)): PathIds<(String, String)>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Added>), Problem> {
    let user = Ref::text(&AddBody::read(body)?.user_id);
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
        // A user who does not exist is not attached to the workspace either.
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
