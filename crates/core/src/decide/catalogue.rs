//! Changes of the catalogue.

use std::collections::BTreeSet;

use super::Draft;
use super::tenant::sound;
use crate::Change;
use crate::catalogue::{Catalogue, Pattern};
use crate::refusal::Refusal;
use crate::state::{RoleIndex, Tree};

impl Draft {
    /// Who changes what roles mean can give itself everything: only who holds
    /// everything may.
    pub(super) fn set_catalogue(&mut self, catalogue: &Catalogue) -> Result<(), Refusal> {
        let root = self.state.see(&self.by, &crate::Locator::root(), self.at)?;
        let everything = Pattern::unchecked("*".to_owned());
        if !self.state.holds(&self.by, &everything, root, self.at) {
            return Err(Refusal::Forbidden {
                permission: everything,
            });
        }
        sound(catalogue)?;
        self.keeps_what_is_in_use(catalogue)?;
        if self.state.catalogue() != Some(catalogue) {
            self.push(Change::CatalogueSet {
                catalogue: Box::new(catalogue.clone()),
            });
        }
        Ok(())
    }

    fn keeps_what_is_in_use(&self, new: &Catalogue) -> Result<(), Refusal> {
        for index in self.state.kinds_in_use() {
            let Some(kind) = self.state.kind(index) else {
                continue;
            };
            let name = kind.name.as_str();
            // A rule about who can be a member must not strip those who are.
            let stays = new
                .kind(name)
                .is_some_and(|new| new.members_from_parent == kind.members_from_parent);
            if !stays {
                return Err(Refusal::InUse {
                    what: format!("the kind {name}").into(),
                    by: "resources of that kind".into(),
                });
            }
        }
        let granted: BTreeSet<RoleIndex> = self
            .state
            .down(Tree::ROOT)
            .flat_map(|(_, found)| found.grants.keys().map(|key| key.role))
            .collect();
        for index in granted {
            let Some(old) = self.state.role(index) else {
                continue;
            };
            let name = old.name.as_str();
            let in_use = |what: &str| Refusal::InUse {
                what: format!("the role {name}").into(),
                by: what.into(),
            };
            match new.role(name) {
                None => return Err(in_use("grants of it")),
                Some(role) if role.kind != old.kind => {
                    return Err(in_use("grants of it on another kind"));
                }
                Some(role) if role.parameters != old.parameters => {
                    return Err(in_use("grants of it with other parameters"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}
