//! The difference of two catalogues of a tenant, which the log has for a change that
//! leaves most of the catalogue.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::bounds::Size;
use super::{Catalogue, Kind, KindName, Pattern, PermissionEntry, Role, RoleName};

/// The kinds, roles and permissions that a catalogue gains and loses. Removals are
/// applied first. An addition replaces the one with its name, or is appended, in this
/// order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The kinds that are new or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// The roles that are new or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// The permissions that are new or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<PermissionEntry>,
    /// The removed kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_kinds: Vec<KindName>,
    /// The removed roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_roles: Vec<RoleName>,
    /// The removed permissions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_permissions: Vec<Pattern>,
}

impl Difference {
    /// Returns the difference that turns `old` into `new`. `None` if no difference does,
    /// since the remaining parts have another order or a name is repeated. Takes time in
    /// proportion to the size of both.
    #[must_use]
    pub fn between(old: &Catalogue, new: &Catalogue) -> Option<Self> {
        let (kinds, removed_kinds) = part(&old.kinds, &new.kinds, |kind| &kind.name)?;
        let (roles, removed_roles) = part(&old.roles, &new.roles, |role| &role.name)?;
        let (permissions, removed_permissions) =
            part(&old.permissions, &new.permissions, |entry| &entry.name)?;
        Some(Self {
            kinds,
            roles,
            permissions,
            removed_kinds,
            removed_roles,
            removed_permissions,
        })
    }

    /// Returns whether the catalogues are equal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns about the number of bytes of the difference, counted as
    /// [`Catalogue::size`] does.
    pub(crate) fn bytes(&self) -> usize {
        let kinds = self.kinds.iter().map(|it| Size::of_kind(it).bytes);
        let roles = self.roles.iter().map(|it| Size::of_role(it).bytes);
        let permissions = self.permissions.iter();
        let permissions = permissions.map(|it| Size::of_permission(it).bytes);
        let removed_kinds = self.removed_kinds.iter().map(|it| it.as_str().len());
        let removed_roles = self.removed_roles.iter().map(|it| it.as_str().len());
        let removed = self.removed_permissions.iter().map(|it| it.as_str().len());
        kinds
            .chain(roles)
            .chain(permissions)
            .chain(removed_kinds)
            .chain(removed_roles)
            .chain(removed)
            .sum()
    }
}

/// Returns what is new or changed in one list, and the names of what is removed.
fn part<T: Clone + PartialEq, N: Clone + Eq + Hash>(
    old: &[T],
    new: &[T],
    name: impl Fn(&T) -> &N,
) -> Option<(Vec<T>, Vec<N>)> {
    let before: HashMap<&N, &T> = old.iter().map(|it| (name(it), it)).collect();
    let after: HashSet<&N> = new.iter().map(&name).collect();
    if before.len() != old.len() || after.len() != new.len() {
        return None;
    }
    let stay = old.iter().map(&name).filter(|it| after.contains(it));
    let come = new.iter().map(&name);
    let come = come.filter(|it| !before.contains_key(it));
    if !stay.chain(come).eq(new.iter().map(&name)) {
        return None;
    }
    let differs = |it: &&T| before.get(name(it)) != Some(it);
    let set = new.iter().filter(differs).cloned().collect();
    let gone = old.iter().map(&name).filter(|it| !after.contains(it));
    Some((set, gone.cloned().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starting() -> Catalogue {
        Catalogue::starting().unwrap()
    }

    #[test]
    fn the_same_catalogue_differs_in_nothing() {
        let difference = Difference::between(&starting(), &starting());
        assert!(difference.unwrap().is_empty());
    }

    #[test]
    fn one_role_that_changes_is_one_role() {
        let mut new = starting();
        new.roles[3].label = "Other".to_owned();
        let difference = Difference::between(&starting(), &new).unwrap();
        assert_eq!(difference.roles, [new.roles[3].clone()]);
        assert!(difference.kinds.is_empty() && difference.removed_roles.is_empty());
        assert!(difference.bytes() < starting().size().bytes / 10);
    }

    #[test]
    fn another_order_or_a_name_that_stands_twice_is_no_difference() {
        let mut new = starting();
        new.roles.reverse();
        assert_eq!(Difference::between(&starting(), &new), None);
        let mut new = starting();
        let first = new.roles[0].clone();
        new.roles.push(first.clone());
        assert_eq!(Difference::between(&starting(), &new), None);
        // A new one before an old one.
        let mut new = starting();
        let name = "x".into();
        new.roles.insert(0, Role { name, ..first });
        assert_eq!(Difference::between(&starting(), &new), None);
    }
}
