//! Issuers of tokens that the tenant trusts.

use attache_core::ask::{Authority, View};
use attache_core::cause::chain;
use attache_core::id::IssuerId;
use attache_core::model::{FindsBy, Issuer, KeySource, TenantClaim, Trust};
use attache_core::{Actor, Change, Command, State, Timestamp};
use axum::Json;
use axum::extract::State as Shared;
use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::{Call, not_found};
use super::keys::Keys;

use super::list_request::{List, ListRequest};
use super::page::{Page, Paging};
use super::parameters;
use super::query::NoQuery;
use super::thing::{self, Thing};
use attache_http::{App, Current, PathIds, Problem, Session};

/// An issuer whose tokens are accepted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Issuer)]
pub(super) struct IssuerView {
    id: Uuid,
    #[serde(flatten)]
    terms: IssuerTerms,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The caller who added it: `user:…`, `service:…`, `operator` or `attache`; null if
    /// unknown.
    #[schema(value_type = Option<String>, required = true, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    created_by: Option<Actor>,
}

/// The terms on which an issuer's tokens are accepted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IssuerTerms)]
pub(super) struct IssuerTerms {
    /// The value of the claim `iss`, exactly.
    #[schema(example = "https://login.harbour-bakery.example")]
    issuer: String,
    /// The source of its keys. If left out: OpenID Connect Discovery.
    #[serde(default)]
    keys: Keys,
    /// The value that the claim `aud` must be or contain.
    #[schema(example = "attache")]
    audience: String,
    /// The claim that names the user. If left out: `sub`, or `email` if `finds_by` is
    /// `email`, which allows no other claim.
    #[schema(nullable = false, example = "sub")]
    subject_claim: Option<String>,
    /// The meaning of that claim in attache: the user's key, id, verified e-mail address
    /// or `external_auth_id`. If left out: `key`.
    #[serde(default)]
    finds_by: Finds,
    /// The claim that must name the tenant, if one must.
    #[serde(default)]
    tenant_claim: Option<Claim>,
    /// The value of the header's `typ`, such as `at+jwt`. If left out, types of tokens
    /// that are not access tokens are still refused.
    #[serde(default)]
    #[schema(example = "at+jwt")]
    token_type: Option<String>,
    /// Whether an invited user accepts by signing in through this issuer: its first
    /// request with such a token makes it active.
    #[serde(default)]
    accepts_invitations: bool,
}

/// How the subject of a token identifies a user.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FindsBy)]
pub(super) enum Finds {
    #[default]
    Key,
    Id,
    Email,
    ExternalAuthId,
}

/// A claim that must name the tenant.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TenantClaim)]
pub(super) struct Claim {
    #[schema(example = "org_id")]
    name: String,
    /// The value that the claim must be, or contain if it is a list.
    #[schema(example = "lantern")]
    value: String,
}

impl From<&Trust> for IssuerTerms {
    fn from(trust: &Trust) -> Self {
        let claim = trust.tenant_claim.as_ref();
        Self {
            issuer: trust.issuer.to_string(),
            keys: match &trust.keys {
                KeySource::Discovery => Keys::default(),
                KeySource::Url(url) => Keys::Url {
                    url: url.to_string(),
                },
                KeySource::Pasted(text) => Keys::Jwks {
                    jwks: serde_json::from_str(text).unwrap_or_default(),
                },
            },
            audience: trust.audience.to_string(),
            subject_claim: Some(trust.subject_claim.to_string()),
            finds_by: match trust.finds_by {
                FindsBy::Key => Finds::Key,
                FindsBy::Id => Finds::Id,
                FindsBy::Email => Finds::Email,
                FindsBy::ExternalAuthId => Finds::ExternalAuthId,
            },
            tenant_claim: claim.map(|claim| Claim {
                name: claim.name.to_string(),
                value: claim.value.to_string(),
            }),
            token_type: trust.token_type.as_deref().map(str::to_owned),
            accepts_invitations: trust.accepts_invitations,
        }
    }
}

impl IssuerView {
    fn of(state: &State, issuer: &Issuer) -> Self {
        Self {
            id: issuer.id.0,
            terms: IssuerTerms::from(&issuer.trust),
            created_at: issuer.created_at,
            created_by: state.giver(issuer.created_by),
        }
    }
}

