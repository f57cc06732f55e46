//! Tokens of issuers that a tenant trusts: each names a user of the tenant who signed in
//! at the issuer.

mod asking;
mod candidates;
mod opening;
mod user;

use std::borrow::Cow;
use std::sync::Arc;

use attache_core::cause::chain;
use attache_core::id::{IssuerId, Revision, UserId};
use attache_core::model::Issuer;
use attache_core::time::Expiry;
use attache_core::{Actor, Caller, Command, HeadRequest, Origin, State, Timestamp};
use http::request::Parts;

use crate::auth::Recognised;
use crate::{App, Context, Problem};
use asking::{Answer, Asked, NOBODY};
use attache_jwt::{Subject, Token};
use attache_tenants::{Credential, Tenant, Unavailable, Write, WriteError};
use user::Named;

/// The verdict of a tenant on a token.
enum Verdict {
    /// Refused. The reason is that of the trust whose checks the token passed furthest.
    Refused(WhyNot),
    /// Accepted: the user, the credential, its end, and the index of the trust.
    Accepted(UserId, Credential, Expiry, usize),
    /// Not known, since the issuer's keys cannot be had.
    Undecided(Unavailable),
}

/// Why a token is refused, and its progress. Of several reasons, the one with the
/// furthest progress counts.
struct WhyNot {
    reached: usize,
    reason: Cow<'static, str>,
}

impl WhyNot {
    fn new(reached: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        let reason = reason.into();
        Self { reached, reason }
    }

    /// Replaces a reason with less progress by this one.
    fn keep(self, kept: &mut Option<Self>) {
        if kept.as_ref().is_none_or(|it| it.reached < self.reached) {
            *kept = Some(self);
        }
    }
}

/// The verdicts of the open tenants on a token.
struct Judged {
    /// All trusts of the token's issuer.
    asked: Vec<Asked>,
    /// The tenants that accept the token: tenant, user, credential, end, index of the
    /// trust.
    accepted: Vec<(Tenant, UserId, Credential, Expiry, usize)>,
    /// Why one of the tenants cannot tell, if one cannot.
    undecided: Option<Unavailable>,
    /// Why the tenants do not accept the token.
    why_not: Option<WhyNot>,
}

/// Returns the user whose token the credential is, if exactly one tenant accepts it. If
/// several tenants accept the token, the caller must name the tenant. All tenants that
/// may accept are asked concurrently within one deadline. A tenant that is still opening
/// is waited for only while no other accepts.
pub(super) async fn recognise(
    app: &App,
    parts: &Parts,
    credential: &str,
    at: Timestamp,
    at_least: Revision,
) -> Result<Recognised, Problem> {
    let token = app.verifier().parse(credential);
    let token = token.map_err(|refused| Problem::bad_credential(chain(&refused).to_string()))?;
    let candidates = candidates::find(app, parts, token.issuer()).await?;
    let mut opening = opening::of(app, &candidates, at_least);
    opening.wait_for(app.verifier().others_within()).await;
    let mut judged = judge_all(app, &token, at, &opening.open).await;
    if judged.accepted.is_empty() && !opening.is_over() {
        opening.wait().await;
        judged = judge_all(app, &token, at, &opening.open).await;
    }
    let Judged {
        asked,
        mut accepted,
        undecided,
        why_not,
    } = judged;
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
    let closed = opening.unavailable();
    match (accepted.pop(), undecided.or_else(|| closed.clone())) {
        (Some((tenant, user, credential, ends, by)), _) => {
            let by_own = asked.get(by);
            if by_own.is_some_and(|by| asked.iter().any(|other| other.overrules(by))) {
                let reason = "another tenant may accept the token, by keys at the issuer's own \
                              address, which are not to be had: Attache-Tenant must name one";
                return Err(Problem::unavailable(reason));
            }
            // The trusts of a tenant that is not open are unknown, and may include one
            // whose keys come from the issuer.
            if closed.is_some() && !by_own.is_some_and(Asked::is_by_the_issuer) {
                let reason = "another tenant may accept the token, by keys at the issuer's own \
                              address, and is not open: Attache-Tenant must name one";
                return Err(Problem::unavailable(reason));
            }
            let caller = Caller {
                tenant: tenant.id(),
                actor: Actor::User(user),
            };
            let issuer = asked.get(by).and_then(Asked::accepts_invitation_of);
            let state = match issuer {
                Some(issuer) => Some(accept(app, parts, caller, issuer).await?),
                None => None,
            };
            Ok(Recognised {
                tenant,
                caller,
                credential,
                ends,
                state,
            })
        }
        (None, Some(reason)) => Err(Problem::Unavailable(reason)),
        (None, None) => {
            let gone = opening
                .is_one_gone
                .then_some("the tenant that trusted its issuer does not exist".into());
            let why_not = why_not.map(|it| it.reason).or(gone);
            let why_not = why_not.unwrap_or("no tenant trusts its issuer".into());
            Err(Problem::bad_credential(why_not))
        }
    }
}

