//! The catalogue as a state uses it: kinds and roles by a small index that
//! stays the same whatever the catalogue becomes.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use super::names::Names;
use super::{Families, Patterns};
use crate::catalogue::{ADMIN_ROLE, Catalogue, Difference, Kind, Known, Role};
use crate::id::{KindIndex, RoleIndex};
use crate::model::Creation;

/// Every kind and role that the tenant ever had, at an index of its own.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    catalogue: Option<Arc<Catalogue>>,
    kinds: Names,
    roles: Names,
    admin: Option<RoleIndex>,
    /// Made when it is first asked for: a log is read without it.
    derived: OnceLock<Derived>,
    /// The same: most questions are asked without it.
    known: OnceLock<Known>,
}

/// What follows from the catalogue.
#[derive(Debug, Default)]
struct Derived {
    patterns: Patterns,
    families: Families,
}

/// What is derived is not copied: a copy is there to be changed.
impl Clone for Vocabulary {
    fn clone(&self) -> Self {
        Self {
            catalogue: self.catalogue.clone(),
            kinds: self.kinds.clone(),
            roles: self.roles.clone(),
            admin: self.admin,
            derived: OnceLock::new(),
            known: OnceLock::new(),
        }
    }
}

impl Vocabulary {
    /// From the names in the order of their indices, each with when it last came.
    pub(crate) fn from_names(
        kinds: Vec<(Box<str>, Creation)>,
        roles: Vec<(Box<str>, Creation)>,
        catalogue: Catalogue,
    ) -> Self {
        let mut vocabulary = Self {
            kinds: Names::from(kinds),
            roles: Names::from(roles),
            ..Self::default()
        };
        vocabulary.set(catalogue, None);
        vocabulary
    }

    /// Let another catalogue hold: what it names keeps its index or gets the next
    /// one, what it no longer names keeps its index and loses its meaning. `creation` is
    /// that of all that comes; `None` where that is known already.
    pub(crate) fn set(&mut self, catalogue: Catalogue, creation: Option<Creation>) {
        self.kinds.place(&catalogue.kinds, creation);
        self.roles.place(&catalogue.roles, creation);
        self.catalogue = Some(Arc::new(catalogue));
        self.changed();
    }

    /// Let the catalogue differ. Takes time in proportion to the difference, where
    /// nothing is removed and nobody else holds the catalogue.
    pub(crate) fn change(&mut self, difference: &Difference, creation: Creation) {
        let Some(catalogue) = &mut self.catalogue else {
            return;
        };
        let catalogue = Arc::make_mut(catalogue);
        let removed = difference.removed_kinds.iter().map(|it| it.as_str());
        let all = &mut catalogue.kinds;
        self.kinds
            .change(all, &difference.kinds, &removed.collect(), creation);
        let removed = difference.removed_roles.iter().map(|it| it.as_str());
        let all = &mut catalogue.roles;
        self.roles
            .change(all, &difference.roles, &removed.collect(), creation);
        let removed: HashSet<_> = difference.removed_permissions.iter().collect();
        let all = &mut catalogue.permissions;
        if !removed.is_empty() {
            all.retain(|it| !removed.contains(&it.name));
        }
        for entry in &difference.permissions {
            match all.iter_mut().find(|it| it.name == entry.name) {
                Some(old) => old.clone_from(entry),
                None => all.push(entry.clone()),
            }
        }
        self.changed();
    }

    fn changed(&mut self) {
        self.admin = self.role_index(ADMIN_ROLE);
        self.derived = OnceLock::new();
        self.known = OnceLock::new();
    }

    /// Which of the lists `kinds` and `roles` of a catalogue has a new name for
    /// which no index is left: a tenant can have 65,536 names of each in all its time.
    pub(crate) fn has_no_room_for(&self, catalogue: &Catalogue) -> Option<&'static str> {
        match () {
            () if !self.kinds.have_room_for(&catalogue.kinds) => Some("kinds"),
            () if !self.roles.have_room_for(&catalogue.roles) => Some("roles"),
            () => None,
        }
    }

    fn derived(&self) -> &Derived {
        self.derived.get_or_init(|| {
            let catalogue = self.catalogue.as_deref();
            catalogue.map_or_else(Derived::default, |catalogue| Derived {
                patterns: Patterns::of(catalogue),
                families: Families::of(catalogue),
            })
        })
    }

    /// The names that the catalogue knows.
    pub(crate) fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let catalogue = self.catalogue.as_deref();
            catalogue.map(Known::of).unwrap_or_default()
        })
    }

    pub(crate) fn catalogue(&self) -> Option<&Catalogue> {
        self.catalogue.as_deref()
    }

    pub(crate) fn kind(&self, index: KindIndex) -> Option<&Kind> {
        let position = self.kinds.position(index.0)?;
        self.catalogue.as_deref()?.kinds.get(position)
    }

    /// Where a kind stands in the catalogue, from 0.
    pub(crate) fn kind_position(&self, index: KindIndex) -> Option<usize> {
        self.kinds.position(index.0)
    }

    pub(crate) fn patterns(&self) -> &Patterns {
        &self.derived().patterns
    }

    pub(crate) fn families(&self) -> &Families {
        &self.derived().families
    }

    pub(crate) fn role(&self, index: RoleIndex) -> Option<&Role> {
        let position = self.roles.position(index.0)?;
        self.catalogue.as_deref()?.roles.get(position)
    }

    /// Where a role stands in the catalogue, from 0.
    pub(crate) fn role_position(&self, index: RoleIndex) -> Option<usize> {
        self.roles.position(index.0)
    }

    pub(crate) fn kind_index(&self, name: &str) -> Option<KindIndex> {
        self.kinds.index(name).map(KindIndex)
    }

    pub(crate) fn role_index(&self, name: &str) -> Option<RoleIndex> {
        self.roles.index(name).map(RoleIndex)
    }

    pub(crate) fn admin(&self) -> Option<RoleIndex> {
        self.admin
    }

    /// All names of kinds by index, each with when it last came.
    pub(crate) fn kind_names(&self) -> impl Iterator<Item = (&str, Creation)> {
        self.kinds.iter()
    }

    /// The same of roles.
    pub(crate) fn role_names(&self) -> impl Iterator<Item = (&str, Creation)> {
        self.roles.iter()
    }

    /// When a kind that the catalogue has came into it.
    pub(crate) fn kind_creation(&self, name: &str) -> Option<Creation> {
        self.kinds.creation(name)
    }

    /// The same of a role.
    pub(crate) fn role_creation(&self, name: &str) -> Option<Creation> {
        self.roles.creation(name)
    }
}
