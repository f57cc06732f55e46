//! Services and their API tokens.

use super::Draft;
use super::naming::may_have_id;
use super::numbering::{choose, or_old};
use crate::Change;
use crate::id::{Key, ServiceId, ServiceNumber, TokenId};
use crate::model::{Name, Subject, TokenHash};
use crate::reference::Ref;
use crate::refusal::Refusal;
use crate::state::Tree;
use crate::time::{Expiry, Timestamp};

impl Draft {
    pub(super) fn add_service(
        &mut self,
        id: ServiceId,
        number: Option<u32>,
        key: Option<&Key>,
        name: &Name,
    ) -> Result<(), Refusal> {
        self.authorize_root("services.add")?;
        let services = self.state.service_table();
        may_have_id(id.0, services)?;
        self.may_have_key(key, services, None)?;
        self.may_have_name(name)?;
        let number = choose(number, |n| services.is_new(n), services.numbers().next())?;
        self.push(Change::ServiceAdded {
            service: id,
            number: ServiceNumber(number),
            key: key.cloned(),
            name: name.clone(),
        });
        Ok(())
    }

    pub(super) fn change_service(
        &mut self,
        reference: &Ref,
        name: Option<&Name>,
        key: Option<&Option<Key>>,
    ) -> Result<(), Refusal> {
        self.authorize_root("services.change")?;
        let number = self.service(reference)?;
        let Some(old) = self
            .state
            .service_node(number)
            .map(|row| row.service.clone())
        else {
            return Err(Refusal::not_found("service"));
        };
        let name = or_old(name, &old.name);
        let key = or_old(key, &old.key);
        if key != old.key {
            self.may_have_key(key.as_ref(), self.state.service_table(), Some(number))?;
            // Whatever makes tokens for a service with that key now means this service.
            self.must_hold_all_of(Subject::Service(number))?;
        }
        if name != old.name {
            self.may_have_name(&name)?;
        }
        if (&name, &key) != (&old.name, &old.key) {
            self.push(Change::ServiceChanged {
                service: old.id,
                name,
                key,
            });
        }
        Ok(())
    }

    pub(super) fn remove_service(&mut self, reference: &Ref) -> Result<(), Refusal> {
        self.authorize_root("services.remove")?;
        let number = self.service(reference)?;
        let Some(row) = self.state.service_node(number).cloned() else {
            return Err(Refusal::not_found("service"));
        };
        self.push_all_revoked(Subject::Service(number), &row.granted);
        for token in row.tokens.keys() {
            self.push(Change::TokenRevoked { token: *token });
        }
        self.push(Change::ServiceRemoved {
            service: row.service.id,
        });
        Ok(())
    }

    /// Adds an API token. Its holder can act as the service until the token ends.
    pub(super) fn create_token(
        &mut self,
        id: TokenId,
        service: &Ref,
        hash: TokenHash,
        hint: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        self.authorize_root("services.tokens.create")?;
        let number = self.service(service)?;
        let until = Expiry::from(expires_at);
        self.gift()
            .of_credentials()
            .ending(until)
            .by_means_of(Tree::ROOT, "services.tokens.create", until)
            .all_of(Subject::Service(number))
            .must_be_held(Some("expires_at"))?;
        self.must_be_to_come(expires_at)?;
        if self.state.token(id).is_some() || self.state.token_by_hash(&hash).is_some() {
            return Err(Refusal::Taken { field: "id" });
        }
        if let Some(service) = self.state.service_node(number).map(|row| row.service.id) {
            self.push(Change::TokenCreated {
                token: id,
                service,
                hash,
                hint: hint.into(),
                expires_at,
            });
        }
        Ok(())
    }

    pub(super) fn revoke_token(&mut self, token: TokenId) -> Result<(), Refusal> {
        self.authorize_root("services.tokens.revoke")?;
        if self.state.token(token).is_none() {
            return Err(Refusal::Unknown {
                field: "token",
                what: "token",
            });
        }
        self.push(Change::TokenRevoked { token });
        Ok(())
    }

    /// Checks that an end, if there is one, is in the future.
    pub(super) fn must_be_to_come(&self, expires_at: Option<Timestamp>) -> Result<(), Refusal> {
        match expires_at {
            Some(end) if end <= self.at => {
                Err(Refusal::invalid("expires_at", "must be in the future"))
            }
            _ => Ok(()),
        }
    }
}
