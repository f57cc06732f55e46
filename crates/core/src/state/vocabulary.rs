//! The catalogue as a state uses it: kinds and roles by a small index that
//! stays the same whatever the catalogue becomes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Families, Patterns};
use crate::catalogue::{ADMIN_ROLE, Catalogue, Kind, Role};

/// A kind, within one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KindIndex(pub u16);

/// A role, within one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleIndex(pub u16);

/// Something with its position in the catalogue.
type Placed<T> = (usize, T);

/// Every kind and role that the tenant ever had, at an index of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    catalogue: Option<Arc<Catalogue>>,
    kinds: Vec<(Box<str>, Option<Placed<Kind>>)>,
    roles: Vec<(Box<str>, Option<Placed<Role>>)>,
    admin: Option<RoleIndex>,
    patterns: Patterns,
    families: Families,
}

impl Vocabulary {
    /// With another catalogue: what it names keeps its index or gets the next
    /// one, what it no longer names keeps its index and loses its meaning.
    pub(crate) fn with(&self, catalogue: Catalogue) -> Self {
        let kinds = self.kinds.iter().map(|(name, _)| name.clone()).collect();
        let roles = self.roles.iter().map(|(name, _)| name.clone()).collect();
        Self::from_names(kinds, roles, catalogue)
    }

    /// From the names in the order of their indices.
    pub(crate) fn from_names(
        kinds: Vec<Box<str>>,
        roles: Vec<Box<str>>,
        catalogue: Catalogue,
    ) -> Self {
        let kinds = extend(kinds, catalogue.kinds.iter().map(|kind| kind.name.as_str()))
            .into_iter()
            .map(|name| {
                let mut kinds = catalogue.kinds.iter();
                let at = kinds.position(|kind| kind.name.as_str() == &*name);
                let kind = at.and_then(|at| Some((at, catalogue.kinds.get(at)?.clone())));
                (name, kind)
            })
            .collect();
        let roles: Vec<_> = extend(roles, catalogue.roles.iter().map(|role| role.name.as_str()))
            .into_iter()
            .map(|name| {
                let at = catalogue
                    .roles
                    .iter()
                    .position(|role| role.name.as_str() == &*name);
                let role = at.and_then(|at| Some((at, catalogue.roles.get(at)?.clone())));
                (name, role)
            })
            .collect();
        let admin = index(roles.iter().position(|(name, _)| &**name == ADMIN_ROLE)).map(RoleIndex);
        Self {
            patterns: Patterns::of(&catalogue),
            families: Families::of(&catalogue),
            catalogue: Some(Arc::new(catalogue)),
            kinds,
            roles,
            admin,
        }
    }

    pub(crate) fn catalogue(&self) -> Option<&Catalogue> {
        self.catalogue.as_deref()
    }

    pub(crate) fn kind(&self, index: KindIndex) -> Option<&Kind> {
        let (_, kind) = self.kinds.get(usize::from(index.0))?.1.as_ref()?;
        Some(kind)
    }

    /// Where a kind stands in the catalogue, from 0.
    pub(crate) fn kind_position(&self, index: KindIndex) -> Option<usize> {
        let (position, _) = self.kinds.get(usize::from(index.0))?.1.as_ref()?;
        Some(*position)
    }

    pub(crate) fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    pub(crate) fn families(&self) -> &Families {
        &self.families
    }

    pub(crate) fn role(&self, index: RoleIndex) -> Option<&Role> {
        let (_, role) = self.roles.get(usize::from(index.0))?.1.as_ref()?;
        Some(role)
    }

    /// Where a role stands in the catalogue, from 0.
    pub(crate) fn role_position(&self, index: RoleIndex) -> Option<usize> {
        let (position, _) = self.roles.get(usize::from(index.0))?.1.as_ref()?;
        Some(*position)
    }

    pub(crate) fn kind_index(&self, name: &str) -> Option<KindIndex> {
        index(self.kinds.iter().position(|(known, _)| &**known == name)).map(KindIndex)
    }

    pub(crate) fn role_index(&self, name: &str) -> Option<RoleIndex> {
        index(self.roles.iter().position(|(known, _)| &**known == name)).map(RoleIndex)
    }

    pub(crate) fn admin(&self) -> Option<RoleIndex> {
        self.admin
    }

    pub(crate) fn kind_names(&self) -> impl Iterator<Item = &str> {
        self.kinds.iter().map(|(name, _)| &**name)
    }

    pub(crate) fn role_names(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(|(name, _)| &**name)
    }
}

fn extend<'a>(mut names: Vec<Box<str>>, more: impl Iterator<Item = &'a str>) -> Vec<Box<str>> {
    for name in more {
        if !names.iter().any(|known| &**known == name) {
            names.push(name.into());
        }
    }
    names
}

/// Indices fit: a catalogue has at most a few thousand names, and a tenant
/// whose catalogues named more than 65,535 in all gets no index for the rest.
fn index(position: Option<usize>) -> Option<u16> {
    position.and_then(|position| u16::try_from(position).ok())
}
