//! Changes of what credentials find. A change that makes a credential find another user,
//! or nobody, acts on that other user, so it takes all that the user holds.

use super::Draft;
use crate::id::{Key, UserNumber};
use crate::model::{Email, ExternalId, Subject, User, UserFacts};
use crate::refusal::Refusal;
use crate::state::Space;

/// What credentials find a user by, besides its id.
#[derive(Clone, Copy, Default)]
pub(super) struct FoundBy<'a> {
    /// The e-mail address, if it is verified.
    email: Option<&'a Email>,
    key: Option<&'a Key>,
    external: Option<&'a ExternalId>,
}

impl<'a> FoundBy<'a> {
    pub(super) fn new(
        email: Option<&'a Email>,
        facts: &'a UserFacts,
        key: Option<&'a Key>,
    ) -> Self {
        Self {
            email: email.filter(|_| facts.email_verified),
            key,
            external: facts.external_auth_id.as_ref(),
        }
    }

    pub(super) fn of(user: &'a User) -> Self {
        let email = user.profile.email.as_ref();
        Self::new(email, &user.facts, user.key.as_ref())
    }
}

impl Draft {
    /// Checks that the caller holds all that those other users hold whom a credential
    /// finds only before or only after the change of `own`. A credential finds a user by
    /// an address, key or id at an identity provider that no other user has. So the
    /// affected user is the one other user with a value that `own` gains or loses.
    ///
    /// Whether an issuer finds users by that value now does not matter: an issuer may be
    /// added later, by a caller who does not know of this change.
    pub(super) fn must_hold_all_of_others_found(
        &self,
        own: Option<UserNumber>,
        old: FoundBy<'_>,
        new: FoundBy<'_>,
    ) -> Result<(), Refusal> {
        if self.holds_everything() {
            return Ok(());
        }
        let emails = [old.email, new.email];
        let [before, after] = emails.map(|email| email.map(Email::canonical));
        if before != after {
            for email in [before, after].into_iter().flatten() {
                let found = self.state.users_by_verified_email(&email);
                self.must_hold_all_of_other(own, found)?;
            }
        }
        let keys = [old.key, new.key];
        let [before, after] = keys.map(|key| key.map(Key::meaning));
        if before != after {
            for key in keys.into_iter().flatten() {
                let found = self.state.user_table().keyed(key.as_str());
                self.must_hold_all_of_other(own, found.map(|(user, _)| user))?;
            }
        }
        let external = [old.external, new.external];
        let [before, after] = external.map(|id| id.map(ExternalId::meaning));
        if before != after {
            for id in external.into_iter().flatten() {
                let found = self.state.users_by_external_id(id);
                self.must_hold_all_of_other(own, found)?;
            }
        }
        Ok(())
    }

    /// Checks that the caller holds all that the other user holds, if exactly one is
    /// found.
    fn must_hold_all_of_other(
        &self,
        own: Option<UserNumber>,
        found: impl Iterator<Item = UserNumber>,
    ) -> Result<(), Refusal> {
        let mut others = found.filter(|user| Some(*user) != own);
        match (others.next(), others.next()) {
            (Some(other), None) => self.must_hold_all_of(Subject::User(other)),
            _ => Ok(()),
        }
    }
}

/// Returns whether a change could let somebody act as the user who could not before:
/// credentials find users by key, id at the identity provider or verified e-mail address,
/// and only active users can act.
pub(super) fn could_act_as(old: &User, new: &User) -> bool {
    let wakes = !old.status.has_access() && new.status.has_access();
    // One address may be written in several ways.
    let address = |user: &User| user.profile.email.as_ref().map(Email::canonical);
    wakes
        || old.key != new.key
        || address(old) != address(new)
        || old.facts.email_verified != new.facts.email_verified
        || old.facts.external_auth_id != new.facts.external_auth_id
}
