//! Tokens of issuers that a tenant trusts: a user of the tenant, who signed in
//! elsewhere.

mod candidates;
mod user;

use std::borrow::Cow;
use std::sync::Arc;

use attache_core::id::{Revision, UserId};
use attache_core::model::Issuer;
use attache_core::{Actor, Caller, Timestamp};
use http::request::Parts;

use crate::auth::Recognised;
use crate::{App, Problem};
use attache_jwt::{Refused, Subject, Token};
use attache_tenants::{Condition, Tenant, Unavailable};
use user::Named;

/// What a tenant makes of a token.
enum Verdict {
    /// It does not accept it, and why.
    Refused(Cow<'static, str>),
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
    parts: &Parts,
    credential: &str,
    at: Timestamp,
    at_least: Revision,
) -> Result<Recognised, Problem> {
    let token = app.verifier().parse(credential);
    let token = token.map_err(|refused| Problem::bad_credential(refused.to_string()))?;
    let (mut accepted, mut undecided) = (Vec::new(), None);
    let mut why_not = None;
    for id in candidates::find(app, parts, token.issuer()).await? {
        // What is wrong with one tenant is not another's business.
        let verdict = match app.tenants().read(id, at_least).await {
            Ok(None) => {
                why_not.get_or_insert("the tenant that trusted its issuer does not exist".into());
                continue;
            }
            Ok(Some(tenant)) => judge(app, &tenant, &token, at)
                .await
                .map(|verdict| (tenant, verdict)),
            Err(unavailable) => Err(unavailable),
        };
        match verdict {
            Ok((tenant, Verdict::Accepted(user, counts))) => accepted.push((tenant, user, counts)),
            Ok((tenant, Verdict::Refused(reason))) => {
                tracing::debug!(tenant = %tenant.id(), %reason, "a tenant refused a token");
                why_not.get_or_insert(reason);
            }
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
        let reason = "it is good for more than one tenant: Attache-Tenant must name one";
        return Err(Problem::bad_credential(reason));
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
        (None, None) => {
            let why_not = why_not.unwrap_or("no tenant trusts its issuer".into());
            Err(Problem::bad_credential(why_not))
        }
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
    let (mut undecided, mut why_not) = (None, None);
    let own = state
        .issuers()
        .filter(|own| *own.trust.issuer == *token.issuer());
    for issuer in own {
        match app.verifier().verify(token, &issuer.trust, at).await {
            Ok(subject) => {
                let named = user::find(&state, &subject);
                users.push(match &named {
                    Named::User(user) => Some(*user),
                    Named::Nobody(reason) => {
                        why_not = Some(*reason);
                        None
                    }
                    Named::Several(users) => {
                        tell_ambiguous(tenant, issuer, users);
                        why_not = Some("it names several users");
                        None
                    }
                });
                by = Some((issuer.clone(), subject));
            }
            Err(Refused::NoKeys(reason)) => undecided = Some(reason),
            Err(Refused::Bad(reason)) => {
                tracing::debug!(tenant = %tenant.id(), issuer = %issuer.id, reason, "a token was refused");
                why_not.get_or_insert(reason);
            }
        }
    }
    // Two of its issuers may read one token in two ways: then it names nobody.
    users.dedup();
    Ok(match (undecided, users.as_slice()) {
        (_, [Some(user)]) => Verdict::Accepted(*user, counts(by, *user)),
        (Some(reason), [] | [None]) => Verdict::Undecided(reason),
        (None, [] | [None]) => Verdict::Refused(
            why_not
                .unwrap_or("the tenant does not trust its issuer any more")
                .into(),
        ),
        _ => {
            let reason = "it is good for two issuers of the tenant, and names two users";
            tracing::warn!(tenant = %tenant.id(), reason, "a token is ambiguous");
            Verdict::Refused(reason.into())
        }
    })
}
