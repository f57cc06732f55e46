//! Which kinds of resources a role or a membership lets its holder see, as sets
//! of kinds: prepared once for each catalogue.
//!
//! A kind's own family is every permission whose name begins with the kind's
//! name and `s.`, such as `customers.users.list` for the kind `customer`.

use crate::catalogue::{Catalogue, Kind, Pattern, Role};
use crate::model::Parameters;

/// A set of kinds, by their positions in the catalogue, which has at most 256.
/// A kind beyond these is never in a set, so that nobody sees it by mistake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KindSet([u64; 4]);

impl KindSet {
    fn insert(&mut self, kind: usize) {
        if let Some(word) = self.0.get_mut(kind / 64) {
            *word |= 1 << (kind % 64);
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Whether it holds the kind at a position in the catalogue.
    pub(crate) fn contains(&self, kind: usize) -> bool {
        let word = self.0.get(kind / 64);
        word.is_some_and(|word| word >> (kind % 64) & 1 == 1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The kinds that a role shows.
#[derive(Clone, Debug, Default)]
struct Shown {
    /// On the resource that it was granted on, and below it.
    everywhere: KindSet,
    /// By a scope, with the scope's first parameter. A grant that gives the
    /// parameter names a part of the very resource that it stands on, and shows
    /// nothing below it. A grant without it shows these kinds everywhere.
    scoped: Vec<(Box<str>, KindSet)>,
}

/// The kinds that roles and memberships show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Families {
    /// The kinds whose members see what they are members of.
    members: KindSet,
    /// By the position of the role in the catalogue.
    roles: Vec<Shown>,
}

impl Families {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let kinds = &catalogue.kinds;
        let mut members = KindSet::default();
        for (position, kind) in kinds.iter().enumerate() {
            if kind.members_may.iter().any(|may| is_in_family(may, kind)) {
                members.insert(position);
            }
        }
        let roles = catalogue.roles.iter().map(|role| Shown::of(role, kinds));
        Self {
            members,
            roles: roles.collect(),
        }
    }

    /// Whether members of a kind, at its position in the catalogue, see what
    /// they are members of.
    pub(crate) fn members_see(&self, kind: usize) -> bool {
        self.members.contains(kind)
    }

    /// Whether a grant of a role shows a kind. `here`: on the resource that the
    /// grant stands on, not below it. Both are given by their positions in the
    /// catalogue.
    pub(crate) fn role_shows(
        &self,
        role: usize,
        parameters: &Parameters,
        kind: usize,
        here: bool,
    ) -> bool {
        self.roles.get(role).is_some_and(|shown| {
            shown.everywhere.contains(kind)
                || shown.scoped.iter().any(|(parameter, kinds)| {
                    kinds.contains(kind) && (here || parameters.get(parameter).is_none())
                })
        })
    }

    /// The kinds that a grant of a role shows: everywhere below the resource
    /// that it stands on, and on that resource only.
    pub(crate) fn of_grant(&self, role: usize, parameters: &Parameters) -> (KindSet, KindSet) {
        let (mut everywhere, mut here) = (KindSet::default(), KindSet::default());
        if let Some(shown) = self.roles.get(role) {
            everywhere.add(&shown.everywhere);
            for (parameter, kinds) in &shown.scoped {
                match parameters.get(parameter) {
                    Some(_) => here.add(kinds),
                    None => everywhere.add(kinds),
                }
            }
        }
        (everywhere, here)
    }
}

impl Shown {
    fn of(role: &Role, kinds: &[Kind]) -> Self {
        let mut everywhere = families(&role.permissions, kinds);
        let mut scoped = Vec::new();
        for part in &role.scoped {
            let shown = families(&part.permissions, kinds);
            match part.scope.parts.first() {
                Some((_, parameter)) => scoped.push((parameter.clone(), shown)),
                // A scope without parts is all of its resource.
                None => everywhere.add(&shown),
            }
        }
        Self { everywhere, scoped }
    }
}

/// The kinds of whose families these permissions are.
fn families(permissions: &[Pattern], kinds: &[Kind]) -> KindSet {
    let mut set = KindSet::default();
    for (position, kind) in kinds.iter().enumerate() {
        if permissions.iter().any(|held| is_in_family(held, kind)) {
            set.insert(position);
        }
    }
    set
}

/// Whether a permission, or one of those that a pattern stands for, is of a
/// kind's own family.
fn is_in_family(permission: &Pattern, kind: &Kind) -> bool {
    let text = permission.as_str();
    let family = text
        .strip_prefix(kind.name.as_str())
        .and_then(|rest| rest.strip_prefix("s."));
    text == "*" || family.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> Kind {
        Kind {
            name: name.into(),
            parents: Vec::new(),
            members_may: Vec::new(),
            members_from_parent: false,
        }
    }

    #[test]
    fn a_pattern_is_of_the_family_that_it_begins_with() {
        for (pattern, of_customer) in [
            ("*", true),
            ("customers.*", true),
            ("customers.view", true),
            ("customers.users.*", true),
            ("customers", false),
            ("customer.view", false),
            ("customerss.view", false),
            ("customers-of.view", false),
            ("Customers.view", false),
            ("workspaces.*", false),
            ("view", false),
        ] {
            let permission = Pattern::new(pattern).unwrap();
            let found = is_in_family(&permission, &kind("customer"));
            assert_eq!(found, of_customer, "{pattern}");
        }
    }

    #[test]
    fn a_kind_whose_name_begins_like_another_has_a_family_of_its_own() {
        let held = [Pattern::new("customers.view").unwrap()];
        let kinds = ["customer", "customers", "customer-s", "c"].map(kind);
        let set = families(&held, &kinds);
        let found: Vec<bool> = (0..kinds.len()).map(|it| set.contains(it)).collect();
        assert_eq!(found, [true, false, false, false]);
    }

    #[test]
    fn all_256_kinds_have_a_place() {
        let mut set = KindSet::default();
        for kind in [0, 63, 64, 255, 256, 9_999] {
            set.insert(kind);
            assert_eq!(set.contains(kind), kind < 256, "{kind}");
        }
        assert!(!set.contains(254));
    }
}
