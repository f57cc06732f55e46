//! Finds names in a catalogue that are valid and probably misspelt.

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};

use super::bounds::MAX_PATTERNS_OF_ONE;
use super::known::{built_in, is_family_of};
use super::{Catalogue, Kind, Pattern, Problem, ROOT_KIND, Role, ScopedPermissions};
use crate::nearest::near;

/// The most names that one pattern is compared with.
const COMPARED: usize = 1_000;

/// The most pairs of characters that one question compares: some 20 ms. Names beyond it are
/// not compared, so that a misspelt one may be missed.
const PAIRS: usize = 20_000_000;

impl Catalogue {
    /// Returns the first [`Problem::MOST`] doubts about the catalogue. Returns none about a
    /// catalogue beyond a bound, which is refused anyway. Takes time in proportion to the
    /// catalogue's size.
    #[must_use]
    pub fn doubts(&self) -> Vec<Problem> {
        if !self.beyond_bounds(None).is_empty() {
            return Vec::new();
        }
        let known = Known::by(self);
        let of_kinds = self.kinds.iter().flat_map(|kind| {
            let at = format!("kinds.{}.", Problem::named(kind.name.as_str()));
            let doubts = known.doubts_about_kind(kind).into_iter();
            doubts.map(move |doubt| doubt.below(&at))
        });
        let of_roles = self.roles.iter().flat_map(|role| {
            let at = format!("roles.{}.", Problem::named(role.name.as_str()));
            let doubts = known.doubts_about_role(role).into_iter();
            doubts.map(move |doubt| doubt.below(&at))
        });
        of_kinds.chain(of_roles).take(Problem::MOST).collect()
    }

    /// Returns the doubts about a kind that the catalogue has or shall get.
    #[must_use]
    pub fn doubts_about_kind(&self, kind: &Kind) -> Vec<Problem> {
        match kind.members_may.len() > MAX_PATTERNS_OF_ONE {
            true => Vec::new(),
            false => Known::by(self).doubts_about_kind(kind),
        }
    }

    /// Returns the doubts about a role that the catalogue has or shall get.
    #[must_use]
    pub fn doubts_about_role(&self, role: &Role) -> Vec<Problem> {
        let scoped = role.scoped.iter().map(|it| it.permissions.len());
        match role.permissions.len() + scoped.sum::<usize>() > MAX_PATTERNS_OF_ONE {
            true => Vec::new(),
            false => Known::by(self).doubts_about_role(role),
        }
    }
}

/// The names that a catalogue knows, prepared for questions about many patterns.
struct Known<'a> {
    catalogue: &'a Catalogue,
    /// The catalogue's own list of permissions, except for `*`.
    listed: BTreeSet<&'a str>,
    /// The rest of [`PAIRS`].
    pairs: Cell<usize>,
}

impl<'a> Known<'a> {
    fn by(catalogue: &'a Catalogue) -> Self {
        let listed = catalogue.permissions.iter().map(|it| it.name.as_str());
        Self {
            catalogue,
            listed: listed.filter(|name| *name != "*").collect(),
            pairs: Cell::new(PAIRS),
        }
    }

    fn doubts_about_kind(&self, kind: &Kind) -> Vec<Problem> {
        let mut doubts = Vec::new();
        self.doubt_patterns("members_may", &kind.members_may, Some(kind), &mut doubts);
        if !self.leads_to_the_root(kind) {
            let reason = "never lead to tenant: no resource of this kind can be added";
            doubts.push(Problem::new("parents", reason));
        }
        doubts
    }

    /// Returns whether a resource of a kind can stand anywhere: the kind's parents, and theirs,
    /// lead to the root's kind.
    fn leads_to_the_root(&self, kind: &Kind) -> bool {
        let mut seen = HashSet::new();
        let mut above = vec![kind];
        while let Some(one) = above.pop() {
            if one.name.as_str() == ROOT_KIND {
                return true;
            }
            let new = one.parents.iter().filter(|parent| seen.insert(*parent));
            let new = new.filter_map(|parent| match *parent == kind.name {
                true => None,
                false => self.catalogue.kind(parent.as_str()),
            });
            above.extend(new);
        }
        false
    }

