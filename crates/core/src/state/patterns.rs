//! What roles and memberships give, as sets over all patterns of a catalogue:
//! prepared once for each catalogue, so that a list of users can say of each
//! what it may do.

use std::collections::HashMap;

use crate::catalogue::{Catalogue, Pattern};
use crate::model::Parameters;

/// Up to how many words of 64 patterns a set is kept whole, however few it holds.
const SMALL: usize = 8;

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

/// Patterns that a role or a kind gives: as a set where they fill it, else place
/// by place. So all of a catalogue's sets together take no more than its patterns.
#[derive(Clone, Debug)]
enum Given {
    Set(PatternSet),
    Places(Box<[u32]>),
}

impl Given {
    fn add_to(&self, set: &mut PatternSet) {
        match self {
            Self::Set(given) => set.add(given),
            Self::Places(places) => places.iter().for_each(|place| set.insert(*place as usize)),
        }
    }
}

/// What a role gives.
#[derive(Clone, Debug)]
struct Gives {
    everywhere: Given,
    /// What it gives within a part, with the parameter that says of which: a
    /// grant that leaves it out gives it everywhere.
    scoped: Vec<(Option<Box<str>>, Given)>,
}

/// All patterns of a catalogue, and who gives which. Made in a time, and of a size,
/// in proportion to the catalogue's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    /// In their order: what a pattern covers follows it at once, since `*` comes
    /// before all that it stands for.
    all: Vec<Pattern>,
    /// For each, where the first that it does not cover stands.
    end: Vec<u32>,
    /// By the place of the kind in the catalogue.
    members: Vec<Given>,
    /// By the place of the role in the catalogue.
    roles: Vec<Gives>,
}

impl Patterns {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let of_roles = catalogue.roles.iter().flat_map(|role| {
            let scoped = role.scoped.iter().flat_map(|it| &it.permissions);
            role.permissions.iter().chain(scoped)
        });
        let of_kinds = catalogue.kinds.iter().flat_map(|kind| &kind.members_may);
        let mut all: Vec<&Pattern> = of_kinds.chain(of_roles).collect();
        all.sort_unstable();
        all.dedup();
        let places = (0..).zip(&all).map(|(place, pattern)| (*pattern, place));
        let places: HashMap<&Pattern, u32> = places.collect();
        let given = |wanted: &[Pattern]| given(&places, wanted);
        let members = catalogue.kinds.iter().map(|kind| given(&kind.members_may));
        let roles = catalogue.roles.iter().map(|role| Gives {
            everywhere: given(&role.permissions),
            scoped: role
                .scoped
                .iter()
                .map(|it| {
                    let first = it.scope.parts.first();
                    (first.map(|(_, name)| name.clone()), given(&it.permissions))
                })
                .collect(),
        });
        Self {
            members: members.collect(),
            roles: roles.collect(),
            end: ends(&all),
            all: all.into_iter().cloned().collect(),
        }
    }

    pub(crate) fn empty(&self) -> PatternSet {
        PatternSet(vec![0; self.all.len().div_ceil(64)])
    }

    /// Add what members of a kind may do, by its place in the catalogue.
    pub(crate) fn add_members(&self, set: &mut PatternSet, kind: usize) {
        if let Some(members) = self.members.get(kind) {
            members.add_to(set);
        }
    }

    /// Add what a grant of a role gives on all of a resource, by its place in
    /// the catalogue.
    pub(crate) fn add_role(&self, set: &mut PatternSet, role: usize, parameters: &Parameters) {
        let Some(gives) = self.roles.get(role) else {
            return;
        };
        gives.everywhere.add_to(set);
        for (parameter, patterns) in &gives.scoped {
            let of_a_part = parameter
                .as_ref()
                .is_some_and(|it| parameters.get(it).is_some());
            if !of_a_part {
                patterns.add_to(set);
            }
        }
    }

    /// The patterns of a set in their order, without those that another covers.
    pub(crate) fn widest(&self, set: &PatternSet) -> Vec<&Pattern> {
        let mut widest = Vec::new();
        let mut covered_until = 0;
        for place in set.places() {
            if place >= covered_until
                && let (Some(pattern), Some(end)) = (self.all.get(place), self.end.get(place))
            {
                widest.push(pattern);
                covered_until = *end as usize;
            }
        }
        widest
    }
}

fn given(places: &HashMap<&Pattern, u32>, wanted: &[Pattern]) -> Given {
    let found = wanted.iter().filter_map(|it| places.get(it).copied());
    let words = places.len().div_ceil(64);
    if words > SMALL && words > wanted.len() {
        return Given::Places(found.collect());
    }
    let mut set = PatternSet(vec![0; words]);
    found.for_each(|place| set.insert(place as usize));
    Given::Set(set)
}

/// For each of the patterns, sorted, where the first that it does not cover stands.
fn ends(all: &[&Pattern]) -> Vec<u32> {
    let mut ends: Vec<u32> = (1..).take(all.len()).collect();
    // Those that may cover what follows: each stands within the one before it.
    let mut open: Vec<usize> = Vec::new();
    for (place, end) in (0..).zip(0..=all.len()) {
        let next: Option<&&Pattern> = all.get(end);
        while let Some(last) = open.last().copied()
            && let Some(wide) = all.get(last)
            && next.is_none_or(|next| !wide.covers(next))
        {
            open.pop();
            if let Some(end) = ends.get_mut(last) {
                *end = place;
            }
        }
        if next.is_some_and(|next| next.is_wild()) {
            open.push(end);
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text).unwrap()
    }

    fn starting(permissions: impl Iterator<Item = String>) -> Catalogue {
        let mut catalogue = Catalogue::starting().unwrap();
        catalogue.roles[1].permissions = permissions.map(|it| pattern(&it)).collect();
        catalogue
    }

    #[test]
    fn what_a_pattern_covers_follows_it_at_once() {
        let texts = [
            "*", "a", "a.*", "a.*", "a-b.c", "a.b", "a.b.*", "a.b.c.d", "a.b.c", "a.bc", "aa.*",
            "aa.b", "A.b", "0", "_x.*", "_x.y", "b.c.*",
        ];
        let mut all: Vec<Pattern> = texts.map(pattern).into();
        all.sort();
        all.dedup();
        let all: Vec<&Pattern> = all.iter().collect();
        let ends = ends(&all);
        for (place, wide) in all.iter().enumerate() {
            for (other, narrow) in all.iter().enumerate() {
                let is_within = (place..ends[place] as usize).contains(&other);
                assert_eq!(is_within, wide.covers(narrow), "{wide} {narrow}");
            }
        }
    }

    #[test]
    fn few_of_many_patterns_are_given_like_many_of_few() {
        for many in [10, 40_000] {
            let catalogue = starting((0..many).map(|n| format!("things.n{n}")));
            let patterns = Patterns::of(&catalogue);
            let viewer = catalogue
                .roles
                .iter()
                .position(|it| it.name.as_str() == "viewer");
            let viewer = viewer.unwrap();
            let mut set = patterns.empty();
            patterns.add_role(&mut set, viewer, &Parameters::none());
            let mut wanted: Vec<&Pattern> = catalogue.roles[viewer].permissions.iter().collect();
            wanted.sort();
            assert_eq!(patterns.widest(&set), wanted);
            patterns.add_role(&mut set, 1, &Parameters::none());
            assert!(patterns.widest(&set).len() >= many);
            patterns.add_role(&mut set, 0, &Parameters::none());
            assert_eq!(patterns.widest(&set), [&pattern("*")]);
        }
    }
}
