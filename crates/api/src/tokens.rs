//! The API tokens of a service.

use std::collections::HashMap;
use std::sync::Arc;

use attache_core::id::TokenId;
use attache_core::model::Token;
use attache_core::{Actor, Change, Command, State, Timestamp};
use axum::extract::State as Shared;
use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{created_secret, gone};
use super::call::{Call, not_found};

use super::list_request::{List, ListRequest};
use super::page::{Page, Paging};
use super::query::NoQuery;
use super::{etag, parameters, services, words};
use attache_http::api_token::ApiToken;
use attache_http::naming;
use attache_http::{App, Current, PathIds, Problem, Session};
use attache_tenants::{Condition, WriteError};

/// An API token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct TokenView {
    /// The id by which it is revoked.
    id: Uuid,
    /// Its last characters, by which people recognise it.
    #[schema(example = "q7Xd")]
    hint: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The caller who created it: `user:…`, `service:…`, `operator` or `attache`; null if
    /// unknown.
    #[schema(value_type = Option<String>, required = true, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    created_by: Option<Actor>,
    /// When it ends; null if never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires_at: Option<Timestamp>,
    /// When it was last used, on any server, to within ten minutes; null if it was never
    /// used since servers record uses, and as of another time.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    last_used_at: Option<Timestamp>,
}

/// When the tokens of a tenant were last used.
type Uses = HashMap<TokenId, Timestamp>;

/// A new API token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedToken)]
pub(super) struct CreatedToken {
    #[serde(flatten)]
    token: TokenView,
    /// The token itself, shown only now: attache stores only a hash. Null if the same
    /// request had created it before.
    #[schema(required = true)]
    secret: Option<String>,
}

impl TokenView {
    fn of(state: &State, token: &Token, uses: &Uses) -> Self {
        Self {
            id: token.id.0,
            hint: token.hint.to_string(),
            created_at: token.created_at,
            created_by: state.giver(token.created_by),
            expires_at: token.expires_at.instant(),
            last_used_at: uses.get(&token.id).copied(),
        }
    }

    fn by_id(state: &State, id: TokenId, uses: &Uses) -> Option<Self> {
        state.token(id).map(|token| Self::of(state, token, uses))
    }
}

async fn uses(app: &App, session: &Session) -> Result<Uses, Problem> {
    if session.is_about_another_time() {
        // Only the last use is recorded, which may be later.
        return Ok(Uses::new());
    }
    Ok(app.tenants().token_uses(session.caller.tenant).await?)
}

/// A token to create.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub(super) struct NewToken {
    /// When it ends; left out if never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// List the tokens of a service.
///
/// Needs the permission `tenants.services.list`.
#[utoipa::path(
    get,
    operation_id = "list_tokens",
    path = "/services/{service}/tokens",
    tag = "services",
    params(parameters::ServiceName, parameters::PageSize, parameters::Cursor),
    responses((status = 200, description = "A page of tokens, by id.", body = Page<TokenView>)),
)]
pub(super) async fn list(
    request: ListRequest,
    PathIds(service): PathIds<String>,
) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<TokenView>(&[])?;
    let number = services::find(&session, &service)?;
    let path = format!("/services/{}/tokens", number.0);
    let paging = Paging::<Uuid>::read(&app, &session, &path, &mut query)?;
    let state = session.subject().state();
    let row = state.service_node(number).into_iter();
    let tokens = row.flat_map(|row| row.tokens.keys());
    let tokens = tokens.filter_map(|token| state.token(*token)).collect();
    let uses = uses(&app, &session).await?;
    let name = |token: &&Token| token.id.0;
    let show = |token: &Token| TokenView::of(state, token, &uses);
    let answer = paging.answer(&listing, &session, tokens, name, show, 0);
    answer.await
}