    fn doubts_about_role(&self, role: &Role) -> Vec<Problem> {
        let mut doubts = Vec::new();
        self.doubt_patterns("permissions", &role.permissions, None, &mut doubts);
        for (place, scoped) in role.scoped.iter().enumerate() {
            let at = format!("scoped[{place}]");
            let permissions = format!("{at}.permissions");
            self.doubt_patterns(&permissions, &scoped.permissions, None, &mut doubts);
            doubts.extend(doubt_scope(&at, role, scoped));
        }
        let used = |name: &str| {
            let scopes = role.scoped.iter().flat_map(|it| &it.scope.parts);
            scopes
                .into_iter()
                .any(|(_, parameter)| **parameter == *name)
        };
        for (place, parameter) in role.parameters.iter().enumerate() {
            if !used(&parameter.name) {
                let name = Problem::named(&parameter.name);
                let names_resource = role
                    .scoped
                    .iter()
                    .any(|it| *it.scope.resource == *parameter.name);
                let why = match names_resource {
                    true => {
                        "the first name of a scope stands for the resource that the role is granted on"
                    }
                    false => "no scope of the role has it behind the resource",
                };
                let reason = format!("is {name}, which narrows nothing: {why}");
                doubts.push(Problem::new(format!("parameters[{place}]"), reason));
            }
        }
        doubts.truncate(Problem::MOST);
        doubts
    }

    fn doubt_patterns(
        &self,
        field: &str,
        patterns: &[Pattern],
        own: Option<&Kind>,
        doubts: &mut Vec<Problem>,
    ) {
        for (place, pattern) in patterns.iter().enumerate() {
            if doubts.len() >= Problem::MOST {
                return;
            }
            if let Some(reason) = self.doubt_pattern(pattern, own) {
                doubts.push(Problem::new(format!("{field}[{place}]"), reason));
            }
        }
    }

    /// Returns why a permission is doubtful; `None` if it is not.
    fn doubt_pattern(&self, pattern: &Pattern, own: Option<&Kind>) -> Option<String> {
        let text = pattern.as_str();
        if text == "*" || self.lists(pattern) {
            return None;
        }
        let shown = Problem::named(text);
        let (family, rest) = text.split_once('.').unwrap_or((text, ""));
        let kinds = || self.catalogue.kinds.iter().chain(own);
        let Some(kind) = kinds().find(|kind| is_family_of(family, kind)) else {
            let families: Vec<String> = kinds().map(|kind| format!("{}s", kind.name)).collect();
            let nearest = near(family, &families);
            let nearest = nearest.map(|it| match rest {
                "" => it.clone(),
                rest => format!("{it}.{rest}"),
            });
            let reason = "is of no kind, and is not among the catalogue's permissions";
            return Some(match nearest {
                Some(nearest) => format!("{shown} {reason}; the nearest is {nearest}"),
                None => format!("{shown} {reason}"),
            });
        };
        let nearest = match rest.strip_suffix('*') {
            Some("") => None,
            Some(front) => near_front(front, kind),
            None => self.near_name(rest, family, kind),
        };
        let nearest = nearest?;
        Some(format!(
            "{shown} is nearly {family}.{nearest}, and is not among the catalogue's permissions"
        ))
    }

    /// Returns whether the catalogue's own list has a permission, or a pattern for it.
    fn lists(&self, pattern: &Pattern) -> bool {
        let text = pattern.as_str();
        if self.listed.contains(text) {
            return true;
        }
        let is_covering = match text.strip_suffix('*') {
            Some(front) => {
                let mut behind = self.listed.range(front..);
                behind.next().is_some_and(|name| name.starts_with(front))
            }
            None => false,
        };
        // A wild name that covers it is one of its own beginnings.
        let mut ends = text.match_indices('.');
        let is_covered = |(end, _): (usize, &str)| {
            let front = text.get(..=end).unwrap_or_default();
            self.listed.contains(format!("{front}*").as_str())
        };
        is_covering || ends.any(is_covered)
    }

    /// Returns the similar name that attache checks or the catalogue lists. `None` if the
    /// name itself is such a one.
    fn near_name(&self, rest: &str, family: &str, kind: &Kind) -> Option<String> {
        let built_in = || built_in(kind.name.as_str());
        if built_in().any(|it| it == rest) {
            return None;
        }
        let listed = self.catalogue.permissions.iter().take(COMPARED);
        let listed = listed.filter_map(|entry| {
            let name = entry.name.as_str().strip_prefix(family)?;
            name.strip_prefix('.').filter(|name| !name.ends_with('*'))
        });
        let mut all: Vec<&str> = built_in().collect();
        all.extend(listed);
        let near = all.into_iter().find(|it| self.is_nearly(rest, it));
        near.map(str::to_owned)
    }

    /// Whether a word is nearly another, as long as that may still be asked.
    fn is_nearly(&self, word: &str, other: &str) -> bool {
        let pairs = word.len().saturating_mul(other.len());
        match self.pairs.get().checked_sub(pairs) {
            None => false,
            Some(left) if is_alike_long(word, other) => {
                self.pairs.set(left);
                is_nearly(word, other)
            }
            Some(_) => false,
        }
    }
}

