//! Invitations.

use attache_core::id::UserId;
use attache_core::model::{Status, SubjectId, TokenHash};
use attache_core::time::Timestamp;
use attache_core::{Actor, Command, Refusal};

use super::gate::not_found;
use super::run::{invalid, must_be_to_come, unknown};
use super::{Act, Tenant};

/// An invitation, whether or not it has run out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Invited {
    pub(crate) user: UserId,
    pub(crate) hash: TokenHash,
    pub(crate) at: Timestamp,
    pub(crate) by: Actor,
    pub(crate) end: Timestamp,
}

impl Tenant {
    pub(crate) fn perform_on_invitations(
        &mut self,
        act: &Act,
        command: &Command,
    ) -> Result<(), Refusal> {
        match command {
            Command::InviteUser {
                user,
                hash,
                expires_at,
            } => {
                self.authorize_root(act, "users.change")?;
                let user = self.find_user(user).ok_or(unknown("user"))?;
                if self
                    .user(user)
                    .is_some_and(|it| it.status != Status::Invited)
                {
                    return Err(invalid("status"));
                }
                self.must_hold_all_of(act, SubjectId::User(user))?;
                must_be_to_come(act, Some(*expires_at))?;
                if self.invitations.iter().any(|known| known.hash == *hash) {
                    return Err(Refusal::Taken { field: "id" });
                }
                self.invitations.retain(|known| known.user != user);
                self.invitations.push(Invited {
                    user,
                    hash: *hash,
                    at: act.stamp,
                    by: act.by.actor,
                    end: *expires_at,
                });
                Ok(())
            }
            Command::RevokeInvitation { user } => {
                self.authorize_root(act, "users.change")?;
                let user = self.find_user(user).ok_or(unknown("user"))?;
                if !self.invitations.iter().any(|known| known.user == user) {
                    return Err(not_found("invitation"));
                }
                self.invitations.retain(|known| known.user != user);
                Ok(())
            }
            Command::AcceptInvitation { hash } => {
                let known = self.invitations.iter().find(|known| known.hash == *hash);
                let good = known.filter(|known| act.at < known.end);
                let user = good.ok_or_else(|| not_found("invitation"))?.user;
                self.accept(act, user)
            }
            Command::AcceptBySignIn { issuer } => {
                let mut issuers = self.issuers.iter();
                let trusted = issuers.find(|known| known.id == *issuer);
                match (trusted, act.by.actor) {
                    (Some(trusted), Actor::User(user)) if trusted.trust.accepts_invitations => {
                        self.accept(act, user)
                    }
                    _ => Err(not_found("invitation")),
                }
            }
            _ => unreachable!(),
        }
    }

    fn accept(&mut self, act: &Act, id: UserId) -> Result<(), Refusal> {
        let is_itself = act.by.tenant == self.id && act.by.actor == Actor::User(id);
        let mut users = self.users.iter_mut();
        match users.find(|user| user.id == id && is_itself) {
            Some(user) if user.status == Status::Invited => {
                user.status = Status::Active;
                user.facts.first_login = false;
                user.updated_at = act.stamp;
                user.updated_by = act.by.actor;
            }
            Some(user) if user.status == Status::Active => return Ok(()),
            _ => return Err(not_found("invitation")),
        }
        self.invitations.retain(|known| known.user != id);
        Ok(())
    }
}
