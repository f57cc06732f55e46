//! Which kinds of resources a role or a membership lets its holder see, as sets
//! of kinds: prepared once for each catalogue.
//!
//! A kind's own family is every permission whose name begins with the kind's
//! name and `s.`, such as `customers.users.list` for the kind `customer`.

use std::collections::HashMap;

use crate::catalogue::{Catalogue, Kind, Pattern, Role};
use crate::model::Parameters;

/// A set of kinds, by their positions in the catalogue, which has at most 256.
/// A kind beyond these is never in a set, so that nobody sees it by mistake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KindSet([u64; 4]);

impl KindSet {
    pub(crate) fn insert(&mut self, kind: usize) {
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
        let kinds = Kinds::of(&catalogue.kinds);
        let mut members = KindSet::default();
        for (position, kind) in catalogue.kinds.iter().enumerate() {
            if kinds.of_all(&kind.members_may).contains(position) {
                members.insert(position);
            }
        }
        let roles = catalogue.roles.iter().map(|role| Shown::of(role, &kinds));
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
    fn of(role: &Role, kinds: &Kinds<'_>) -> Self {
        let mut everywhere = kinds.of_all(&role.permissions);
        let mut scoped = Vec::new();
        for part in &role.scoped {
            let shown = kinds.of_all(&part.permissions);
            match part.scope.parts.first() {
                Some((_, parameter)) => scoped.push((parameter.clone(), shown)),
                // A scope without parts is all of its resource.
                None => everywhere.add(&shown),
            }
        }
        Self { everywhere, scoped }
    }
}

/// The kinds of a catalogue, found by the permissions of their families.
struct Kinds<'a> {
    positions: HashMap<&'a str, usize>,
    all: KindSet,
}

impl<'a> Kinds<'a> {
    fn of(kinds: &'a [Kind]) -> Self {
        let mut found = Self {
            positions: HashMap::new(),
            all: KindSet::default(),
        };
        for (position, kind) in kinds.iter().enumerate() {
            found.all.insert(position);
            let positions = &mut found.positions;
            positions.entry(kind.name.as_str()).or_insert(position);
        }
        found
    }

    /// The kinds of whose families these permissions are.
    fn of_all(&self, permissions: &[Pattern]) -> KindSet {
        let mut set = KindSet::default();
        for permission in permissions {
            match (permission.as_str(), self.family(permission)) {
                ("*", _) => set.add(&self.all),
                (_, Some(kind)) => set.insert(kind),
                (_, None) => {}
            }
        }
        set
    }

    /// The kind of whose family a permission is, or all that a pattern stands for.
    /// The name of a kind has no dot.
    fn family(&self, permission: &Pattern) -> Option<usize> {
        let (first, _) = permission.as_str().split_once('.')?;
        self.positions.get(first.strip_suffix('s')?).copied()
    }
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
            let kinds = [kind("customer")];
            let found = Kinds::of(&kinds).of_all(&[permission]).contains(0);
            assert_eq!(found, of_customer, "{pattern}");
        }
    }

    #[test]
    fn a_kind_whose_name_begins_like_another_has_a_family_of_its_own() {
        let held = [Pattern::new("customers.view").unwrap()];
        let kinds = ["customer", "customers", "customer-s", "c"].map(kind);
        let set = Kinds::of(&kinds).of_all(&held);
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