/// Returns the similar beginning of names that attache checks.
fn near_front(front: &str, kind: &Kind) -> Option<String> {
    let fronts = || {
        built_in(kind.name.as_str()).flat_map(|it| {
            let ends = it.match_indices('.');
            ends.filter_map(move |(end, _)| it.get(..=end))
        })
    };
    if fronts().any(|it| it == front) {
        return None;
    }
    let near = fronts().find(|it| is_nearly(front, it));
    near.map(|it| format!("{it}*"))
}

/// By how many letters a word may differ from another to be nearly that.
fn differs_by(other: &str) -> usize {
    match other.len() {
        0..=5 => 1,
        _ => 2,
    }
}

/// Whether two words are alike enough in length to be compared.
fn is_alike_long(word: &str, other: &str) -> bool {
    word.len().abs_diff(other.len()) <= differs_by(other)
}

/// Whether a word is another with a letter or two left out, added, changed or swapped.
fn is_nearly(word: &str, other: &str) -> bool {
    word != other
        && is_alike_long(word, other)
        && strsim::osa_distance(&word.to_ascii_lowercase(), other) <= differs_by(other)
}

/// Returns the doubts about a scope: its first name stands for the resource of the grant
/// and for nothing else.
fn doubt_scope(at: &str, role: &Role, scoped: &ScopedPermissions) -> Vec<Problem> {
    let scope = &scoped.scope;
    let mut doubts = Vec::new();
    let family = format!("{}s", role.kind);
    if *scope.collection != *family {
        let reason = format!(
            "begins with {}, and the role is granted on a {}: {{{}}} stands for that, and nothing else fills it",
            Problem::named(&scope.collection),
            Problem::named(role.kind.as_str()),
            Problem::named(&scope.resource),
        );
        doubts.push(Problem::new(format!("{at}.scope"), reason));
    }
    if scope.parts.is_empty() {
        let reason = "names no part of the resource: its permissions hold on all of it";
        doubts.push(Problem::new(format!("{at}.scope"), reason));
    }
    doubts
}

