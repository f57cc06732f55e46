//! Invitations of users, and their acceptance.

use std::time::Duration;

use attache_core::model::Invitation;
use attache_core::{Actor, Caller, Change, Command, Ref, Refusal, State, Timestamp};
use attache_tenants::{Write, WriteError};
use axum::Json;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::CACHE_CONTROL;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{created_secret, gone};
use super::call::{Call, not_found};
use super::problem::Details;
use super::query::NoQuery;
use super::{body, etag, parameters, users, words};
use attache_http::api_token::ApiToken;
use attache_http::context::NO_STORE;
use attache_http::{App, Context, Current, PathIds, Preconditions, Problem, Session};
use attache_http::{head, json_body, naming};

/// The most bytes of the body of an acceptance.
const MOST_BYTES: usize = 4 * 1024;

/// A user's invitation, without its token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(super) struct InvitationView {
    /// The id of the user.
    user: Uuid,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The caller who invited the user: `user:0195…`, `service:0195…` or `operator`.
    #[schema(value_type = String)]
    created_by: Actor,
    /// When the invitation ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A new invitation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedInvitation)]
pub(super) struct CreatedInvitation {
    #[serde(flatten)]
    invitation: InvitationView,
    /// The token itself, shown only now: attache stores only a hash. Null if the same
    /// request had created it before.
    #[schema(required = true)]
    token: Option<String>,
}

impl InvitationView {
    fn of(state: &State, invitation: &Invitation) -> Option<Self> {
        Some(Self {
            user: state.user(invitation.user)?.id.0,
            created_at: invitation.created_at,
            created_by: invitation.created_by,
            expires_at: invitation.expires_at,
        })
    }

    fn by(state: &State, user: &Ref) -> Option<Self> {
        let invitation = state.invitation(state.find_user(user)?)?;
        Self::of(state, invitation)
    }
}

/// An invitation to create.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation)]
pub(super) struct NewInvitation {
    /// When the invitation ends; if left out, after `limits.invitation` (7 days).
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl NewInvitation {
    fn end(&self, at: Timestamp, usual: Duration) -> Timestamp {
        let millis = i64::try_from(usual.as_millis()).unwrap_or(i64::MAX);
        let end = Timestamp::from_millis(at.as_millis().saturating_add(millis));
        self.expires_at.unwrap_or(end)
    }
}

/// Invite a user.
///
/// The user must have the status `invited`. It has no access until it accepts: with the
/// token in the answer, or by signing in through an issuer with `accepts_invitations`. An
/// earlier invitation of the user becomes invalid. Needs the permission
/// `tenants.users.change`, and all that the user holds, as activating the user does.
#[utoipa::path(
    post,
    operation_id = "invite_user",
    path = "/users/{user}/invitation",
    tag = "users",
    params(parameters::UserName, parameters::IdempotencyKey),
    request_body = Option<NewInvitation>,
    responses((status = 201, description = "Invited. This is the only answer that shows the token.", body = CreatedInvitation)),
)]
pub(super) async fn create(
    PathIds(user): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let new = call.body_or_nothing::<NewInvitation>()?.unwrap_or_default();
    let expires_at = new.end(call.session.now(), call.session.limits().invitation);
    let token = ApiToken::of_invitation(call.session.caller.tenant, call.app().tenants().ambient());
    let user = naming::reference(&user);
    let command = Command::InviteUser {
        user: user.clone(),
        hash: token.hash(),
        expires_at,
    };
    let seen = user.clone();
    let done = call
        .write_to(command, move |state| {
            etag::of(&InvitationView::by(state, &seen)?)
        })
        .await
        .map_err(words::absent)?;
    let invited = done.made(|change| match change {
        Change::UserInvited { user, .. } => Some(*user),
        _ => None,
    });
    let id = done.shown(invited)?;
    let invitation = done.shown(InvitationView::by(
        call.session.subject().state(),
        &id.into(),
    ))?;
    let made = CreatedInvitation {
        invitation,
        token: done.secret(token.reveal()),
    };
    created_secret(&done, made, |it| {
        format!("users/{}/invitation", it.invitation.user)
    })
}

