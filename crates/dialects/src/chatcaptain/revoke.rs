//! `DELETE /v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users/{userId}/roles/{role}`

use attache_core::ask::View;
use attache_core::command::{GrantRef, SubjectRef};
use attache_core::model::{GrantKey, Parameters, Subject};
use attache_core::{Command, Ref, Refusal, State};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{OpenApi, RefOr, Required};

use super::error::Error;
use super::role::{WireRole, params, renamed};
use attache_http::{Current, JsonBody, PathIds, Problem, Session};

/// The grant to revoke, among the user's grants of the role. Without a body: the grant
/// without parameters.
#[derive(Debug, ToSchema)]
#[schema(as = RevokeChatbotRoleRequestDto)]
pub(super) struct RevokeBody {
    /// All parameters of the grant.
    #[schema(value_type = BTreeMap<String, String>)]
    params: Parameters,
}

impl RevokeBody {
    fn read(body: JsonBody) -> Result<Self, Problem> {
        let params = match body {
            JsonBody::Nothing => Parameters::none(),
            body @ JsonBody::Is(_) => params(&mut body.object()?)?,
        };
        Ok(Self { params })
    }
}

/// The result of revoking a role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevokeChatbotRoleResponseDto)]
pub(super) struct Revoked {
    /// Whether the role was revoked.
    success: bool,
    /// Why the role was not revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
}

/// Revoke a role from a user for the chatbot.
///
/// The parameters must be those of the grant. Needs the permission
/// `chatbots.users.roles.revoke` on the chatbot.
#[utoipa::path(
    delete,
    path = "/{workspaceId}/chatbots/{chatbotId}/users/{userId}/roles/{role}",
    tag = "Chatbot users",
    params(
        ("workspaceId" = String, Path, description = "The workspace's id."),
        ("chatbotId" = String, Path, description = "The chatbot's id."),
        ("userId" = String, Path, description = "The id of the user."),
        ("role" = String, Path, description = "The role."),
    ),
    request_body = RevokeBody,
    responses(
        (status = 200, description = "The role was revoked, or the reason why not.", body = Revoked),
        (status = 400, description = "The body is invalid.", body = Error),
        (status = 403, description = "Insufficient permissions.", body = Error),
    ),
)]
pub(super) async fn revoke(
    mut session: Session,
    PathIds((workspace, chatbot, user, role)): PathIds<(String, String, String, String)>,
    body: JsonBody,
) -> Result<Json<Revoked>, Problem> {
    let grant = GrantRef {
        resource: super::chatbot(&workspace, &chatbot),
        subject: SubjectRef::User(Ref::text(&user)),
        role: role.as_str().into(),
        parameters: RevokeBody::read(body)?.params,
    };
    if WireRole::of(&role).is_none() {
        // The document has these roles only, so this API revokes no others.
        session.authorize(&grant.resource, "users.roles.revoke")?;
        return match session.preconditions()?.hold(|| Current::Absent) {
            true => Ok(Json(Revoked::new(false))),
            false => Err(Problem::Changed),
        };
    }
    let at = session.now();
    let which = grant.clone();
    let is_granted = move |state: &State| Current::untagged(is_held(state.view(at), &which));
    let success = match session.write(Command::Revoke { grant }, is_granted).await {
        Ok(written) => !written.changes.is_empty(),
        Err(Problem::Refused(Refusal::Unknown { .. })) => false,
        Err(other) => return Err(renamed(other)),
    };
    Ok(Json(Revoked::new(success)))
}

/// Returns whether a grant exists and counts in a view.
fn is_held(view: View<'_>, grant: &GrantRef) -> bool {
    let state = view.state();
    let SubjectRef::User(user) = &grant.subject else {
        return false;
    };
    let node = state.find(&grant.resource);
    let (Some(node), Some(user)) = (node, state.find_user(user)) else {
        return false;
    };
    let Some(role) = state.role_index(&grant.role) else {
        return false;
    };
    let key = GrantKey {
        subject: Subject::User(user),
        role,
        parameters: grant.parameters.clone(),
    };
    let found = state.node(node).and_then(|found| found.stored_grant(&key));
    found.is_some_and(|(_, grant)| grant.expires_at().is_live(view.at()))
        && view.is_member(node, user)
}

impl Revoked {
    fn new(success: bool) -> Self {
        let error = (!success).then_some("The user does not hold this role with these parameters.");
        Self { success, error }
    }
}

/// Corrects the body in the document: optional, and never null. The attribute above
/// cannot express both.
pub(super) fn documented(mut document: OpenApi) -> OpenApi {
    let bodies = document
        .paths
        .paths
        .values_mut()
        .filter_map(|path| path.delete.as_mut()?.request_body.as_mut());
    for body in bodies {
        if let RefOr::T(body) = body {
            body.required = Some(Required::False);
        }
    }
    document
}
