//! Which permissions are covered by others, found without comparing each with each.

use std::collections::HashMap;

use super::{Permission, ScopePart};
use crate::id::Node;

/// Up to how many permissions are compared one by one, which is faster for few.
const FEW: usize = 32;

/// Permissions that somebody holds, to be asked what they cover.
pub(crate) struct Coverage<'a> {
    held: &'a [Permission],
    /// Where they are many: what is held by patterns without `*`, by the pattern,
    exact: HashMap<&'a str, Reach<'a>>,
    /// and by those with one, by what stands before it.
    wild: HashMap<&'a str, Reach<'a>>,
}

/// Of what one pattern is held.
#[derive(Default)]
struct Reach<'a> {
    /// The first that holds it of all of the resource.
    all: Option<usize>,
    /// The first that holds it of a part, by the part.
    parts: HashMap<(Node, &'a [ScopePart]), usize>,
}

impl<'a> Coverage<'a> {
    pub(crate) fn of(held: &'a [Permission]) -> Self {
        let mut coverage = Self {
            held,
            exact: HashMap::new(),
            wild: HashMap::new(),
        };
        if held.len() <= FEW {
            return coverage;
        }
        for (place, one) in held.iter().enumerate() {
            let text = one.pattern.as_str();
            let reach = match text.strip_suffix('*') {
                Some(front) => coverage.wild.entry(front).or_default(),
                None => coverage.exact.entry(text).or_default(),
            };
            match parts(one) {
                None => _ = reach.all.get_or_insert(place),
                Some(part) => _ = reach.parts.entry(part).or_insert(place),
            }
        }
        coverage
    }

    /// Whether one of them covers a permission.
    pub(crate) fn covers(&self, wanted: &Permission) -> bool {
        if self.held.len() <= FEW {
            return self.held.iter().any(|held| held.covers(wanted));
        }
        self.reaches(wanted, true).any(|reach| reach.covers(wanted))
    }

    /// Whether another of them covers the one at a place. Of two that cover each
    /// other, the first does.
    pub(crate) fn is_covered(&self, place: usize, one: &Permission) -> bool {
        if self.held.len() <= FEW {
            let mut others = self.held.iter().enumerate();
            return others.any(|(at, other)| {
                at != place && other.covers(one) && (at < place || !one.covers(other))
            });
        }
        let mut wider = self.reaches(one, false);
        wider.any(|reach| reach.covers(one))
            || self.own(one).is_some_and(|reach| match parts(one) {
                None => reach.all.is_some_and(|first| first < place),
                Some((on, own)) => {
                    let found = |length: usize| reach.parts.get(&(on, own.get(..length)?));
                    reach.all.is_some()
                        || (1..own.len()).any(|length| found(length).is_some())
                        || found(own.len()).is_some_and(|first| *first < place)
                }
            })
    }

    /// What is held by the very pattern of a permission.
    fn own(&self, one: &Permission) -> Option<&Reach<'a>> {
        let text = one.pattern.as_str();
        match text.strip_suffix('*') {
            Some(front) => self.wild.get(front),
            None => self.exact.get(text),
        }
    }

    /// What is held by patterns that cover that of a permission, its own among
    /// them or not.
    fn reaches<'b>(
        &'b self,
        one: &'b Permission,
        own: bool,
    ) -> impl Iterator<Item = &'b Reach<'a>> {
        let text = one.pattern.as_str();
        let is_own = |front: &str| text.strip_suffix('*') == Some(front);
        let dots = text.match_indices('.').map(|(dot, _)| dot + 1);
        let fronts = [0].into_iter().chain(dots);
        let fronts = fronts.filter_map(|end| text.get(..end));
        let wider = fronts.filter(move |front| !is_own(front));
        let wider = wider.filter_map(|front| self.wild.get(front));
        wider.chain(own.then(|| self.own(one)).flatten())
    }
}

impl Reach<'_> {
    fn covers(&self, one: &Permission) -> bool {
        self.all.is_some()
            || parts(one).is_some_and(|(on, own)| {
                let found = |length| Some(self.parts.contains_key(&(on, own.get(..length)?)));
                (1..=own.len()).any(|length| found(length).unwrap_or_default())
            })
    }
}

/// The part of a resource that a permission is for. `None`: all of it.
fn parts(one: &Permission) -> Option<(Node, &[ScopePart])> {
    let scope = one.scope.as_ref()?;
    (!scope.parts.is_empty()).then_some((scope.on, &*scope.parts))
}

#[cfg(test)]
mod tests {
    use super::super::ScopePath;
    use super::*;
    use crate::catalogue::Pattern;

    fn scope(on: u32, collection: &str, parts: &[&str]) -> Option<ScopePath> {
        let part = |value: &&str| ScopePart {
            collection: "inboxes".into(),
            parameter: "inboxId".into(),
            value: (*value).into(),
        };
        Some(ScopePath {
            collection: collection.into(),
            on: Node(on),
            parts: parts.iter().map(part).collect(),
        })
    }

    /// Every pattern with every scope, so that each is covered by some others.
    fn many(patterns: &[&str]) -> Vec<Permission> {
        let scopes = [
            None,
            scope(1, "a", &[]),
            scope(2, "b", &[]),
            scope(1, "a", &["7"]),
            scope(1, "b", &["7"]),
            scope(2, "a", &["7"]),
            scope(1, "a", &["7", "8"]),
            scope(1, "a", &["9"]),
        ];
        let each = patterns.iter().flat_map(|pattern| {
            scopes.iter().map(|scope| Permission {
                pattern: Pattern::new(pattern).unwrap(),
                scope: scope.clone(),
            })
        });
        each.collect()
    }

    #[test]
    fn many_are_covered_as_each_compared_with_each() {
        let all = many(&[
            "a.b", "a.*", "a.b.*", "a.b.c", "*", "a", "b.c", "b.*", "a.*",
        ]);
        // Each half of them, in turn, and each without what covers most.
        for step in 1..12 {
            let start = 3 * (step % 3);
            let mut held: Vec<Permission> = all.iter().skip(start).step_by(step).cloned().collect();
            let copies = held.clone();
            while held.len() <= FEW {
                held.extend(copies.iter().cloned());
            }
            if step % 2 == 0 {
                held.retain(|it| it.scope.as_ref().is_some_and(|it| !it.parts.is_empty()));
                while held.len() <= FEW && !held.is_empty() {
                    held.extend(held.clone());
                }
            }
            held.sort();
            let coverage = Coverage::of(&held);
            for wanted in &all {
                let expected = held.iter().any(|it| it.covers(wanted));
                assert_eq!(coverage.covers(wanted), expected, "{step} {wanted:?}");
            }
            for (place, one) in held.iter().enumerate() {
                let mut others = held.iter().enumerate();
                let expected = others.any(|(at, other)| {
                    at != place && other.covers(one) && (at < place || !one.covers(other))
                });
                assert_eq!(
                    coverage.is_covered(place, one),
                    expected,
                    "{step} {place} {one:?}"
                );
            }
        }
    }
}