/// The issuers that a tenant trusts.
struct Issuers;

impl Thing for Issuers {
    type Name = IssuerId;
    type Number = IssuerId;
    type View<'a> = IssuerView;

    const NOUN: &'static str = "issuer";
    const PATH: &'static str = "issuers";

    fn find(_: &State, name: &IssuerId) -> Option<IssuerId> {
        Some(*name)
    }

    fn view<'a>(_: Authority<'a>, subject: View<'a>, id: IssuerId) -> Option<IssuerView> {
        let state = subject.state();
        state.issuer(id).map(|issuer| IssuerView::of(state, issuer))
    }

    fn id(view: &IssuerView) -> Uuid {
        view.id
    }

    fn added(change: &Change) -> Option<IssuerId> {
        match change {
            Change::IssuerAdded { issuer, .. } => Some(*issuer),
            _ => None,
        }
    }

    fn changed(_: &Change) -> Option<IssuerId> {
        // The id stays.
        None
    }
}

impl IssuerTerms {
    fn trust(self) -> Trust {
        let claim = self.tenant_claim;
        Trust {
            issuer: self.issuer.into(),
            keys: match self.keys {
                Keys::Discovery {} => KeySource::Discovery,
                Keys::Url { url } => KeySource::Url(url.into()),
                Keys::Jwks { jwks } => KeySource::Pasted(jwks.to_string().into()),
            },
            audience: self.audience.into(),
            subject_claim: match (self.subject_claim, self.finds_by) {
                (Some(claim), _) => claim.into(),
                (None, Finds::Email) => "email".into(),
                (None, Finds::Key | Finds::Id | Finds::ExternalAuthId) => "sub".into(),
            },
            finds_by: match self.finds_by {
                Finds::Key => FindsBy::Key,
                Finds::Id => FindsBy::Id,
                Finds::Email => FindsBy::Email,
                Finds::ExternalAuthId => FindsBy::ExternalAuthId,
            },
            tenant_claim: claim.map(|claim| TenantClaim {
                name: claim.name.into(),
                value: claim.value.into(),
            }),
            token_type: self.token_type.map(Into::into),
            accepts_invitations: self.accepts_invitations,
        }
    }
}

/// List the issuers whose tokens are accepted.
///
/// Needs the permission `tenants.issuers.list`.
#[utoipa::path(
    get,
    operation_id = "list_issuers",
    path = "/issuers",
    tag = "issuers",
    params(parameters::PageSize, parameters::Cursor),
    responses((status = 200, description = "A page of issuers, by id.", body = Page<IssuerView>)),
)]
pub(super) async fn list(request: ListRequest) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<IssuerView>(&[])?;
    let paging = Paging::<Uuid>::read(&app, &session, "/issuers", &mut query)?;
    let state = session.subject().state();
    session.authority().authorize_tenant("issuers.list")?;
    let issuers = state.issuers().collect();
    paging
        .answer(
            &listing,
            &session,
            issuers,
            |it| it.id.0,
            |it| IssuerView::of(state, it),
            0,
        )
        .await
}

/// Accept the tokens of an issuer.
///
/// Needs the permission `*`: an issuer can claim any identity.
#[utoipa::path(
    post,
    operation_id = "add_issuer",
    path = "/issuers",
    tag = "issuers",
    params(parameters::IdempotencyKey),
    request_body = IssuerTerms,
    responses((status = 201, description = "Its tokens are accepted from now on.", body = IssuerView)),
)]
pub(super) async fn create(mut call: Call) -> Result<Response, Problem> {
    let command = Command::AddIssuer {
        id: IssuerId(call.id()),
        trust: Box::new(call.body::<IssuerTerms>()?.trust()),
    };
    thing::create::<Issuers>(call, command, |_| Current::Untagged).await
}

