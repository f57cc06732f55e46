//! Issuers whose tokens are accepted. An issuer can claim any identity, so only a caller
//! that holds everything, without an end, may add one.

use super::Draft;
use crate::Change;
use crate::id::IssuerId;
use crate::model::Trust;
use crate::refusal::Refusal;
use crate::time::Expiry;

/// The most issuers of a tenant. Every new token is compared with all of them.
const MOST_ISSUERS: usize = 100;

impl Draft {
    pub(super) fn add_issuer(&mut self, id: IssuerId, trust: &Trust) -> Result<(), Refusal> {
        self.must_hold_everything()?;
        self.must_let_tokens_be_made()?;
        sound(trust)?;
        if self.state.issuer(id).is_some() {
            return Err(Refusal::Taken { field: "id" });
        }
        self.is_free(id, trust)?;
        if self.state.issuers().count() >= MOST_ISSUERS {
            let reason = "would be one issuer too many: 100 for one tenant";
            return Err(Refusal::invalid("issuer", reason));
        }
        self.push(Change::IssuerAdded {
            issuer: id,
            trust: Box::new(trust.clone()),
        });
        Ok(())
    }

    /// Checks that the caller may let credentials be made: an issuer makes them as long
    /// as it is trusted.
    fn must_let_tokens_be_made(&self) -> Result<(), Refusal> {
        let gift = self.gift().of_credentials();
        gift.everything(Expiry::NEVER).must_be_held(None)
    }

    pub(super) fn change_issuer(&mut self, id: IssuerId, trust: &Trust) -> Result<(), Refusal> {
        self.must_hold_everything()?;
        sound(trust)?;
        let Some(old) = self.state.issuer(id) else {
            return Err(Refusal::not_found("issuer"));
        };
        let is_same = old.trust == *trust;
        if !is_same {
            self.must_let_tokens_be_made()?;
        }
        self.is_free(id, trust)?;
        if !is_same {
            self.push(Change::IssuerChanged {
                issuer: id,
                trust: Box::new(trust.clone()),
            });
        }
        Ok(())
    }

    pub(super) fn remove_issuer(&mut self, id: IssuerId) -> Result<(), Refusal> {
        self.must_hold_everything()?;
        if self.state.issuer(id).is_none() {
            return Err(Refusal::not_found("issuer"));
        }
        self.push(Change::IssuerRemoved { issuer: id });
        Ok(())
    }

    /// Checks that no other issuer takes the same tokens, since the two could read a
    /// token differently.
    fn is_free(&self, own: IssuerId, trust: &Trust) -> Result<(), Refusal> {
        let same = |other: &Trust| {
            (&other.issuer, &other.audience, &other.tenant_claim)
                == (&trust.issuer, &trust.audience, &trust.tenant_claim)
        };
        let mut others = self.state.issuers().filter(|issuer| issuer.id != own);
        match others.any(|issuer| same(&issuer.trust)) {
            true => Err(Refusal::Taken { field: "issuer" }),
            false => Ok(()),
        }
    }
}

fn sound(trust: &Trust) -> Result<(), Refusal> {
    match trust.check().first() {
        Some((field, reason)) => Err(Refusal::invalid(field, reason)),
        None => Ok(()),
    }
}
