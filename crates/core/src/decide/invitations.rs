//! Invitations. An invited user has no access until it accepts: with the token of its
//! invitation, or by signing in through an issuer whose trust allows that.

use super::Draft;
use crate::Change;
use crate::caller::Actor;
use crate::id::{IssuerId, UserNumber};
use crate::model::{Status, Subject, TokenHash};
use crate::reference::Ref;
use crate::refusal::Refusal;
use crate::time::Timestamp;

impl Draft {
    /// Invites a user. The holder of the token can activate the user, so this takes what
    /// activating takes.
    pub(super) fn invite_user(
        &mut self,
        reference: &Ref,
        hash: TokenHash,
        expires_at: Timestamp,
    ) -> Result<(), Refusal> {
        self.authorize_root("users.change")?;
        let number = self.user(reference)?;
        let status = self.state.user(number).map(|user| user.status);
        if let Some(Status::Active | Status::Inactive) = status {
            let reason = "must be invited: only an invited user takes an invitation";
            return Err(Refusal::invalid("status", reason));
        }
        self.must_hold_all_of(Subject::User(number))?;
        self.must_be_to_come(Some(expires_at))?;
        if self.state.invitation_by_hash(&hash).is_some() {
            return Err(Refusal::Taken { field: "id" });
        }
        if let Some(user) = self.state.user(number).map(|user| user.id) {
            self.push(Change::UserInvited {
                user,
                hash,
                expires_at,
            });
        }
        Ok(())
    }

    pub(super) fn revoke_invitation(&mut self, reference: &Ref) -> Result<(), Refusal> {
        self.authorize_root("users.change")?;
        let number = self.user(reference)?;
        let user = self.state.user(number).map(|user| user.id);
        let invited = user.filter(|_| self.state.invitation(number).is_some());
        let user = invited.ok_or_else(|| Refusal::not_found("invitation"))?;
        self.push(Change::InvitationRevoked { user });
        Ok(())
    }

    /// Accepts with a token. An unknown, used or ended token gets one refusal.
    pub(super) fn accept_invitation(&mut self, hash: &TokenHash) -> Result<(), Refusal> {
        let invitation = self.state.invitation_by_hash(hash);
        let good = invitation.filter(|it| self.at < it.expires_at);
        match good.map(|it| it.user).filter(|user| self.is_by(*user)) {
            Some(user) => self.accept(user, None),
            None => Err(Refusal::not_found("invitation")),
        }
    }

    /// Accepts by a sign-in through an issuer. For an active user, this changes nothing.
    pub(super) fn accept_by_sign_in(&mut self, issuer: IssuerId) -> Result<(), Refusal> {
        let not_found = || Refusal::not_found("invitation");
        let Actor::User(id) = self.by.actor else {
            return Err(not_found());
        };
        let trusted = self.state.issuer(issuer);
        let accepts = trusted.is_some_and(|issuer| issuer.trust.accepts_invitations);
        let user = self.state.find_user(&id.into());
        let user = user.filter(|user| accepts && self.is_by(*user));
        self.accept(user.ok_or_else(not_found)?, Some(issuer))
    }

    /// Returns whether the user itself is the caller.
    fn is_by(&self, user: UserNumber) -> bool {
        let user = self.state.user(user);
        self.by.tenant == self.state.tenant()
            && user.is_some_and(|user| self.by.actor == Actor::User(user.id))
    }

    fn accept(&mut self, number: UserNumber, through: Option<IssuerId>) -> Result<(), Refusal> {
        let user = self.state.user(number);
        match user.map(|user| (user.id, user.status)) {
            Some((user, Status::Invited)) => {
                self.push(Change::InvitationAccepted { user, through });
                Ok(())
            }
            Some((_, Status::Active)) => Ok(()),
            Some((_, Status::Inactive)) | None => Err(Refusal::not_found("invitation")),
        }
    }
}
