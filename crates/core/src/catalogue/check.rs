//! Checks that a tenant can use a catalogue.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use super::{ADMIN_ROLE, Catalogue, Pattern, ROOT_KIND, Role};

/// A fault of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place, such as `roles.owner.kind`.
    pub field: String,
    /// The fault, as the end of a sentence that starts with the place.
    pub reason: String,
}

impl Problem {
    /// The most faults that are reported at once.
    pub const MOST: usize = 20;

    pub(super) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: reason.into(),
        }
    }

    pub(super) fn unreadable(error: &toml::de::Error) -> Self {
        Self::new("catalogue", error.to_string())
    }

    /// Shortens a name for a message.
    pub(super) fn named(name: &str) -> Cow<'_, str> {
        match name.char_indices().nth(63) {
            Some((end, _)) => format!("{}…", &name[..end]).into(),
            None => name.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.reason)
    }
}

impl Catalogue {
    /// Returns the first [`Problem::MOST`] faults of the catalogue; empty if it has none.
    /// Takes time in proportion to its size. Its size is checked by
    /// [`Catalogue::beyond_bounds`].
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let kinds: HashSet<&str> = self.kinds.iter().map(|kind| kind.name.as_str()).collect();
        self.check_kinds(&kinds, &mut problems);
        self.check_roles(&kinds, &mut problems);
        problems.truncate(Problem::MOST);
        problems
    }

    fn check_kinds(&self, kinds: &HashSet<&str>, problems: &mut Vec<Problem>) {
        let mut seen = HashSet::new();
        for kind in &self.kinds {
            if problems.len() >= Problem::MOST {
                return;
            }
            let name = kind.name.as_str();
            let at = |field: &str| format!("kinds.{}.{field}", Problem::named(name));
            if !super::KindName::can_be(name) {
                problems.push(Problem::new(at("name"), "must be a word of a-z, 0-9 and -"));
            }
            if !seen.insert(name) {
                problems.push(Problem::new(at("name"), "is repeated"));
            }
            if name == ROOT_KIND {
                if !kind.parents.is_empty() {
                    problems.push(Problem::new(at("parents"), "must be empty: it is the root"));
                }
            } else if kind.parents.is_empty() {
                problems.push(Problem::new(
                    at("parents"),
                    "must name a kind to stand under",
                ));
            }
            let unknown = kind.parents.iter().map(super::KindName::as_str);
            let unknown = unknown.filter(|parent| !kinds.contains(parent));
            for parent in unknown.take(Problem::MOST) {
                problems.push(Problem::new(
                    at("parents"),
                    format!("names {}, which is no kind", Problem::named(parent)),
                ));
            }
        }
        if !seen.contains(ROOT_KIND) {
            problems.push(Problem::new(
                "kinds",
                format!("must have {ROOT_KIND}, the root's"),
            ));
        }
    }

    fn check_roles(&self, kinds: &HashSet<&str>, problems: &mut Vec<Problem>) {
        let mut names = HashSet::new();
        let mut ids = HashSet::new();
        for role in &self.roles {
            if problems.len() >= Problem::MOST {
                return;
            }
            let name = role.name.as_str();
            let at = |field: &str| format!("roles.{}.{field}", Problem::named(name));
            let well_formed = !name.is_empty()
                && name.len() <= 63
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            if !well_formed {
                problems.push(Problem::new(
                    at("name"),
                    "must be a word of a-z, A-Z, 0-9, - and _",
                ));
            }
            if !names.insert(name) {
                problems.push(Problem::new(at("name"), "is repeated"));
            }
            if !ids.insert(role.id) {
                problems.push(Problem::new(at("id"), "is another role's too"));
            }
            if !kinds.contains(role.kind.as_str()) {
                problems.push(Problem::new(
                    at("kind"),
                    format!(
                        "is {}, which is no kind",
                        Problem::named(role.kind.as_str())
                    ),
                ));
            }
            check_parameters(role, problems);
        }
        let admin = self.role(ADMIN_ROLE);
        if !admin.is_some_and(is_admin) {
            problems.push(Problem::new(
                "roles.admin",
                "must exist, for the kind tenant, with the permission * and no parameters",
            ));
        }
    }
}

fn is_admin(role: &Role) -> bool {
    role.kind.as_str() == ROOT_KIND
        && role.permissions.iter().map(Pattern::as_str).eq(["*"])
        && role.scoped.is_empty()
        && role.parameters.is_empty()
}

fn check_parameters(role: &Role, problems: &mut Vec<Problem>) {
    let at = |field: &str| format!("roles.{}.{field}", Problem::named(role.name.as_str()));
    let mut declared = HashSet::new();
    for parameter in &role.parameters {
        if !declared.insert(parameter.name.as_str()) && problems.len() < Problem::MOST {
            problems.push(Problem::new(
                at("parameters"),
                format!("names {} twice", Problem::named(&parameter.name)),
            ));
        }
    }
    let used = role.scoped.iter().flat_map(|scoped| &scoped.scope.parts);
    for (_, parameter) in used {
        if !declared.contains(&**parameter) && problems.len() < Problem::MOST {
            problems.push(Problem::new(
                at("scoped"),
                format!(
                    "uses {}, which is no parameter of the role",
                    Problem::named(parameter)
                ),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(edit: impl FnOnce(&mut Catalogue)) -> Vec<String> {
        let mut catalogue = Catalogue::starting().unwrap();
        edit(&mut catalogue);
        catalogue.check().iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_catalogue_without_admin_is_refused() {
        let found = problems(|c| c.roles.retain(|role| role.name.as_str() != "admin"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("roles.admin"), "{found:?}");
    }

    #[test]
    fn a_role_for_an_unknown_kind_is_refused() {
        let found = problems(|c| c.kinds.retain(|kind| kind.name.as_str() != "chatbot"));
        assert_eq!(found.len(), 8, "{found:?}");
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let found = problems(|c| c.roles.push(c.roles[0].clone()));
        assert_eq!(
            found,
            [
                "roles.admin.name is repeated",
                "roles.admin.id is another role's too"
            ]
        );
    }

    #[test]
    fn a_scope_over_an_undeclared_parameter_is_refused() {
        let found = problems(|c| {
            for role in &mut c.roles {
                if role.name.as_str() == "InboxUser" {
                    role.parameters.clear();
                }
            }
        });
        assert_eq!(
            found,
            ["roles.InboxUser.scoped uses inboxId, which is no parameter of the role"]
        );
    }
}
