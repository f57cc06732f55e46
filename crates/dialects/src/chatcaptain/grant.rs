//! `POST /v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users/{userId}/roles`

use std::sync::LazyLock;

use attache_core::ask::{Permission, ScopePath};
use attache_core::command::{GrantRef, SubjectRef};
use attache_core::model::{Parameters, Subject};
use attache_core::{Command, Ref, Refusal};
use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::role::{WireRole, params, renamed};
use attache_http::naming;
use attache_http::streamed::{Around, Items};
use attache_http::{Current, JsonBody, PathIds, Problem, Session};

/// The role to grant.
#[derive(Debug, ToSchema)]
#[schema(as = GrantChatbotRoleRequestDto)]
pub(super) struct GrantBody {
    /// The role.
    role: WireRole,
    /// The parameters of the role, such as `inboxId` for `InboxUser` and
    /// `ExternalInboxUser`.
    #[schema(value_type = BTreeMap<String, String>)]
    params: Parameters,
}

impl GrantBody {
    fn read(body: JsonBody) -> Result<Self, Problem> {
        let mut body = body.object()?;
        let role = match body.remove("role") {
            Some(role) => role.as_str().and_then(WireRole::of).ok_or_else(|| {
                let reason = format!("must be one of {}", WireRole::NAMES.join(", "));
                Problem::invalid("role", reason)
            })?,
            None => return Err(Problem::invalid("role", "is required")),
        };
        let params = params(&mut body)?;
        Ok(Self { role, params })
    }
}

/// The permissions of the user after the grant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GrantChatbotRoleResponseDto)]
pub(super) struct Granted {
    /// All permissions that the user holds on the chatbot.
    permissions: Vec<WirePermission>,
    /// Why the role was not granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
}

/// A permission, or a family of permissions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PermissionDto)]
struct WirePermission {
    #[schema(example = "chatbots.inbox.views.*")]
    name: String,
    /// The part of the chatbot that the permission is limited to, if it is scoped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "chatbots/concierge/inboxes/7")]
    resource: Option<String>,
}

/// Assign a role to a user for the chatbot.
///
/// The user must be attached to the chatbot. Needs the permission
/// `chatbots.users.roles.grant` on the chatbot, and all that the role gives.
#[utoipa::path(
    post,
    path = "/{workspaceId}/chatbots/{chatbotId}/users/{userId}/roles",
    tag = "Chatbot users",
    params(
        ("workspaceId" = String, Path, description = "The workspace's id."),
        ("chatbotId" = String, Path, description = "The chatbot's id."),
        ("userId" = String, Path, description = "The id of the user."),
    ),
    request_body = GrantBody,
    responses(
        (status = 201, description = "The role was assigned, or the reason why not.", body = Granted),
        (status = 400, description = "The body is invalid.", body = Error),
        (status = 403, description = "Insufficient permissions.", body = Error),
    ),
)]
pub(super) async fn grant(
    mut session: Session,
    PathIds((workspace, chatbot, user)): PathIds<(String, String, String)>,
    body: JsonBody,
) -> Result<Response, Problem> {
    let GrantBody { role, params } = GrantBody::read(body)?;
    let resource = super::chatbot(&workspace, &chatbot);
    let user = Ref::text(&user);
    let grant = GrantRef {
        resource: resource.clone(),
        subject: SubjectRef::User(user.clone()),
        role: role.name().into(),
        parameters: params,
    };
    let command = Command::Grant {
        grant,
        expires_at: None,
    };
    // No read shows anything at this path.
    let written = session.write(command, |_| Current::Absent).await;
    match written {
        Ok(_) => granted(&session, permissions(&session, &resource, &user)).await,
        Err(Problem::Refused(
            Refusal::NotAMember { .. } | Refusal::Unknown { field: "user", .. },
        )) => {
            let granted = Granted {
                permissions: Vec::new(),
                error: Some("The user is not attached to the chatbot."),
            };
            Ok((StatusCode::CREATED, Json(granted)).into_response())
        }
        Err(other) => Err(renamed(other)),
    }
}

/// The JSON around the permissions.
static AROUND: LazyLock<Around> = LazyLock::new(|| {
    Around::of(&Granted {
        permissions: Vec::new(),
        error: None,
    })
});

/// Returns the answer with all permissions of a user. Streamed if long, since scoped
/// permissions are listed for each grant.
async fn granted(session: &Session, held: Vec<Permission>) -> Result<Response, Problem> {
    let write = |items: &mut Items| show(session, &held, items).map(|()| AROUND.tail());
    let short = session.answered_if_short(0, &AROUND.head, write).await?;
    let mut answer = match short {
        Some(answer) => answer,
        None => {
            session
                .streamed_untagged(AROUND.clone(), || held, show)
                .await?
        }
    };
    *answer.status_mut() = StatusCode::CREATED;
    Ok(answer)
}

/// Writes some permissions.
fn show(session: &Session, held: &[Permission], items: &mut Items) -> Result<(), Problem> {
    let mut wire = held.iter().map(|held| WirePermission {
        name: held.pattern.to_string(),
        resource: held.scope.as_ref().map(|scope| path(session, scope)),
    });
    wire.try_for_each(|permission| items.put(&permission))
}

fn permissions(session: &Session, chatbot: &attache_core::Locator, user: &Ref) -> Vec<Permission> {
    let state = session.subject().state();
    let (Some(chatbot), Some(user)) = (state.find(chatbot), state.find_user(user)) else {
        // Both existed when the role was granted, and are gone already.
        return Vec::new();
    };
    session.subject().permissions(Subject::User(user), chatbot)
}

fn path(session: &Session, scope: &ScopePath) -> String {
    let id = session
        .subject()
        .state()
        .resource(scope.on)
        .map(naming::resource);
    let mut path = format!("{}/{}", scope.collection, id.unwrap_or_default());
    for part in &scope.parts {
        path.push_str(&format!("/{}/{}", part.collection, part.value));
    }
    path
}
