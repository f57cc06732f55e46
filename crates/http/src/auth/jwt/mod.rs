//! Tokens of issuers that a tenant trusts: a user of the tenant, who signed in
//! elsewhere.

mod candidates;
mod user;

use std::sync::Arc;

use attache_core::id::{Revision, UserId};
use attache_core::model::Issuer;
use attache_core::{Actor, Caller, Timestamp};
use http::HeaderMap;

use crate::auth::Recognised;
use crate::{App, Problem};
use attache_jwt::{Refused, Subject, Token};
use attache_tenants::{Condition, Tenant, Unavailable};
use user::Named;

/// What a tenant makes of a token.
enum Verdict {
    /// It does not accept it.
    Refused,
    /// It accepts it, and this is the user that it names.
    Accepted(UserId, Condition),
    /// It may accept it: the issuer's keys are not to be had.
    Undecided(String),
}

/// Whose token it is, if exactly one tenant accepts it. Nothing is guessed:
/// where another tenant accepts it too, the caller has to name the tenant that
/// it means.
pub(super) async fn recognise(
    app: &App,
    headers: &HeaderMap,
    credential: &str,
    at: Timestamp,
    at_least: Revision,
) -> Result<Recognised, Problem> {
    let token = app.verifier().parse(credential).map_err(|refused| {
        tracing::debug!(reason = %refused, "a token was refused");
        Problem::Unauthenticated
    })?;
    let (mut accepted, mut undecided) = (Vec::new(), None);
    for id in candidates::find(app, headers, token.issuer()).await? {
        // What is wrong with one tenant is not another's business.
        let verdict = match app.tenants().read(id, at_least).await {
            Ok(None) => continue,
            Ok(Some(tenant)) => judge(app, &tenant, &token, at)
                .await
                .map(|verdict| (tenant, verdict)),
            Err(unavailable) => Err(unavailable),
        };
        match verdict {
            Ok((tenant, Verdict::Accepted(user, counts))) => accepted.push((tenant, user, counts)),
            Ok((_, Verdict::Refused)) => {}
            Ok((_, Verdict::Undecided(reason))) => undecided = Some(reason),
            Err(unavailable) => undecided = Some(unavailable.0),
        }
    }
    if accepted.len() > 1 {
        let tenants: Vec<_> = accepted
            .iter()
            .map(|(tenant, ..)| tenant.id().to_string())
            .collect();
        tracing::warn!(
            ?tenants,
            "a token is good for more than one tenant: the caller must send Attache-Tenant"
        );
        return Err(Problem::Unauthenticated);
    }
    match (accepted.pop(), undecided) {
        (Some((tenant, user, counts)), _) => {
            let caller = Caller {
                tenant: tenant.id(),
                actor: Actor::User(user),
            };
            Ok(Recognised {
                tenant,
                caller,
                counts,
            })
        }
        (None, Some(reason)) => Err(Problem::Unavailable(reason)),
        (None, None) => Err(Problem::Unauthenticated),
    }
}

/// Whether a user's token counts in a state: the issuer is trusted on the same
/// terms, and the token means the same user.
fn counts(by: Option<(Arc<Issuer>, Subject)>, user: UserId) -> Condition {
    Arc::new(move |state| {
        by.as_ref().is_some_and(|(issuer, subject)| {
            let now = state.issuer(issuer.id);
            now.is_some_and(|now| now.trust == issuer.trust)
                && user::find(state, subject) == Named::User(user)
        })
    })
}

/// The operator can do what the caller cannot: see to it that one user only is
/// found. It is told by ids, not by what the token says.
fn tell_ambiguous(tenant: &Tenant, issuer: &Issuer, users: &[UserId]) {
    let ids: Vec<String> = users.iter().map(ToString::to_string).collect();
    tracing::warn!(
        tenant = %tenant.id(),
        issuer = %issuer.id,
        finds_by = ?issuer.trust.finds_by,
        users = ?ids,
        "a token is good and finds several users, so it is refused: give all but one of them \
         another key or e-mail address"
    );
}

/// What one tenant makes of a token, by its state of now.
async fn judge(
    app: &App,
    tenant: &Tenant,
    token: &Token<'_>,
    at: Timestamp,
) -> Result<Verdict, Unavailable> {
    let state = tenant.state()?;
    let (mut users, mut by) = (Vec::new(), None);
    let mut undecided = None;
    let own = state
        .issuers()
        .filter(|own| *own.trust.issuer == *token.issuer());
    for issuer in own {
        match app.verifier().verify(token, &issuer.trust, at).await {
            Ok(subject) => {
                let named = user::find(&state, &subject);
                if let Named::Several(users) = &named {
                    tell_ambiguous(tenant, issuer, users);
                }
                users.push(match named {
                    Named::User(user) => Some(user),
                    Named::Nobody | Named::Several(_) => None,
                });
                by = Some((issuer.clone(), subject));
            }
            Err(Refused::NoKeys(reason)) => undecided = Some(reason),
            Err(Refused::Bad(reason)) => {
                tracing::debug!(tenant = %tenant.id(), issuer = %issuer.id, reason, "a token was refused");
            }
        }
    }
    // Two of its issuers may read one token in two ways: then it names nobody.
    users.dedup();
    Ok(match (undecided, users.as_slice()) {
        (_, [Some(user)]) => Verdict::Accepted(*user, counts(by, *user)),
        (Some(reason), [] | [None]) => Verdict::Undecided(reason),
        (None, []) => Verdict::Refused,
        (None, [None]) => {
            tracing::debug!(tenant = %tenant.id(), "a token names no user who has access");
            Verdict::Refused
        }
        _ => {
            tracing::warn!(tenant = %tenant.id(), "a token is good for two issuers and names two users");
            Verdict::Refused
        }
    })
}
