//! Issuers whose tokens are accepted.

use attache_core::id::IssuerId;
use attache_core::model::{Giver, Issuer, Trust};
use attache_core::{Command, Refusal};

use super::gate::not_found;
use super::holding::work;
use super::run::invalid;
use super::{Act, Tenant};

/// How many issuers a tenant may trust.
const MOST: usize = 100;

impl Tenant {
    /// An issuer makes credentials, for as long as it is trusted.
    fn must_let_tokens_be_made(&self, act: &Act) -> Result<(), Refusal> {
        let root = self.root().ok_or_else(|| not_found("tenant"))?;
        self.must_hold_for_credentials(act, None, &[work(root, "*", None)])
    }

    pub(crate) fn perform_on_issuers(
        &mut self,
        act: &Act,
        command: &Command,
    ) -> Result<(), Refusal> {
        self.must_hold_everything(act)?;
        match command {
            Command::AddIssuer { id, trust } => {
                self.must_let_tokens_be_made(act)?;
                must_be_sound(trust)?;
                if self.issuers.iter().any(|known| known.id == *id) {
                    return Err(Refusal::Taken { field: "id" });
                }
                self.must_take_other_tokens(*id, trust)?;
                if self.issuers.len() == MOST {
                    return Err(invalid("issuer"));
                }
                self.note(act, "issuer", id);
                self.issuers.push(Issuer {
                    id: *id,
                    trust: (**trust).clone(),
                    created_at: act.stamp,
                    created_by: Giver::UNKNOWN,
                });
                Ok(())
            }
            Command::ChangeIssuer { issuer, trust } => {
                must_be_sound(trust)?;
                let old = self.issuers.iter().position(|known| known.id == *issuer);
                let old = old.ok_or(not_found("issuer"))?;
                if self.issuers[old].trust != **trust {
                    self.must_let_tokens_be_made(act)?;
                }
                self.must_take_other_tokens(*issuer, trust)?;
                self.issuers[old].trust = (**trust).clone();
                Ok(())
            }
            Command::RemoveIssuer { issuer } => {
                let old = self.issuers.iter().position(|known| known.id == *issuer);
                self.issuers.remove(old.ok_or(not_found("issuer"))?);
                Ok(())
            }
            _ => unreachable!(),
        }
    }

    /// No other one may say the same of who wrote a token, for whom and for
    /// which tenant.
    fn must_take_other_tokens(&self, own: IssuerId, trust: &Trust) -> Result<(), Refusal> {
        for other in &self.issuers {
            if other.id != own
                && other.trust.issuer == trust.issuer
                && other.trust.audience == trust.audience
                && other.trust.tenant_claim == trust.tenant_claim
            {
                return Err(Refusal::Taken { field: "issuer" });
            }
        }
        Ok(())
    }
}

/// What makes terms sound has tests of its own.
fn must_be_sound(trust: &Trust) -> Result<(), Refusal> {
    trust
        .check()
        .first()
        .map_or(Ok(()), |it| Err(invalid(it.0)))
}