/// Get an issuer.
///
/// Needs the permission `tenants.issuers.list`.
#[utoipa::path(
    get,
    operation_id = "get_issuer",
    path = "/issuers/{issuer}",
    tag = "issuers",
    params(("issuer" = Uuid, Path, description = "The issuer's id."), parameters::IfNoneMatch),
    responses((status = 200, description = "The issuer.", body = IssuerView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds(issuer): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    session.authority().authorize_tenant("issuers.list")?;
    thing::get::<Issuers>(&session, &headers, id(&issuer))
}

/// Parses the id of an issuer. A text that is not an id becomes one that no issuer has,
/// so that permissions are checked first.
fn id(text: &str) -> IssuerId {
    text.parse().unwrap_or(IssuerId(Uuid::nil()))
}

/// A key of an issuer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IssuerKey)]
pub(super) struct IssuerKey {
    /// The key's `kid`.
    #[schema(required = true)]
    kid: Option<String>,
    /// The algorithm that tokens of this key must be signed with; null if the key is not
    /// used.
    #[schema(value_type = Option<String>, required = true, example = "RS256")]
    algorithm: Option<&'static str>,
    /// Whether the key has no `alg`, so that the usual one of its kind is assumed. Tokens
    /// with another algorithm are refused: configure the issuer to publish `alg`.
    algorithm_is_assumed: bool,
    /// Why the key is not used; null if it is.
    #[schema(value_type = Option<String>, required = true)]
    unused_because: Option<&'static str>,
}

/// The present keys of an issuer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IssuerKeys)]
pub(super) struct IssuerKeys {
    keys: Vec<IssuerKey>,
    /// Why the keys cannot be had; null if they can. Tokens signed with cached keys are
    /// still accepted for a while.
    #[schema(required = true)]
    error: Option<String>,
}

/// Fetch an issuer's keys now, and show which of them are used.
///
/// Needs the permission `tenants.issuers.list`.
#[utoipa::path(
    get,
    operation_id = "list_issuer_keys",
    path = "/issuers/{issuer}/keys",
    tag = "issuers",
    params(("issuer" = Uuid, Path, description = "The issuer's id.")),
    responses((status = 200, description = "The keys, or why they cannot be had.", body = IssuerKeys)),
)]
pub(super) async fn keys(
    Shared(app): Shared<App>,
    session: Session,
    _: NoQuery,
    PathIds(issuer): PathIds<String>,
) -> Result<Json<IssuerKeys>, Problem> {
    let state = session.subject().state();
    session.authority().authorize_tenant("issuers.list")?;
    let issuer = state.issuer(id(&issuer));
    let issuer = issuer.ok_or_else(|| not_found(Issuers::NOUN))?;
    let (keys, error) = match app.key_sets().check(&issuer.trust).await {
        Ok(keys) => (keys, None),
        Err(error) => (Vec::new(), Some(chain(&error).to_string())),
    };
    let keys = keys.into_iter().map(|key| IssuerKey {
        kid: key.kid,
        algorithm: key.algorithm.ok(),
        algorithm_is_assumed: key.is_assumed && key.algorithm.is_ok(),
        unused_because: key.algorithm.err(),
    });
    Ok(Json(IssuerKeys {
        keys: keys.collect(),
        error,
    }))
}

/// Change the terms on which an issuer's tokens are accepted.
///
/// Needs the permission `*`.
#[utoipa::path(
    put,
    operation_id = "change_issuer",
    path = "/issuers/{issuer}",
    tag = "issuers",
    params(("issuer" = Uuid, Path, description = "The issuer's id."), parameters::IdempotencyKey),
    request_body = IssuerTerms,
    responses((status = 200, description = "The changed issuer.", body = IssuerView)),
)]
pub(super) async fn change(
    PathIds(issuer): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let id = id(&issuer);
    let command = Command::ChangeIssuer {
        issuer: id,
        trust: Box::new(call.body::<IssuerTerms>()?.trust()),
    };
    thing::change::<Issuers>(call, command, id).await
}

/// Stop accepting the tokens of an issuer.
///
/// This server refuses them from the next request on, another server as soon as it has
/// read the removal: within `tenants.silent_for`, or at once with `tenants.reads =
/// "latest"`. Needs the permission `*`.
#[utoipa::path(
    delete,
    operation_id = "remove_issuer",
    path = "/issuers/{issuer}",
    tag = "issuers",
    params(("issuer" = Uuid, Path, description = "The issuer's id."), parameters::IdempotencyKey),
    responses((status = 204, description = "The issuer's tokens are no longer accepted.")),
)]
pub(super) async fn remove(
    PathIds(issuer): PathIds<String>,
    call: Call,
) -> Result<Response, Problem> {
    let id = id(&issuer);
    let command = Command::RemoveIssuer { issuer: id };
    thing::remove::<Issuers>(call, command, id).await
}
