//! The beginning of a tenant.

use super::Draft;
use super::labels::spelled;
use crate::Change;
use crate::caller::Actor;
use crate::catalogue::{Catalogue, Problem};
use crate::id::ResourceId;
use crate::model::Name;
use crate::refusal::Refusal;

impl Draft {
    pub(super) fn create_tenant(
        &mut self,
        root: ResourceId,
        name: &Name,
        catalogue: &Catalogue,
    ) -> Result<(), Refusal> {
        if self.by.actor != Actor::Operator || self.by.tenant != self.state.tenant() {
            return Err(Refusal::not_found("tenant"));
        }
        if self.state.resource_count() > 0 {
            return Err(Refusal::Taken { field: "tenant" });
        }
        sound(catalogue)?;
        self.may_have_name(name)?;
        self.push(Change::CatalogueSet {
            catalogue: Box::new(spelled(catalogue, None)?),
            added: Vec::new(),
        });
        self.push(Change::TenantCreated {
            tenant: self.state.tenant(),
            root,
            name: name.clone(),
        });
        Ok(())
    }
}

/// Whether a catalogue can be a tenant's.
pub(super) fn sound(catalogue: &Catalogue) -> Result<(), Refusal> {
    let problems: Vec<String> = catalogue.check().iter().map(Problem::to_string).collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Refusal::invalid("catalogue", &problems.join("; ")))
    }
}
