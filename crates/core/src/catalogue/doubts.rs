//! What of a catalogue is allowed and probably not meant: names that nothing knows.

use super::known::{built_in, is_family_of, nearest_of};
use super::{Catalogue, Kind, Pattern, Problem, Role, ScopedPermissions};

/// How many names one pattern is compared with at the most.
const COMPARED: usize = 1_000;

impl Catalogue {
    /// What is doubtful in it, the first [`Problem::MOST`] of it.
    #[must_use]
    pub fn doubts(&self) -> Vec<Problem> {
        let of_kinds = self.kinds.iter().flat_map(|kind| {
            let at = format!("kinds.{}.", Problem::named(kind.name.as_str()));
            let doubts = self.doubts_about_kind(kind).into_iter();
            doubts.map(move |doubt| doubt.below(&at))
        });
        let of_roles = self.roles.iter().flat_map(|role| {
            let at = format!("roles.{}.", Problem::named(role.name.as_str()));
            let doubts = self.doubts_about_role(role).into_iter();
            doubts.map(move |doubt| doubt.below(&at))
        });
        of_kinds.chain(of_roles).take(Problem::MOST).collect()
    }

    /// What is doubtful in a kind of this catalogue, or of one that it is to have.
    #[must_use]
    pub fn doubts_about_kind(&self, kind: &Kind) -> Vec<Problem> {
        let mut doubts = Vec::new();
        self.doubt_patterns("members_may", &kind.members_may, Some(kind), &mut doubts);
        doubts
    }

    /// What is doubtful in a role of this catalogue, or in one that it is to have.
    #[must_use]
    pub fn doubts_about_role(&self, role: &Role) -> Vec<Problem> {
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

    /// Why a permission is doubtful; `None` if it is not.
    fn doubt_pattern(&self, pattern: &Pattern, own: Option<&Kind>) -> Option<String> {
        let text = pattern.as_str();
        if text == "*" || self.lists(pattern) {
            return None;
        }
        let shown = Problem::named(text);
        let (family, rest) = text.split_once('.').unwrap_or((text, ""));
        let mut kinds = self.kinds.iter().chain(own);
        let Some(kind) = kinds.find(|kind| is_family_of(family, kind)) else {
            let families = self.kinds.iter().chain(own);
            let families: Vec<String> = families.map(|kind| format!("{}s", kind.name)).collect();
            let nearest = nearest_of(family, families.iter().map(String::as_str));
            let nearest = nearest.map(|it| match rest {
                "" => it.to_string(),
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

    /// Whether the catalogue's own list names a permission, or stands for it.
    fn lists(&self, pattern: &Pattern) -> bool {
        let everything = Pattern::everything();
        let listed = self.permissions.iter().map(|entry| &entry.name);
        let mut listed = listed.filter(|name| **name != everything);
        listed.any(|name| name.covers(pattern) || pattern.covers(name))
    }

    /// The name that attache checks, or that the catalogue lists, of which another is nearly
    /// one. `None` where it is one itself.
    fn near_name(&self, rest: &str, family: &str, kind: &Kind) -> Option<String> {
        let built_in = || built_in(kind.name.as_str());
        if built_in().any(|it| it == rest) {
            return None;
        }
        let listed = self.permissions.iter().take(COMPARED);
        let listed = listed.filter_map(|entry| {
            let name = entry.name.as_str().strip_prefix(family)?;
            name.strip_prefix('.').filter(|name| !name.ends_with('*'))
        });
        let mut all: Vec<&str> = built_in().collect();
        all.extend(listed);
        let near = all.into_iter().find(|it| is_nearly(rest, it));
        near.map(str::to_owned)
    }
}

/// The beginning of names that attache checks of which another is nearly one.
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

/// Whether a word is another with a letter or two left out, added, changed or swapped.
fn is_nearly(word: &str, other: &str) -> bool {
    let most = match other.len() {
        0..=5 => 1,
        _ => 2,
    };
    word != other
        && word.len().abs_diff(other.len()) <= most
        && strsim::osa_distance(&word.to_ascii_lowercase(), other) <= most
}

/// What is doubtful in a scope: nothing fills its first name with anything but the resource
/// that the role is granted on.
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
    /// The same of a field of something larger.
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

    #[test]
    fn the_starting_catalogue_is_beyond_doubt() {
        assert_eq!(Catalogue::starting().unwrap().doubts(), []);
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
