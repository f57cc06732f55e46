//! The beginning of a tenant, and its catalogue.

use std::sync::Arc;

use attache_core::catalogue::{Catalogue, ROOT_KIND};
use attache_core::id::ResourceNumber;
use attache_core::model::Resource;
use attache_core::{Actor, Command, Locator, Refusal};

use super::gate::not_found;
use super::run::invalid;
use super::{Act, Place, Tenant};

fn in_use() -> Refusal {
    Refusal::InUse {
        what: "".into(),
        by: "".into(),
    }
}

impl Tenant {
    pub(crate) fn perform_on_catalogue(
        &mut self,
        act: &Act,
        command: &Command,
    ) -> Result<(), Refusal> {
        match command {
            Command::CreateTenant {
                root,
                name,
                catalogue,
            } => {
                if act.by.actor != Actor::Operator || act.by.tenant != self.id {
                    return Err(not_found("tenant"));
                }
                if !self.places.is_empty() {
                    return Err(Refusal::Taken { field: "tenant" });
                }
                self.let_hold(catalogue)?;
                self.use_number(ROOT_KIND, 1);
                self.places.push(Place {
                    resource: Resource {
                        id: *root,
                        kind: ROOT_KIND.into(),
                        number: ResourceNumber(1),
                        key: None,
                        name: name.clone(),
                        created_at: act.at,
                    },
                    parent: None,
                });
                Ok(())
            }
            Command::SetCatalogue { catalogue } => {
                let root = self.see(&act.by, &Locator::root(), act.at)?;
                self.must_may(&act.by, root, "*", act.at)?;
                self.let_hold(catalogue)
            }
            _ => unreachable!(),
        }
    }

    fn let_hold(&mut self, new: &Catalogue) -> Result<(), Refusal> {
        if !new.check().is_empty() {
            return Err(invalid("catalogue"));
        }
        for place in &self.places {
            let name = place.resource.kind.as_str();
            let mut alike = new.kinds.iter().filter(|kind| kind.name.as_str() == name);
            let from_parent = self.kind(name).map(|kind| kind.members_from_parent);
            if alike.next().map(|kind| kind.members_from_parent) != from_parent {
                return Err(in_use());
            }
        }
        // What has run out stands in the way until it is swept: the entry that
        // says so names the role.
        for granted in &self.grants {
            let old = self.role(&granted.role);
            let new = new
                .roles
                .iter()
                .find(|role| *role.name.as_str() == *granted.role);
            let shape =
                |role: &attache_core::catalogue::Role| (role.kind.clone(), role.parameters.clone());
            if new.map(shape) != old.map(shape) {
                return Err(in_use());
            }
        }
        for role in &new.roles {
            let name = role.name.as_str();
            if !self.roles_ever.iter().any(|known| &**known == name) {
                self.roles_ever.push(name.into());
            }
        }
        if self.catalogue.as_deref() != Some(new) {
            self.catalogue = Some(Arc::new(new.clone()));
        }
        Ok(())
    }
}
