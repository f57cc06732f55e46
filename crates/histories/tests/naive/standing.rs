//! How high a user stands, and what a reseller's user is confined to.

use attache_core::id::{ResourceId, UserId};
use attache_core::time::Timestamp;
use attache_core::{Actor, Caller, Locator, Refusal};

use super::Tenant;
use super::gate::pattern;

/// Where somebody's highest grant or membership stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stands {
    Tenant,
    /// In the order in which they were added.
    Resellers(Vec<ResourceId>),
    Customer,
}

impl Tenant {
    pub(crate) fn standing(&self, user: UserId, at: Timestamp) -> Stands {
        let root = self.root();
        if root.is_some_and(|root| !self.roles_on(root, user, at).is_empty()) {
            return Stands::Tenant;
        }
        let resellers = self.places.iter().map(|place| &place.resource);
        let own: Vec<ResourceId> = resellers
            .filter(|it| it.kind.as_str() == "reseller")
            .map(|it| it.id)
            .filter(|on| self.is_member(*on, user, at) || !self.roles_on(*on, user, at).is_empty())
            .collect();
        match own.is_empty() {
            true => Stands::Customer,
            false => Stands::Resellers(own),
        }
    }

    pub(crate) fn in_context(
        &self,
        by: &Caller,
        on: ResourceId,
        reseller: Option<&Locator>,
        at: Timestamp,
    ) -> Result<bool, Refusal> {
        let path = self.path(on);
        let own = match by.actor {
            Actor::User(id) if by.tenant == self.id => self.standing(id, at),
            _ => Stands::Customer,
        };
        match (own, reseller) {
            (Stands::Resellers(own), None) => Ok(own.iter().any(|it| path.contains(it))),
            (Stands::Resellers(own), Some(named)) => match self.see(by, named, at) {
                Ok(named) if own.contains(&named) => Ok(path.contains(&named)),
                _ => Err(Refusal::Forbidden {
                    permission: pattern("resellers.users.list"),
                }),
            },
            (_, None) => Ok(true),
            (_, Some(named)) => Ok(path.contains(&self.see(by, named, at)?)),
        }
    }
}
