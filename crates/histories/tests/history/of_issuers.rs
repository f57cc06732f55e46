//! What is asked of issuers: few addresses, so that they get in each other's way.

use attache_core::Command;
use attache_core::id::IssuerId;
use attache_core::model::{FindsBy, KeySource, TenantClaim, Trust};

use super::choose::Chooser;
use super::universe::{ISSUERS, issuer};

impl Chooser<'_> {
    pub(super) fn of_issuers(&mut self) -> Command {
        match self.random.weighed(&[45, 30, 25]) {
            0 => Command::AddIssuer {
                id: issuer(1 + self.random.below(ISSUERS)),
                trust: Box::new(self.trust()),
            },
            1 => Command::ChangeIssuer {
                issuer: self.issuer(),
                trust: Box::new(self.trust()),
            },
            _ => Command::RemoveIssuer {
                issuer: self.issuer(),
            },
        }
    }

    fn issuer(&mut self) -> IssuerId {
        match self.random.of(&self.tenant.issuers) {
            Some(known) if self.random.percent(90) => known.id,
            _ => issuer(1 + self.random.below(ISSUERS)),
        }
    }

    /// Mostly sound terms.
    fn trust(&mut self) -> Trust {
        let random = &mut *self.random;
        let addresses = ["https://login.mill.example", "https://login.forge.example"];
        Trust {
            issuer: addresses[random.below(2)].into(),
            keys: match random.weighed(&[12, 4, 3, 1]) {
                0 => KeySource::Discovery,
                1 => KeySource::Url("https://keys.mill.example".into()),
                2 => KeySource::Pasted(r#"{"keys":[{"kty":"OKP","x":"AA"}]}"#.into()),
                _ => KeySource::Url("http://keys.mill.example".into()),
            },
            audience: ["attache", "forge", ""][random.weighed(&[15, 4, 1])].into(),
            subject_claim: ["sub", "email"][random.below(2)].into(),
            finds_by: [
                FindsBy::Key,
                FindsBy::Id,
                FindsBy::Email,
                FindsBy::ExternalAuthId,
            ][random.below(4)],
            tenant_claim: random.percent(30).then(|| TenantClaim {
                name: "tid".into(),
                value: "mill".into(),
            }),
            token_type: random.percent(20).then(|| "at+jwt".into()),
            accepts_invitations: random.percent(50),
        }
    }
}
