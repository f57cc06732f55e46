//! Who the caller is.

use attache_core::{Actor, Locator};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::docs::ReadProblems;
use attache_http::{Problem, Session};

/// Who asks, and of which tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub(super) struct Me {
    /// The tenant's id.
    tenant: Uuid,
    /// The tenant's name; null to a caller that may not see it.
    #[schema(required = true, example = "Lantern Talk")]
    tenant_name: Option<String>,
    /// Such as `user:0195…`, `service:0195…` or `operator`.
    caller: String,
    /// What the caller is called.
    #[schema(required = true, example = "portal")]
    name: Option<String>,
}

/// Who is the caller?
#[utoipa::path(
    get,
    operation_id = "get_me",
    path = "/me",
    tag = "me",
    responses((status = 200, description = "Who asks, and of which tenant.", body = Me), ReadProblems),
)]
pub(super) async fn get(session: Session) -> Result<Json<Me>, Problem> {
    let state = &*session.state;
    let root = state.see(&session.caller, &Locator::root(), session.at);
    let tenant_name = root.ok().and_then(|root| state.resource(root));
    let name = match session.caller.actor {
        Actor::User(id) => state
            .find_user(&id.into())
            .and_then(|user| Some(state.user(user)?.display_name())),
        Actor::Service(id) => state
            .find_service(&id.into())
            .and_then(|service| Some(state.service_node(service)?.service.name.to_string())),
        Actor::Operator | Actor::Attache => None,
    };
    Ok(Json(Me {
        tenant: session.caller.tenant.0,
        tenant_name: tenant_name.map(|resource| resource.name.to_string()),
        caller: session.caller.actor.to_string(),
        name,
    }))
}