/// Asks all trusts of these tenants concurrently, and collects their verdicts.
async fn judge_all(
    app: &App,
    token: &Token<'_>,
    at: Timestamp,
    tenants: &[(Tenant, Arc<State>)],
) -> Judged {
    let mut asked = Vec::new();
    for (place, (_, state)) in tenants.iter().enumerate() {
        let own = state.issuers();
        let own = own.filter(|own| *own.trust.issuer == *token.issuer());
        let here = (place, &**state);
        asked.extend(own.map(|own| Asked::new(app.verifier(), token, at, here, own)));
    }
    asking::ask(app.verifier(), token, at, &mut asked).await;
    let (mut accepted, mut undecided, mut why_not) = (Vec::new(), None, None);
    for (place, (tenant, _)) in tenants.iter().enumerate() {
        match judge(tenant, place, &asked) {
            Verdict::Accepted(user, credential, ends, by) => {
                accepted.push((tenant.clone(), user, credential, ends, by));
            }
            Verdict::Refused(own) => {
                let reason = &own.reason;
                tracing::debug!(tenant = %tenant.id(), %reason, "a tenant refused a token");
                own.keep(&mut why_not);
            }
            Verdict::Undecided(reason) => undecided = Some(reason),
        }
    }
    Judged {
        asked,
        accepted,
        undecided,
        why_not,
    }
}

/// Lets an invited user who signed in through an issuer accept the invitation. Returns
/// the state in which the user has accepted.
async fn accept(
    app: &App,
    parts: &Parts,
    caller: Caller,
    issuer: IssuerId,
) -> Result<Arc<State>, Problem> {
    let context = parts.extensions.get::<Context>();
    let correlation_id = context.map_or("", Context::correlation_id);
    let command = Command::AcceptBySignIn { issuer };
    let origin = context.map_or(Origin::UNKNOWN, Context::origin);
    let write = Write::new(caller, correlation_id, vec![command]);
    let write = write.with_head(HeadRequest::through(origin));
    let written = app.tenants().write_on(&write).await;
    match written {
        Ok(written) => Ok(written.state),
        Err(WriteError::Refused { .. }) => Err(Problem::bad_credential(
            "the user that it names could not accept its invitation",
        )),
        Err(other) => Err(other.into()),
    }
}

/// Returns the credential of a user's token. It counts in a state at an instant while the
/// issuer is trusted on unchanged terms and the token names this user and has not
/// expired. The user's authority does not end with the token, since the user can get
/// another one.
fn credential(issuer: Arc<Issuer>, subject: Subject, user: UserId) -> Credential {
    Arc::new(move |state, at| {
        let now = state.issuer(issuer.id)?;
        let counts = now.trust == issuer.trust
            && at < subject.until
            && user::find(state.view(at), &subject, false) == Named::User(user);
        counts.then_some(Expiry::NEVER)
    })
}

/// Logs an ambiguous token, since only the operator can make it name one user. The line
/// has ids and nothing from the token.
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

/// Combines the answers of one tenant's trusts into its verdict.
fn judge(tenant: &Tenant, place: usize, asked: &[Asked]) -> Verdict {
    let (mut users, mut by) = (Vec::new(), None);
    let (mut undecided, mut why_not) = (None, None);
    let own = asked.iter().enumerate();
    for (at, own) in own.filter(|(_, own)| own.tenant == place) {
        let issuer = &own.issuer;
        match own.answer() {
            Answer::Accepted(subject, named) => {
                users.push(match named {
                    Named::User(user) | Named::Invited(user) => Some(*user),
                    Named::Nobody(reason) => {
                        WhyNot::new(NOBODY, *reason).keep(&mut why_not);
                        None
                    }
                    Named::Several(users) => {
                        tell_ambiguous(tenant, issuer, users);
                        WhyNot::new(NOBODY + 1, "it names several users").keep(&mut why_not);
                        None
                    }
                });
                by = Some((at, issuer.clone(), subject.clone()));
            }
            Answer::Undecided(reason) => undecided = Some(reason),
            Answer::Refused(reason, reached) => {
                tracing::debug!(tenant = %tenant.id(), issuer = %issuer.id, reason, "a token was refused");
                WhyNot::new(reached, reason).keep(&mut why_not);
            }
        }
    }
    // If two issuers of the tenant read one token differently, the token names nobody.
    users.dedup();
    match (undecided, users.as_slice(), by) {
        (_, [Some(user)], Some((at, issuer, subject))) => {
            let ends = Some(subject.until).into();
            Verdict::Accepted(*user, credential(issuer, subject, *user), ends, at)
        }
        (Some(reason), [] | [None], _) => Verdict::Undecided(reason),
        (None, [] | [None], _) => {
            let gone = || WhyNot::new(0, "the tenant does not trust its issuer any more");
            Verdict::Refused(why_not.unwrap_or_else(gone))
        }
        _ => {
            let reason = match users.iter().all(Option::is_some) {
                true => "it is good for two issuers of the tenant, and names two users",
                false => "it is good for two issuers of the tenant, and one of them finds nobody",
            };
            let users: Vec<String> = users.iter().flatten().map(UserId::to_string).collect();
            tracing::warn!(tenant = %tenant.id(), ?users, reason, "a token is ambiguous");
            Verdict::Refused(WhyNot::new(NOBODY + 1, reason))
        }
    }
}
