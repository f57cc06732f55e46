//! What is asked of invitations: few tokens, so that they get in each other's way.

use attache_core::model::{Status, TokenHash};
use attache_core::{Command, Ref, Timestamp};

use super::choose::Chooser;
use super::universe::{ISSUERS, hash, issuer};

impl Chooser<'_> {
    pub(super) fn of_invitations(&mut self) -> Command {
        match self.random.weighed(&[45, 12, 25, 18]) {
            0 => Command::InviteUser {
                user: self.invited(),
                hash: hash(self.random.below(4)),
                expires_at: self.end_of_invitation(),
            },
            1 => Command::RevokeInvitation {
                user: self.invited(),
            },
            2 => Command::AcceptInvitation {
                hash: self.hash_of_invitation(),
            },
            _ => Command::AcceptBySignIn {
                issuer: match self.random.of(&self.tenant.issuers) {
                    Some(known) => known.id,
                    None => issuer(1 + self.random.below(ISSUERS)),
                },
            },
        }
    }

    /// Mostly somebody who is invited.
    fn invited(&mut self) -> Ref {
        let users = self.tenant.users.iter();
        let invited: Vec<_> = users.filter(|it| it.status == Status::Invited).collect();
        match self.random.of(&invited) {
            Some(user) if self.random.percent(80) => Ref::Id(user.id.0),
            _ => self.user(),
        }
    }

    fn hash_of_invitation(&mut self) -> TokenHash {
        match self.random.of(&self.tenant.invitations) {
            Some(known) if self.random.percent(80) => known.hash,
            _ => hash(self.random.below(4)),
        }
    }

    fn end_of_invitation(&mut self) -> Timestamp {
        let ticks = self.random.below(8) as i64 - 1;
        Timestamp::from_millis(self.at.as_millis() + ticks)
    }
}