impl Problem {
    /// Returns the doubt with its place inside a larger field.
    fn below(self, at: &str) -> Self {
        Self {
            field: format!("{at}{}", self.field),
            reason: self.reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KindName, Parameter, PermissionEntry, Scope};
    use super::*;

    fn doubts(permissions: &[&str], edit: impl FnOnce(&mut Catalogue, &mut Role)) -> Vec<String> {
        let mut catalogue = Catalogue::starting().unwrap();
        let mut role = catalogue.role("owner").unwrap().clone();
        let patterns = permissions.iter().map(|text| Pattern::new(text).unwrap());
        role.permissions = patterns.collect();
        catalogue.kinds.push(Kind {
            name: "project".into(),
            parents: vec!["customer".into()],
            members_may: Vec::new(),
            members_from_parent: false,
        });
        edit(&mut catalogue, &mut role);
        let doubts = catalogue.doubts_about_role(&role);
        doubts.iter().map(Problem::to_string).collect()
    }

    /// Names of the same length, none of them the other.
    fn names(family: &str, letter: char, many: usize) -> Vec<Pattern> {
        let names = (0..many).map(|nth| {
            let long = letter.to_string().repeat(200);
            Pattern::new(&format!("{family}.{long}{nth:06}")).unwrap()
        });
        names.collect()
    }

    #[test]
    fn what_a_question_costs_does_not_grow_with_patterns_times_names() {
        let mut catalogue = Catalogue::starting().unwrap();
        let listed = names("customers", 'a', 3_000).into_iter();
        catalogue.permissions = listed
            .map(|name| PermissionEntry {
                name,
                description: String::new(),
            })
            .collect();
        let mut role = catalogue.role("owner").unwrap().clone();
        role.permissions = names("customers", 'b', 1_000);
        let known = Known::by(&catalogue);
        known.pairs.set(1_000_000);
        known.doubts_about_role(&role);
        assert!(known.pairs.get() < 200 * 200, "all of them were compared");
    }

    #[test]
    fn nothing_is_asked_of_what_is_beyond_a_bound() {
        let mut catalogue = Catalogue::starting().unwrap();
        let mut role = catalogue.role("owner").unwrap().clone();
        role.permissions = names("unknown", 'b', MAX_PATTERNS_OF_ONE + 1);
        assert_eq!(catalogue.doubts_about_role(&role), []);
        catalogue.roles.push(role);
        assert_eq!(catalogue.doubts(), []);
    }

    #[test]
    fn the_starting_catalogue_is_beyond_doubt() {
        assert_eq!(Catalogue::starting().unwrap().doubts(), []);
    }

    #[test]
    fn a_kind_that_stands_below_itself_only_is_doubtful() {
        let mut catalogue = Catalogue::starting().unwrap();
        let kind = |name: &str, parents: &[&str]| Kind {
            name: name.into(),
            parents: parents.iter().map(|&it| it.into()).collect(),
            members_may: Vec::new(),
            members_from_parent: false,
        };
        let never = "parents never lead to tenant: no resource of this kind can be added";
        catalogue.kinds.push(kind("ring", &["wheel"]));
        for (name, parents, expected) in [
            ("wheel", &["wheel"][..], Some(never)),
            ("wheel", &["ring"], Some(never)),
            ("wheel", &["wheel", "chatbot"], None),
            ("wheel", &["ring", "tenant"], None),
        ] {
            let doubts = catalogue.doubts_about_kind(&kind(name, parents));
            let doubts: Vec<String> = doubts.iter().map(Problem::to_string).collect();
            assert_eq!(doubts, Vec::from_iter(expected), "{parents:?}");
        }
    }

    #[test]
    fn a_permission_of_no_kind_or_nearly_a_known_one_is_doubtful() {
        for (permission, nearest) in [
            (
                "projcts.view",
                Some(
                    "is of no kind, and is not among the catalogue's permissions; the nearest is projects.view",
                ),
            ),
            (
                "project.view",
                Some(
                    "is of no kind, and is not among the catalogue's permissions; the nearest is projects.view",
                ),
            ),
            (
                "projects.vew",
                Some("is nearly projects.view, and is not among the catalogue's permissions"),
            ),
            (
                "projects.users.lst",
                Some("is nearly projects.users.list, and is not among the catalogue's permissions"),
            ),
            (
                "projects.usres.*",
                Some("is nearly projects.users.*, and is not among the catalogue's permissions"),
            ),
            (
                "tenants.group.list",
                Some("is nearly tenants.groups.list, and is not among the catalogue's permissions"),
            ),
            (
                "billing.read",
                Some("is of no kind, and is not among the catalogue's permissions"),
            ),
            (
                "xylophone",
                Some("is of no kind, and is not among the catalogue's permissions"),
            ),
            ("projects.deploy", None),
            ("projects.tasks.close", None),
            ("projects.tasks.*", None),
            ("projects.*", None),
            ("projects.users.*", None),
            ("projects.users.roles.grant", None),
            ("chatbots.contacts.read", None),
            ("tenants.access.check", None),
            ("*", None),
        ] {
            let expected: Vec<String> = nearest
                .map(|reason| format!("permissions[0] {permission} {reason}"))
                .into_iter()
                .collect();
            assert_eq!(doubts(&[permission], |_, _| ()), expected, "{permission}");
        }
    }

    #[test]
    fn what_the_catalogue_lists_is_beyond_doubt() {
        let list = |catalogue: &mut Catalogue, _: &mut Role| {
            for name in ["billing.*", "projects.vew"] {
                catalogue.permissions.push(PermissionEntry {
                    name: Pattern::new(name).unwrap(),
                    description: String::new(),
                });
            }
        };
        let found = doubts(&["billing.read", "projects.vew", "biling.read"], list);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("permissions[2] biling.read is of no kind"));
    }

    #[test]
    fn a_scope_that_nothing_fills_is_doubtful() {
        let scoped = |scope: &str, parameters: &[&str]| {
            doubts(&["projects.view"], |_, role| {
                role.kind = KindName::from("project");
                role.scoped = vec![ScopedPermissions {
                    scope: Scope::try_from(scope.to_owned()).unwrap(),
                    permissions: vec![Pattern::new("projects.tasks.*").unwrap()],
                }];
                role.parameters = parameters
                    .iter()
                    .map(|name| Parameter {
                        name: (*name).to_owned(),
                        required: true,
                    })
                    .collect();
            })
        };
        let boards = "projects/{projectId}/boards/{boardId}";
        assert_eq!(scoped(boards, &["boardId"]), [""; 0]);
        assert_eq!(
            scoped(boards, &["boardId", "projectId"]),
            [
                "parameters[1] is projectId, which narrows nothing: the first name of a scope stands for the resource that the role is granted on"
            ]
        );
        assert_eq!(
            scoped(boards, &["boardId", "lineId"]),
            [
                "parameters[1] is lineId, which narrows nothing: no scope of the role has it behind the resource"
            ]
        );
        assert_eq!(
            scoped("customers/{customerId}/boards/{boardId}", &["boardId"]),
            [
                "scoped[0].scope begins with customers, and the role is granted on a project: {customerId} stands for that, and nothing else fills it"
            ]
        );
        assert_eq!(
            scoped("projects/{projectId}", &[]),
            ["scoped[0].scope names no part of the resource: its permissions hold on all of it"]
        );
    }
}
