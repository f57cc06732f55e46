//! Changes of the catalogue.

use std::collections::{HashMap, HashSet};

use super::Draft;
use super::labels::spelled;
use super::tenant::sound;
use crate::Change;
use crate::catalogue::{Catalogue, Difference, Kind, Role};
use crate::id::Node;
use crate::refusal::{Refusal, Use};
use crate::state::{KindIndex, RoleIndex, Tree};
use crate::time::Expiry;

impl Draft {
    /// Replaces the catalogue. A caller that changes roles can give itself everything, so
    /// it must hold everything.
    pub(super) fn set_catalogue(&mut self, catalogue: &Catalogue) -> Result<(), Refusal> {
        self.must_hold_everything()?;
        // Checked before it is copied.
        sound(catalogue, self.state.catalogue())?;
        self.let_hold(catalogue.clone())
    }

    /// Applies a sound catalogue. Records the difference, if that is smaller than the
    /// whole.
    fn let_hold(&mut self, catalogue: Catalogue) -> Result<(), Refusal> {
        let catalogue = spelled(catalogue, self.state.catalogue())?;
        if self.gives_more(&catalogue) {
            self.must_hold_everything_for_ever()?;
        }
        if let Some(list) = self.state.vocabulary().has_no_room_for(&catalogue) {
            let reason = format!(
                "{list} must take a name that this tenant had before: it has had 65536, and can \
                 have no other"
            );
            return Err(Refusal::invalid("catalogue", &reason));
        }
        self.keeps_what_is_in_use(&catalogue)?;
        let old = self.state.catalogue();
        let difference = old.and_then(|old| Difference::between(old, &catalogue));
        if difference.as_ref().is_some_and(Difference::is_empty) {
            return Ok(());
        }
        let added = self.added(&catalogue);
        let smaller = difference.filter(|it| it.bytes() < catalogue.size().bytes);
        self.push(match smaller {
            Some(difference) => Change::CatalogueChanged {
                difference: Box::new(difference),
                added,
            },
            None => Change::CatalogueSet {
                added,
                catalogue: Box::new(catalogue),
            },
        });
        Ok(())
    }

    /// Returns the kinds and roles of a catalogue that are new.
    fn added(&self, catalogue: &Catalogue) -> Vec<Box<str>> {
        let old = || self.state.catalogue().into_iter();
        let old_kinds = old().flat_map(|old| &old.kinds);
        let old_kinds: HashSet<_> = old_kinds.map(|kind| &kind.name).collect();
        let old_roles = old().flat_map(|old| &old.roles);
        let old_roles: HashSet<_> = old_roles.map(|role| &role.name).collect();
        let kinds = catalogue.kinds.iter().map(|kind| &kind.name);
        let kinds = kinds.filter(|name| !old_kinds.contains(name));
        let kinds = kinds.map(|name| format!("kind:{name}").into());
        let roles = catalogue.roles.iter().map(|role| &role.name);
        let roles = roles.filter(|name| !old_roles.contains(name));
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
        self.replace_catalogue(catalogue)
    }

    pub(super) fn remove_role(&mut self, name: &str) -> Result<(), Refusal> {
        let mut catalogue = self.catalogue()?;
        let before = catalogue.roles.len();
        catalogue.roles.retain(|role| role.name.as_str() != name);
        if catalogue.roles.len() == before {
            return Err(Refusal::not_found("role"));
        }
        self.replace_catalogue(catalogue)
    }

    pub(super) fn set_kind(&mut self, kind: &Kind) -> Result<(), Refusal> {
        let mut catalogue = self.catalogue()?;
        let mut kinds = catalogue.kinds.iter_mut();
        match kinds.find(|old| old.name == kind.name) {
            Some(old) => *old = kind.clone(),
            None => catalogue.kinds.push(kind.clone()),
        }
        self.replace_catalogue(catalogue)
    }

    pub(super) fn remove_kind(&mut self, name: &str) -> Result<(), Refusal> {
        let mut catalogue = self.catalogue()?;
        let before = catalogue.kinds.len();
        catalogue.kinds.retain(|kind| kind.name.as_str() != name);
        if catalogue.kinds.len() == before {
            return Err(Refusal::not_found("kind"));
        }
        // Uses are reported before other faults.
        if let Some(index) = self.state.kind_index(name)
            && self.state.kinds_in_use().contains(&index)
        {
            return Err(self.kind_in_use(name, index));
        }
        self.replace_catalogue(catalogue)
    }

    fn replace_catalogue(&mut self, catalogue: Catalogue) -> Result<(), Refusal> {
        sound(&catalogue, self.state.catalogue())?;
        self.let_hold(catalogue)
    }

    /// Checks that the caller holds every permission, on the root.
    pub(super) fn must_hold_everything(&self) -> Result<(), Refusal> {
        self.authority().authorize_everything()
    }

    /// Checks that the caller holds every permission, on the root, without an end.
    pub(super) fn must_hold_everything_for_ever(&self) -> Result<(), Refusal> {
        self.gift().everything(Expiry::NEVER).must_be_held(None)
    }

    /// Returns the catalogue for a change, if the caller may change it.
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
            // A changed rule about members must not detach existing ones.
            let stays = new
                .kind(name)
                .is_some_and(|new| new.members_from_parent == kind.members_from_parent);
            if !stays {
                return Err(self.kind_in_use(name, index));
            }
        }
        let roles = new.roles.iter();
        let roles: HashMap<_, _> = roles.map(|role| (&role.name, role)).collect();
        // Uses of roles are searched for only if a used role would be affected.
        let old = self.state.catalogue().into_iter();
        let mut affected = old.flat_map(|old| &old.roles).filter(|old| {
            let new = roles.get(&old.name);
            new.is_none_or(|new| new.kind != old.kind || new.parameters != old.parameters)
        });
        if affected.next().is_none() {
            return Ok(());
        }
        for index in self.state.roles_in_use() {
            let Some(old) = self.state.role(index) else {
                continue;
            };
            let by = match roles.get(&old.name) {
                None => "of it",
                Some(role) if role.kind != old.kind => "of it on another kind",
                Some(role) if role.parameters != old.parameters => "of it with other parameters",
                Some(_) => continue,
            };
            return Err(self.role_in_use(old.name.as_str(), index, by));
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
        let mut uses = Vec::new();
        let mut count = 0_usize;
        for (resource, subject) in grants {
            count += 1;
            if uses.len() < Use::MOST
                && let Some(subject) = self.state.subject_id(subject)
            {
                let role = name.into();
                uses.push(Use::Grant {
                    resource,
                    subject,
                    role,
                });
            }
        }
        Refusal::InUse {
            what: format!("the role {name}").into(),
            by: match count {
                1 => format!("1 grant {by}").into(),
                _ => format!("{count} grants {by}").into(),
            },
            uses,
        }
    }

    /// Returns the first of some resources.
    pub(super) fn uses(&self, nodes: impl Iterator<Item = Node>) -> Vec<Use> {
        nodes
            .filter_map(|node| Some(Use::Resource(self.state.resource(node)?.id)))
            .take(Use::MOST)
            .collect()
    }
}