/// Get a user's invitation, without its token.
///
/// Needs the permission `tenants.users.list`.
#[utoipa::path(
    get,
    operation_id = "get_invitation",
    path = "/users/{user}/invitation",
    tag = "users",
    params(parameters::UserName, parameters::IfNoneMatch),
    responses((status = 200, description = "The invitation, also one that has ended.", body = InvitationView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds(user): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let number = users::find(&session, &user)?;
    let state = session.subject().state();
    let invitation = state.invitation(number);
    let shown = invitation.and_then(|invitation| InvitationView::of(state, invitation));
    etag::answer(&headers, shown.ok_or_else(|| not_found("invitation"))?)
}

/// Revoke a user's invitation.
///
/// The user keeps the status `invited`. Needs the permission `tenants.users.change`.
#[utoipa::path(
    delete,
    operation_id = "revoke_invitation",
    path = "/users/{user}/invitation",
    tag = "users",
    params(parameters::UserName, parameters::IdempotencyKey),
    responses((status = 204, description = "No longer accepted.")),
)]
pub(super) async fn revoke(
    PathIds(user): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let user = naming::reference(&user);
    let command = Command::RevokeInvitation { user: user.clone() };
    let done = call
        .write_to(command, move |state| {
            etag::of(&InvitationView::by(state, &user)?)
        })
        .await
        .map_err(words::absent)?;
    Ok(gone(&done))
}

/// The token of an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AcceptInvitation)]
pub(super) struct AcceptInvitation {
    token: String,
}

/// The user who accepted, and the tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AcceptedInvitation)]
pub(super) struct AcceptedInvitation {
    /// The id of the tenant.
    tenant: Uuid,
    /// The id of the user, who is active now.
    user: Uuid,
}

/// Accept an invitation.
///
/// The token in the body is the only credential. It works once. An unknown, used, revoked
/// or ended token gets one and the same answer.
#[utoipa::path(
    post,
    operation_id = "accept_invitation",
    path = "/invitations/accept",
    tag = "users",
    request_body = AcceptInvitation,
    responses(
        (status = 200, description = "Accepted: the user is active.", body = AcceptedInvitation),
        (status = 401, description = "The credential is missing or not accepted.", body = Details, content_type = "application/problem+json"),
        (status = 403, description = "The permission is missing.", body = Details, content_type = "application/problem+json"),
    ),
    security(()),
)]
pub(super) async fn accept(
    Shared(app): Shared<App>,
    _: NoQuery,
    context: axum::Extension<Context>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    context.must_ask_about_now()?;
    let preconditions = Preconditions::read(&headers)?;
    let at_least = attache_http::auth::at_least(&headers)?;
    let accept: AcceptInvitation = body::read(json_body::small(request, &app, MOST_BYTES).await?)?;
    let token = ApiToken::parse_invitation(&accept.token).ok_or_else(refused)?;
    let tenant = app.tenants().read(token.tenant(), at_least).await?;
    let tenant = tenant.ok_or_else(refused)?;
    let state = tenant.state()?;
    let invitation = state
        .invitation_by_hash(&token.hash())
        .ok_or_else(refused)?;
    let user = state.user(invitation.user).ok_or_else(refused)?.id;
    // No read shows anything at this path.
    if !preconditions.hold(|| Current::Absent) {
        return Err(Problem::Changed);
    }
    let caller = Caller {
        tenant: tenant.id(),
        actor: Actor::User(user),
    };
    let command = Command::AcceptInvitation { hash: token.hash() };
    let write = Write::new(caller, context.correlation_id(), vec![command]);
    let head = head::read(&headers, context.origin()).map_err(Problem::of_head)?;
    let write = write.with_head(head);
    let written = app.tenants().write_on(&write).await;
    let written = written.map_err(|error| match error {
        WriteError::Refused { refusal, .. } => match Problem::of_head(refusal) {
            Problem::Refused(_) => refused(),
            of_head => of_head,
        },
        other => other.into(),
    })?;
    context.answered_at(written.state.revision());
    let mut response = Json(AcceptedInvitation {
        tenant: caller.tenant.0,
        user: user.0,
    })
    .into_response();
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    Ok(response)
}

/// Returns the one answer to all invalid tokens.
fn refused() -> Problem {
    Problem::Refused(Refusal::NotFound {
        what: "invitation".into(),
    })
}
