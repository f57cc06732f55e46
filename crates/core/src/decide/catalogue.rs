//! Changes of the catalogue.

use super::Draft;
use super::labels::spelled;
use super::tenant::sound;
use crate::Change;
use crate::catalogue::{Catalogue, Kind, Pattern, Role};
use crate::id::Node;
use crate::refusal::{Refusal, Use};
use crate::state::{KindIndex, RoleIndex, Tree};

impl Draft {
    /// Who changes what roles mean can give itself everything: only who holds
    /// everything may.
    pub(super) fn set_catalogue(&mut self, catalogue: &Catalogue) -> Result<(), Refusal> {
        self.must_hold_everything()?;
        sound(catalogue)?;
        let catalogue = spelled(catalogue, self.state.catalogue())?;
        self.keeps_what_is_in_use(&catalogue)?;
        if self.state.catalogue() != Some(&catalogue) {
            self.push(Change::CatalogueSet {
                added: self.added(&catalogue),
                catalogue: Box::new(catalogue),
            });
        }
        Ok(())
    }

    /// The kinds and roles of a catalogue that are not there yet.
    fn added(&self, catalogue: &Catalogue) -> Vec<Box<str>> {
        let is_new_kind = |name: &str| {
            self.state
                .catalogue()
                .is_none_or(|old| old.kind(name).is_none())
        };
        let is_new_role = |name: &str| {
            self.state
                .catalogue()
                .is_none_or(|old| old.role(name).is_none())
        };
        let kinds = catalogue.kinds.iter().map(|kind| kind.name.as_str());
        let kinds = kinds.filter(|name| is_new_kind(name));
        let kinds = kinds.map(|name| format!("kind:{name}").into());
        let roles = catalogue.roles.iter().map(|role| role.name.as_str());
        let roles = roles.filter(|name| is_new_role(name));
        kinds
            .chain(roles.map(|name| format!("role:{name}").into()))
            .collect()
    }

    pub(super) fn set_role(&mut self, role: &Role) -> Result<(), Refusal> {
        let mut catalogue = self.catalogue()?;
        let mut roles = catalogue.roles.iter_mut();
        match roles.find(|old| old.name == role.name) {
            Some(old) => {
                *old = Role {
                    id: old.id,
                    ..role.clone()
                }
            }
            None => catalogue.roles.push(role.clone()),
        }
        self.set_catalogue(&catalogue)
    }

    pub(super) fn remove_role(&mut self, name: &str) -> Result<(), Refusal> {
        let mut catalogue = self.catalogue()?;
        let before = catalogue.roles.len();
        catalogue.roles.retain(|role| role.name.as_str() != name);
        if catalogue.roles.len() == before {
            return Err(Refusal::not_found("role"));
        }
        self.set_catalogue(&catalogue)
    }

    pub(super) fn set_kind(&mut self, kind: &Kind) -> Result<(), Refusal> {
        let mut catalogue = self.catalogue()?;
        let mut kinds = catalogue.kinds.iter_mut();
        match kinds.find(|old| old.name == kind.name) {
            Some(old) => *old = kind.clone(),
            None => catalogue.kinds.push(kind.clone()),
        }
        self.set_catalogue(&catalogue)
    }

    pub(super) fn remove_kind(&mut self, name: &str) -> Result<(), Refusal> {
        let mut catalogue = self.catalogue()?;
        let before = catalogue.kinds.len();
        catalogue.kinds.retain(|kind| kind.name.as_str() != name);
        if catalogue.kinds.len() == before {
            return Err(Refusal::not_found("kind"));
        }
        // What is in the way is told before what else would not fit.
        if let Some(index) = self.state.kind_index(name)
            && self.state.kinds_in_use().contains(&index)
        {
            return Err(self.kind_in_use(name, index));
        }
        self.set_catalogue(&catalogue)
    }

    /// Whether the caller holds every permission, on the root.
    pub(super) fn must_hold_everything(&self) -> Result<(), Refusal> {
        self.state.authorize_catalogue(&self.by, self.at)?;
        let everything = Pattern::unchecked("*".to_owned());
        match self.state.holds(&self.by, &everything, Tree::ROOT, self.at) {
            true => Ok(()),
            false => Err(Refusal::Forbidden {
                permission: everything,
            }),
        }
    }

    /// The catalogue, to be changed by who may.
    fn catalogue(&self) -> Result<Catalogue, Refusal> {
        self.must_hold_everything()?;
        let catalogue = self.state.catalogue().cloned();
        catalogue.ok_or_else(|| Refusal::not_found("tenant"))
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
                return Err(self.kind_in_use(name, index));
            }
        }
        for index in self.state.roles_in_use() {
            let Some(old) = self.state.role(index) else {
                continue;
            };
            let name = old.name.as_str();
            let by = match new.role(name) {
                None => "grants of it",
                Some(role) if role.kind != old.kind => "grants of it on another kind",
                Some(role) if role.parameters != old.parameters => {
                    "grants of it with other parameters"
                }
                Some(_) => continue,
            };
            return Err(self.role_in_use(name, index, by));
        }
        Ok(())
    }

    fn kind_in_use(&self, name: &str, index: KindIndex) -> Refusal {
        Refusal::InUse {
            what: format!("the kind {name}").into(),
            by: "resources of that kind".into(),
            uses: self.uses(self.state.resources_of_kind(index)),
        }
    }

    fn role_in_use(&self, name: &str, index: RoleIndex, by: &str) -> Refusal {
        let grants = self.state.down(Tree::ROOT).flat_map(|(_, found)| {
            let of_it = found.grants.keys().filter(|key| key.role == index);
            of_it.map(|key| (found.resource.id, key.subject))
        });
        let uses = grants.filter_map(|(resource, subject)| {
            Some(Use::Grant {
                resource,
                subject: self.state.subject_id(subject)?,
                role: name.into(),
            })
        });
        Refusal::InUse {
            what: format!("the role {name}").into(),
            by: by.into(),
            uses: uses.take(Use::MOST).collect(),
        }
    }

    /// The first of some resources.
    pub(super) fn uses(&self, nodes: impl Iterator<Item = Node>) -> Vec<Use> {
        nodes
            .filter_map(|node| Some(Use::Resource(self.state.resource(node)?.id)))
            .take(Use::MOST)
            .collect()
    }
}
