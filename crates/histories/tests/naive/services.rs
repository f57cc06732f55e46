//! Services and their tokens.

use attache_core::id::ServiceNumber;
use attache_core::model::{Giver, Service, SubjectId, Token};
use attache_core::{Command, Refusal};

use super::facts::earlier;
use super::holding::work;
use super::run::{id_must_be_free, key_must_be_free, must_be_to_come, unknown};
use super::{Act, Tenant};

impl Tenant {
    pub(crate) fn perform_on_services(
        &mut self,
        act: &Act,
        command: &Command,
    ) -> Result<(), Refusal> {
        match command {
            Command::AddService {
                id,
                number,
                key,
                name,
            } => {
                self.authorize_root(act, "services.add")?;
                id_must_be_free(
                    id.0,
                    self.services.iter().map(|it| (it.id.0, it.key.as_ref())),
                )?;
                self.key_must_be_good(key.as_ref())?;
                key_must_be_free(
                    key.as_ref(),
                    self.services.iter().map(|it| (it.id.0, it.key.as_ref())),
                )?;
                let number = self.number("/service", *number)?;
                self.use_number("/service", number);
                self.note(act, "service", id);
                self.services.push(Service {
                    id: *id,
                    number: ServiceNumber(number),
                    key: key.clone(),
                    name: name.clone(),
                    created_at: act.stamp,
                    created_by: Giver::UNKNOWN,
                });
                Ok(())
            }
            Command::ChangeService { service, name, key } => {
                self.authorize_root(act, "services.change")?;
                let id = self.find_service(service).ok_or(unknown("service"))?;
                let old = self.services.iter().find(|service| service.id == id);
                if let Some(key) = key
                    && old.is_some_and(|old| old.key != *key)
                {
                    self.key_must_be_good(key.as_ref())?;
                    let others = self.services.iter().filter(|other| other.id != id);
                    key_must_be_free(key.as_ref(), others.map(|it| (it.id.0, it.key.as_ref())))?;
                    // A service of another key is another service to who names it so.
                    self.must_hold_all_of(act, SubjectId::Service(id))?;
                }
                for service in self.services.iter_mut().filter(|service| service.id == id) {
                    service.name = name.clone().unwrap_or(service.name.clone());
                    service.key = key.clone().unwrap_or(service.key.clone());
                }
                Ok(())
            }
            Command::RemoveService { service } => {
                self.authorize_root(act, "services.remove")?;
                let id = self.find_service(service).ok_or(unknown("service"))?;
                let number = self.service_number(id);
                self.grants
                    .retain(|granted| granted.subject != SubjectId::Service(id));
                self.tokens.retain(|token| Some(token.service) != number);
                self.services.retain(|service| service.id != id);
                Ok(())
            }
            Command::CreateToken {
                id,
                service,
                hash,
                hint,
                expires_at,
            } => {
                self.authorize_root(act, "services.tokens.create")?;
                let of = self.find_service(service).ok_or(unknown("service"))?;
                // Who has the token acts as the service.
                let mut given = self.all_of(act, SubjectId::Service(of));
                for given in &mut given {
                    given.end = earlier(given.end, *expires_at);
                }
                let root = self.root().expect("the caller was let in");
                given.push(work(root, "tenants.services.tokens.create", *expires_at));
                self.must_hold_for_credentials(act, Some("expires_at"), &given)?;
                must_be_to_come(act, *expires_at)?;
                let mut tokens = self.tokens.iter();
                if tokens.any(|token| token.id == *id || token.hash == *hash) {
                    return Err(Refusal::Taken { field: "id" });
                }
                self.note(act, "token", id);
                self.tokens.push(Token {
                    id: *id,
                    service: self.service_number(of).expect("it was found"),
                    hash: *hash,
                    hint: hint.clone(),
                    created_at: act.stamp,
                    created_by: Giver::UNKNOWN,
                    expires_at: (*expires_at).into(),
                });
                Ok(())
            }
            Command::RevokeToken { token } => {
                self.authorize_root(act, "services.tokens.revoke")?;
                if !self.tokens.iter().any(|known| known.id == *token) {
                    return Err(unknown("token"));
                }
                self.tokens.retain(|known| known.id != *token);
                Ok(())
            }
            _ => unreachable!(),
        }
    }

    fn service_number(&self, id: attache_core::id::ServiceId) -> Option<ServiceNumber> {
        let found = self.services.iter().find(|service| service.id == id);
        found.map(|service| service.number)
    }
}
