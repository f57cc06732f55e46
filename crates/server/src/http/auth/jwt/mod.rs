//! Tokens of issuers that a tenant trusts: a user of the tenant, who signed in
//! elsewhere.

mod candidates;
mod user;

use attache_core::id::UserId;
use attache_core::{Actor, Caller, Timestamp};
use http::HeaderMap;

use crate::http::{App, Problem};
use crate::jwt::{Refused, Token};
use crate::tenants::Tenant;

/// What a tenant makes of a token.
enum Verdict {
    /// It does not accept it.
    Refused,
    /// It accepts it, and this is the user that it names, if it names one.
    Accepted(Option<UserId>),
    /// It may accept it: the issuer's keys are not to be had.
    Undecided(String),
}

/// Whose token it is, if exactly one tenant accepts it. Nothing is guessed:
/// where another tenant accepts it too, or may, the caller has to name the
/// tenant that it means.
pub(super) async fn recognise(
    app: &App,
    headers: &HeaderMap,
    credential: &str,
    at: Timestamp,
) -> Result<(Tenant, Caller), Problem> {
    let token = app.verifier().parse(credential).map_err(|refused| {
        tracing::debug!(reason = %refused, "a token was refused");
        Problem::Unauthenticated
    })?;
    let (mut accepted, mut undecided) = (Vec::new(), None);
    for id in candidates::find(app, headers, token.issuer()).await? {
        let Some(tenant) = app.tenants().open(id).await? else {
            continue;
        };
        match judge(app, &tenant, &token, at).await? {
            Verdict::Refused => {}
            Verdict::Accepted(user) => accepted.push((tenant, user)),
            Verdict::Undecided(reason) => undecided = Some(reason),
        }
    }
    if accepted.len() > 1 {
        let tenants: Vec<_> = accepted
            .iter()
            .map(|(tenant, _)| tenant.id().to_string())
            .collect();
        tracing::warn!(
            ?tenants,
            "a token is good for more than one tenant: the caller must send Attache-Tenant"
        );
        return Err(Problem::Unauthenticated);
    }
    if let Some(reason) = undecided {
        return Err(Problem::Unavailable(reason));
    }
    match accepted.pop() {
        Some((tenant, Some(user))) => {
            let caller = Caller {
                tenant: tenant.id(),
                actor: Actor::User(user),
            };
            Ok((tenant, caller))
        }
        Some((_, None)) | None => Err(Problem::Unauthenticated),
    }
}

/// What one tenant makes of a token, by its state of now.
async fn judge(
    app: &App,
    tenant: &Tenant,
    token: &Token<'_>,
    at: Timestamp,
) -> Result<Verdict, Problem> {
    let state = tenant.state()?;
    let mut users = Vec::new();
    let mut undecided = None;
    let own = state
        .issuers()
        .filter(|own| *own.trust.issuer == *token.issuer());
    for issuer in own {
        match app.verifier().verify(token, &issuer.trust, at).await {
            Ok(subject) => users.push(user::find(&state, &subject)),
            Err(Refused::NoKeys(reason)) => undecided = Some(reason),
            Err(Refused::Bad(reason)) => {
                tracing::debug!(tenant = %tenant.id(), issuer = %issuer.id, reason, "a token was refused");
            }
        }
    }
    // Two of its issuers may read one token in two ways: then it names nobody.
    users.dedup();
    Ok(match (undecided, users.as_slice()) {
        (Some(reason), _) => Verdict::Undecided(reason),
        (None, []) => Verdict::Refused,
        (None, [user]) => {
            if user.is_none() {
                tracing::debug!(tenant = %tenant.id(), "a token names no user who has access");
            }
            Verdict::Accepted(*user)
        }
        (None, _) => {
            tracing::warn!(tenant = %tenant.id(), "a token is good for two issuers and names two users");
            Verdict::Accepted(None)
        }
    })
}
