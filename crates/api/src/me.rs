//! The caller.

use attache_core::id::{Key, ServiceId, UserId};
use attache_core::model::Email;
use attache_core::{Actor, Locator, State, Timestamp};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::groups;
use super::query::NoQuery;
use attache_http::{Problem, Session};

/// The caller, and its tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub(super) struct Me {
    /// The tenant's id.
    tenant: Uuid,
    /// The tenant's name; null for a caller that may not see it.
    #[schema(required = true, example = "Lantern Talk")]
    tenant_name: Option<String>,
    /// The caller, such as `user:0195…`, `service:0195…` or `operator`.
    caller: String,
    /// The caller's display name.
    #[schema(required = true, example = "portal")]
    name: Option<String>,
    /// The caller's key: its id in another system.
    #[schema(value_type = Option<String>, required = true, example = "portal")]
    key: Option<Key>,
    /// A user's e-mail address; null for a service.
    #[schema(value_type = Option<String>, required = true, format = Email, example = "freya.holm@harbour-bakery.example")]
    email: Option<Email>,
    /// The groups of a user, by number. Services have none.
    groups: Vec<groups::GroupView>,
    /// When the token of this request ends; null if never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires_at: Option<Timestamp>,
}

/// The facts about a caller.
#[derive(Default)]
struct Known {
    name: Option<String>,
    key: Option<Key>,
    email: Option<Email>,
    groups: Vec<groups::GroupView>,
}

impl Known {
    fn user(state: &State, id: UserId) -> Option<Self> {
        let row = state.user_node(state.find_user(&id.into())?)?;
        let groups = row.groups.keys();
        let groups = groups.filter_map(|group| state.group_node(*group));
        Some(Self {
            name: Some(row.user.display_name()),
            key: row.user.key.clone(),
            email: row.user.profile.email.clone(),
            groups: groups
                .map(|row| groups::GroupView::of(state, &row.group))
                .collect(),
        })
    }

    fn service(state: &State, id: ServiceId) -> Option<Self> {
        let row = state.service_node(state.find_service(&id.into())?)?;
        Some(Self {
            name: Some(row.service.name.to_string()),
            key: row.service.key.clone(),
            ..Self::default()
        })
    }
}

/// Get the caller.
///
/// For every caller. Shows the caller's own data: a user's key, e-mail address and
/// groups, a service's key, and the end of the request's token.
#[utoipa::path(
    get,
    operation_id = "get_me",
    path = "/me",
    tag = "me",
    responses((status = 200, description = "The caller, and its tenant.", body = Me)),
)]
pub(super) async fn get(session: Session, _: NoQuery) -> Result<Json<Me>, Problem> {
    let state = session.subject().state();
    let root = session.see(&Locator::root());
    let tenant_name = root.ok().and_then(|root| state.resource(root));
    let known = match session.caller.actor {
        Actor::User(id) => Known::user(state, id),
        Actor::Service(id) => Known::service(state, id),
        Actor::Operator | Actor::Attache => None,
    };
    let known = known.unwrap_or_default();
    Ok(Json(Me {
        tenant: session.caller.tenant.0,
        tenant_name: tenant_name.map(|resource| resource.name.to_string()),
        caller: session.caller.actor.to_string(),
        name: known.name,
        key: known.key,
        email: known.email,
        groups: known.groups,
        expires_at: session.ends().instant(),
    }))
}