/// Create an API token for a service.
///
/// Needs the permission `tenants.services.tokens.create`, and all that the service holds,
/// since the holder of the token can act as the service.
#[utoipa::path(
    post,
    operation_id = "create_token",
    path = "/services/{service}/tokens",
    tag = "services",
    params(parameters::ServiceName, parameters::IdempotencyKey),
    request_body = Option<NewToken>,
    responses((status = 201, description = "Created. This is the only answer that shows the secret.", body = CreatedToken)),
)]
pub(super) async fn create(
    PathIds(service): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let new = call.body_or_nothing::<NewToken>()?.unwrap_or_default();
    let token = ApiToken::new(call.session.caller.tenant, call.app().tenants().ambient());
    let command = Command::CreateToken {
        id: TokenId(call.id()),
        service: naming::reference(&service),
        hash: token.hash(),
        hint: token.hint().into(),
        expires_at: new.expires_at,
    };
    let done = call.write(command, |_| Current::Untagged).await;
    let done = done.map_err(words::absent)?;
    let made = done.made(|change| match change {
        Change::TokenCreated { token, service, .. } => Some((*token, *service)),
        _ => None,
    });
    let (id, service) = done.shown(made)?;
    // A token that was just created is unused.
    let uses = match done.is_replayed() {
        true => uses(call.app(), &call.session).await?,
        false => Uses::new(),
    };
    let created_token = CreatedToken {
        token: done.shown(TokenView::by_id(call.session.subject().state(), id, &uses))?,
        secret: done.secret(token.reveal()),
    };
    created_secret(&done, created_token, |it| {
        format!("services/{service}/tokens/{}", it.token.id)
    })
}

/// Get a token, without its secret.
///
/// Needs the permission `tenants.services.list`.
#[utoipa::path(
    get,
    operation_id = "get_token",
    path = "/services/{service}/tokens/{token}",
    tag = "services",
    params(parameters::ServiceName, ("token" = Uuid, Path, description = "The token's id."), parameters::IfNoneMatch),
    responses((status = 200, description = "The token.", body = TokenView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    Shared(app): Shared<App>,
    session: Session,
    _: NoQuery,
    PathIds((service, token)): PathIds<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let number = services::find(&session, &service)?;
    let id: Option<TokenId> = token.parse().ok();
    let token = id.and_then(|id| session.subject().state().token(id));
    let token = token.filter(|token| token.service == number);
    let token = token.ok_or_else(|| not_found("token"))?;
    let uses = uses(&app, &session).await?;
    etag::answer(
        &headers,
        TokenView::of(session.subject().state(), token, &uses),
    )
}

/// Revoke a token.
///
/// This server refuses it from the next request on, another server as soon as it has read
/// the revocation: within `tenants.silent_for`, or at once with `tenants.reads =
/// "latest"`. Needs the permission `tenants.services.tokens.revoke`.
#[utoipa::path(
    delete,
    operation_id = "revoke_token",
    path = "/services/{service}/tokens/{token}",
    tag = "services",
    params(parameters::ServiceName, ("token" = Uuid, Path, description = "The token's id."), parameters::IdempotencyKey),
    responses((status = 204, description = "No longer accepted.")),
)]
pub(super) async fn revoke(
    PathIds((service, token)): PathIds<(String, String)>,
    mut call: Call,
) -> Result<Response, Problem> {
    // A text that is not an id becomes one that no token has, so that permissions are
    // checked first.
    let id: TokenId = token.parse().unwrap_or(TokenId(Uuid::nil()));
    let service = naming::reference(&service);
    let is_its = move |state: &State| {
        let token = state.token(id);
        token.is_some_and(|token| state.find_service(&service) == Some(token.service))
    };
    let command = Command::RevokeToken { token: id };
    // A use of the token changes its tag. If the uses are unknown, no tag matches, and a
    // revocation without a precondition goes on.
    let uses = match call.preconditions.are_any() {
        true => uses(call.app(), &call.session).await.unwrap_or_default(),
        false => Uses::new(),
    };
    let preconditions = call.preconditions.condition(move |state| {
        Current::tagged(TokenView::by_id(state, id, &uses).and_then(|token| etag::of(&token)))
    });
    let its = is_its.clone();
    let only_if: Condition =
        Arc::new(move |state| its(state) && preconditions.as_ref().is_none_or(|hold| hold(state)));
    match call.write_if(vec![command], Some(only_if)).await {
        Ok(done) => Ok(gone(&done)),
        Err(WriteError::Changed) if !is_its(call.session.subject().state()) => {
            Err(not_found("token"))
        }
        Err(other) => Err(words::absent(other.into())),
    }
}
