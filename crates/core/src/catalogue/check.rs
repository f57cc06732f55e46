//! What must hold in a catalogue before a tenant may use it.

use std::collections::BTreeSet;
use std::fmt;

use super::{ADMIN_ROLE, Catalogue, Pattern, ROOT_KIND, Role};

/// The most kinds that a catalogue may have.
const MAX_KINDS: usize = 256;
/// The most roles that a catalogue may have.
const MAX_ROLES: usize = 4_096;

/// One thing that is wrong with a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, such as `roles.owner.kind`.
    pub field: String,
    /// What, as the end of a sentence about it.
    pub reason: String,
}

impl Problem {
    fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: reason.into(),
        }
    }

    pub(super) fn unreadable(error: &toml::de::Error) -> Self {
        Self::new("catalogue", error.to_string())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.reason)
    }
}

impl Catalogue {
    /// Everything that is wrong with it; empty if nothing is.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.kinds.len() > MAX_KINDS {
            problems.push(Problem::new(
                "kinds",
                format!("must be at most {MAX_KINDS}"),
            ));
        }
        if self.roles.len() > MAX_ROLES {
            problems.push(Problem::new(
                "roles",
                format!("must be at most {MAX_ROLES}"),
            ));
        }
        self.check_kinds(&mut problems);
        self.check_roles(&mut problems);
        problems
    }

    fn check_kinds(&self, problems: &mut Vec<Problem>) {
        let mut seen = BTreeSet::new();
        for kind in &self.kinds {
            let name = kind.name.as_str();
            let at = |field: &str| format!("kinds.{name}.{field}");
            let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.len() <= 63
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !well_formed {
                problems.push(Problem::new(at("name"), "must be a word of a-z, 0-9 and -"));
            }
            if !seen.insert(name) {
                problems.push(Problem::new(at("name"), "stands twice"));
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
            for parent in &kind.parents {
                if self.kind(parent.as_str()).is_none() {
                    problems.push(Problem::new(
                        at("parents"),
                        format!("names {parent}, which is no kind"),
                    ));
                }
            }
        }
        if !seen.contains(ROOT_KIND) {
            problems.push(Problem::new(
                "kinds",
                format!("must have {ROOT_KIND}, the root's"),
            ));
        }
    }

    fn check_roles(&self, problems: &mut Vec<Problem>) {
        let mut names = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for role in &self.roles {
            let name = role.name.as_str();
            let at = |field: &str| format!("roles.{name}.{field}");
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
                problems.push(Problem::new(at("name"), "stands twice"));
            }
            if !ids.insert(role.id) {
                problems.push(Problem::new(at("id"), "is another role's too"));
            }
            if self.kind(role.kind.as_str()).is_none() {
                problems.push(Problem::new(
                    at("kind"),
                    format!("is {}, which is no kind", role.kind),
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
    let mut declared = BTreeSet::new();
    for parameter in &role.parameters {
        if !declared.insert(parameter.name.as_str()) {
            problems.push(Problem::new(
                format!("roles.{}.parameters", role.name),
                format!("names {} twice", parameter.name),
            ));
        }
    }
    for scoped in &role.scoped {
        for (_, parameter) in &scoped.scope.parts {
            if !declared.contains(&**parameter) {
                problems.push(Problem::new(
                    format!("roles.{}.scoped", role.name),
                    format!("uses {parameter}, which is no parameter of the role"),
                ));
            }
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
                "roles.admin.name stands twice",
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
