//! The start of a tenant.

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
        sound(catalogue, None)?;
        self.may_have_name(name)?;
        self.push(Change::CatalogueSet {
            catalogue: Box::new(spelled(catalogue.clone(), None)?),
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

/// Checks that a catalogue can replace an old one: it is not too large, and is
/// consistent. The size is checked first.
pub(super) fn sound(catalogue: &Catalogue, old: Option<&Catalogue>) -> Result<(), Refusal> {
    let mut problems = catalogue.beyond_bounds(old);
    if problems.is_empty() {
        problems = catalogue.check();
    }
    let problems: Vec<String> = problems.iter().map(Problem::to_string).collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Refusal::invalid("catalogue", &problems.join("; ")))
    }
}
