//! What roles and memberships give, as sets over all patterns of a catalogue:
//! prepared once for each catalogue, so that a list of users can say of each
//! what it may do.

use crate::catalogue::{Catalogue, Pattern, Role};
use crate::model::Parameters;

/// A set of patterns, by their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PatternSet(Vec<u64>);

impl PatternSet {
    fn insert(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    fn add(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    fn take_off(&mut self, other: &Self) {
        for (word, less) in self.0.iter_mut().zip(&other.0) {
            *word &= !less;
        }
    }

    /// By place.
    fn places(&self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().enumerate();
        words.flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

/// What a role gives.
#[derive(Clone, Debug, Default)]
struct Gives {
    everywhere: PatternSet,
    /// What it gives within a part, with the parameter that says of which: a
    /// grant that leaves it out gives it everywhere.
    scoped: Vec<(Option<Box<str>>, PatternSet)>,
}

/// All patterns of a catalogue, and who gives which.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    /// In their order.
    all: Vec<Pattern>,
    /// For each, the others that it covers.
    covered: Vec<PatternSet>,
    /// By the place of the kind in the catalogue.
    members: Vec<PatternSet>,
    /// By the place of the role in the catalogue.
    roles: Vec<Gives>,
}

impl Patterns {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let of_role = |role: &Role| {
            let scoped = role.scoped.iter().flat_map(|it| it.permissions.clone());
            role.permissions
                .iter()
                .cloned()
                .chain(scoped)
                .collect::<Vec<_>>()
        };
        let roles = catalogue.roles.iter().flat_map(of_role);
        let roles = roles.collect::<Vec<Pattern>>().into_iter();
        let kinds = catalogue.kinds.iter();
        let mut all: Vec<Pattern> = kinds
            .flat_map(|kind| kind.members_may.iter().cloned())
            .chain(roles)
            .collect();
        all.sort();
        all.dedup();
        let mut patterns = Self {
            all,
            ..Self::default()
        };
        let set = |wanted: &[Pattern]| patterns.set(|one| wanted.contains(one));
        let members = catalogue.kinds.iter().map(|kind| set(&kind.members_may));
        let roles = catalogue.roles.iter().map(|role| Gives {
            everywhere: set(&role.permissions),
            scoped: role
                .scoped
                .iter()
                .map(|it| {
                    let first = it.scope.parts.first();
                    (first.map(|(_, name)| name.clone()), set(&it.permissions))
                })
                .collect(),
        });
        let covered = patterns.all.iter();
        let covered = covered.map(|wide| patterns.set(|one| wide != one && wide.covers(one)));
        let (members, roles, covered) = (members.collect(), roles.collect(), covered.collect());
        patterns.members = members;
        patterns.roles = roles;
        patterns.covered = covered;
        patterns
    }

    fn set(&self, is_in: impl Fn(&Pattern) -> bool) -> PatternSet {
        let mut set = self.empty();
        let places = self.all.iter().enumerate();
        for (place, _) in places.filter(|(_, one)| is_in(one)) {
            set.insert(place);
        }
        set
    }

    pub(crate) fn empty(&self) -> PatternSet {
        PatternSet(vec![0; self.all.len().div_ceil(64)])
    }

    /// Add what members of a kind may do, by its place in the catalogue.
    pub(crate) fn add_members(&self, set: &mut PatternSet, kind: usize) {
        if let Some(members) = self.members.get(kind) {
            set.add(members);
        }
    }

    /// Add what a grant of a role gives on all of a resource, by its place in
    /// the catalogue.
    pub(crate) fn add_role(&self, set: &mut PatternSet, role: usize, parameters: &Parameters) {
        let Some(gives) = self.roles.get(role) else {
            return;
        };
        set.add(&gives.everywhere);
        for (parameter, patterns) in &gives.scoped {
            let of_a_part = parameter
                .as_ref()
                .is_some_and(|it| parameters.get(it).is_some());
            if !of_a_part {
                set.add(patterns);
            }
        }
    }

    /// The patterns of a set in their order, without those that another covers.
    pub(crate) fn widest(&self, set: &PatternSet) -> Vec<&Pattern> {
        let mut widest = set.clone();
        for place in set.places() {
            if let Some(covered) = self.covered.get(place) {
                widest.take_off(covered);
            }
        }
        let places = widest.places();
        places.filter_map(|place| self.all.get(place)).collect()
    }
}
