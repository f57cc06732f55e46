//! Asks all trusts that may accept a token, concurrently.

use std::sync::Arc;

use attache_core::id::IssuerId;
use attache_core::model::Issuer;
use attache_core::{State, Timestamp};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, timeout, timeout_at};

use super::user::{self, Named};
use attache_jwt::{Refused, Subject, Token, Verifier, keys_come_from_the_issuer};
use attache_tenants::Unavailable;

/// A trust of a tenant, and what it has said of a token so far.
pub(super) struct Asked {
    /// The index of the tenant among the asked tenants.
    pub(super) tenant: usize,
    pub(super) issuer: Arc<Issuer>,
    /// The user whom the token names under a good signature, or why the token is refused
    /// whatever its signature.
    subject: Result<(Subject, Named), Refused>,
    /// The number of checks that the token passed before its claims were refused.
    reached: usize,
    /// The outcome of verifying the signature; `None` if nobody waited for it.
    answer: Option<Result<(), Refused>>,
}

/// The progress of a token whose signature is refused: more than its claims alone can
/// reach.
const SIGNATURE_REFUSED: usize = 100;
/// The progress of a token with a good signature that names no user with access.
pub(super) const NOBODY: usize = 101;

/// The answer of a trust about a token.
pub(super) enum Answer<'a> {
    Accepted(&'a Subject, &'a Named),
    /// The reason, and the progress of the token.
    Refused(&'static str, usize),
    /// The keys of the trust cannot be had, or nobody waited for them.
    Undecided(Unavailable),
}

impl Asked {
    pub(super) fn new(
        verifier: &Verifier,
        token: &Token<'_>,
        at: Timestamp,
        (tenant, state): (usize, &State),
        issuer: &Arc<Issuer>,
    ) -> Self {
        let subject = verifier.unproven(token, &issuer.trust, at);
        let reached = match &subject {
            Ok(_) => 0,
            Err(_) => verifier.reached(token, &issuer.trust, at),
        };
        Self {
            tenant,
            reached,
            issuer: issuer.clone(),
            subject: subject.map(|subject| {
                let named = user::find(state.view(at), &subject, issuer.trust.accepts_invitations);
                (subject, named)
            }),
            answer: None,
        }
    }

    pub(super) fn answer(&self) -> Answer<'_> {
        let (subject, named) = match &self.subject {
            Ok((subject, named)) => (subject, named),
            Err(Refused::Bad(reason)) => return Answer::Refused(reason, self.reached),
            Err(Refused::NoKeys(error)) => {
                return Answer::Undecided(Unavailable::caused(error.clone()));
            }
        };
        match &self.answer {
            Some(Ok(())) => Answer::Accepted(subject, named),
            Some(Err(Refused::Bad(reason))) => Answer::Refused(reason, SIGNATURE_REFUSED),
            Some(Err(Refused::NoKeys(error))) => {
                Answer::Undecided(Unavailable::caused(error.clone()))
            }
            None => Answer::Undecided(Unavailable::because(
                "the keys of the issuer were not there in time",
            )),
        }
    }

    /// Returns whether the tenant accepts the token by this trust.
    fn accepts(&self) -> bool {
        matches!(
            self.answer(),
            Answer::Accepted(_, Named::User(_) | Named::Invited(_))
        )
    }

    /// Returns the issuer, if the token belongs to an invited user who accepts by it.
    pub(super) fn accepts_invitation_of(&self) -> Option<IssuerId> {
        match self.answer() {
            Answer::Accepted(_, Named::Invited(_)) => Some(self.issuer.id),
            _ => None,
        }
    }

    /// Returns whether the tenant may still accept the token by this trust: only the keys
    /// are missing.
    fn could_accept(&self) -> bool {
        let names_a_user = matches!(&self.subject, Ok((_, Named::User(_) | Named::Invited(_))));
        names_a_user && matches!(self.answer(), Answer::Undecided(_))
    }

    /// Returns whether the keys of the trust come from the issuer's own address.
    pub(super) fn is_by_the_issuer(&self) -> bool {
        keys_come_from_the_issuer(&self.issuer.trust)
    }

    /// Returns whether acceptance by `accepted` must not count while this trust is
    /// undecided: this trust's keys come from the issuer's own address, and those of
    /// `accepted` do not. Otherwise a tenant that wrote down an issuer's keys would get
    /// the requests of another tenant while that issuer is down.
    pub(super) fn overrules(&self, accepted: &Self) -> bool {
        self.tenant != accepted.tenant
            && self.could_accept()
            && self.is_by_the_issuer()
            && !accepted.is_by_the_issuer()
    }
}

/// Asks all trusts. Trusts with cached keys answer at once. After one trust has accepted,
/// the others get only a short time ([`Verifier::others_within`]), and only those that
/// could change the outcome and whose keys did not fail or lag recently.
pub(super) async fn ask(
    verifier: &Verifier,
    token: &Token<'_>,
    at: Timestamp,
    asked: &mut [Asked],
) {
    let deadline = verifier.deadline();
    if let [one] = asked {
        let verified = timeout(deadline, verifier.verify(token, &one.issuer.trust, at)).await;
        one.answer = verified.ok().map(|verified| verified.map(drop));
        return;
    }
    let began = Instant::now();
    let mut pending: FuturesUnordered<_> = asked
        .iter()
        .enumerate()
        .map(|(place, one)| {
            let issuer = one.issuer.clone();
            async move {
                let verified = verifier.verify(token, &issuer.trust, at).await;
                (place, verified.map(drop))
            }
        })
        .collect();
    loop {
        // Answers that are known without waiting always count.
        while let Some(Some((place, answer))) = pending.next().now_or_never() {
            if let Some(one) = asked.get_mut(place) {
                one.answer = Some(answer);
            }
        }
        if pending.is_empty() {
            return;
        }
        let accepted = asked.iter().find(|one| one.accepts());
        let until = match accepted {
            None => began + deadline,
            Some(accepted) => {
                let matters = |one: &Asked| {
                    one.answer.is_none() && (one.tenant == accepted.tenant || one.could_accept())
                };
                let mut others = asked.iter().filter(|one| matters(one));
                let is_left_alone = |one: &Asked| {
                    !one.overrules(accepted) && verifier.is_left_alone(&one.issuer.trust)
                };
                if others.all(is_left_alone) {
                    return;
                }
                began + verifier.others_within()
            }
        };
        match timeout_at(until, pending.next()).await {
            Ok(Some((place, answer))) => {
                if let Some(one) = asked.get_mut(place) {
                    one.answer = Some(answer);
                }
            }
            Ok(None) | Err(_) => return,
        }
    }
}
