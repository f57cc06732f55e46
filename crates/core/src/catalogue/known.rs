//! The known names of a catalogue: permissions, kinds, parameters.
//!
//! A permission is known if the catalogue names it, if attache itself checks it, or if it
//! belongs to a family whose members the catalogue does not list, such as
//! `chatbots.contacts.*`. `*` and all permissions of a kind, such as `customers.*`, make
//! no name known. Otherwise every misspelt name would be known.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Mutex;

use super::{Catalogue, Kind, Pattern, ROOT_KIND};
use crate::nearest::{near, near_by_segments};

/// The permissions that attache checks on resources of every kind, without the family of
/// the kind. Nothing checks `view`; it shows the resource, as any permission of the
/// family does.
const OF_EVERY_KIND: [&str; 10] = [
    "view",
    "add",
    "change",
    "move",
    "remove",
    "users.list",
    "users.add",
    "users.remove",
    "users.roles.grant",
    "users.roles.revoke",
];

/// The further permissions that attache checks on the tenant.
const OF_THE_TENANT: [&str; 17] = [
    "users.change",
    "groups.list",
    "groups.add",
    "groups.change",
    "groups.remove",
    "groups.users.add",
    "groups.users.remove",
    "services.list",
    "services.add",
    "services.change",
    "services.remove",
    "services.tokens.create",
    "services.tokens.revoke",
    "issuers.list",
    "entries.list",
    "access.check",
    "access.search",
];

/// The most similar names that are cached.
const REMEMBERED: usize = 1_024;
/// The most bytes of a name that is compared and cached.
const LONGEST: usize = 255;

/// Returns the endings of the permissions that attache checks on resources of a kind.
pub(super) fn built_in(kind: &str) -> impl Iterator<Item = &'static str> + use<> {
    let besides: &[&str] = match kind {
        ROOT_KIND => &OF_THE_TENANT,
        _ => &[],
    };
    OF_EVERY_KIND.iter().chain(besides).copied()
}

/// The known names of a catalogue.
#[derive(Debug, Default)]
pub(crate) struct Known {
    permissions: HashSet<Box<str>>,
    /// The prefixes of permissions in open families, such as `chatbots.contacts.`.
    open: Vec<Box<str>>,
    parameters: BTreeSet<Box<str>>,
    /// The suggestions for unknown permissions of earlier questions.
    nearest: Mutex<HashMap<Box<str>, Option<Box<str>>>>,
}

impl Known {
    pub(crate) fn of(catalogue: &Catalogue) -> Self {
        let mut known = Self::default();
        for kind in &catalogue.kinds {
            let name = kind.name.as_str();
            let built_in = built_in(name).map(|it| format!("{name}s.{it}").into());
            known.permissions.extend(built_in);
        }
        let listed = catalogue.permissions.iter().map(|entry| &entry.name);
        listed.for_each(|pattern| known.add(pattern, true));
        let scoped = catalogue.roles.iter().flat_map(|role| &role.scoped);
        let in_roles = catalogue.roles.iter().flat_map(|role| &role.permissions);
        let in_kinds = catalogue.kinds.iter().flat_map(|kind| &kind.members_may);
        let used = scoped.flat_map(|it| &it.permissions);
        for pattern in used.chain(in_roles).chain(in_kinds) {
            known.add(pattern, is_open(pattern, &catalogue.kinds));
        }
        let parameters = catalogue.roles.iter().flat_map(|role| &role.parameters);
        let parameters = parameters.map(|parameter| parameter.name.as_str().into());
        known.parameters.extend(parameters);
        known
    }

    fn add(&mut self, pattern: &Pattern, is_open: bool) {
        match pattern.as_str().strip_suffix('*') {
            None => {
                self.permissions.insert(pattern.as_str().into());
            }
            Some("") => {}
            Some(front) if is_open => self.open.push(front.into()),
            Some(_) => {}
        }
    }

    /// Returns whether a permission is known, or a pattern stands for a known one.
    pub(crate) fn knows(&self, permission: &str) -> bool {
        if self.permissions.contains(permission) {
            return true;
        }
        match permission.strip_suffix('*') {
            None => self
                .open
                .iter()
                .any(|front| permission.starts_with(&**front)),
            Some(front) => {
                let mut open = self.open.iter();
                let mut known = self.permissions.iter();
                open.any(|it| it.starts_with(front) || front.starts_with(&**it))
                    || known.any(|it| it.starts_with(front))
            }
        }
    }

    /// Returns whether a role takes a parameter with this name.
    pub(crate) fn knows_parameter(&self, name: &str) -> bool {
        self.parameters.contains(name)
    }

    /// Returns the known permission to suggest for an unknown one. Cached, since programs
    /// repeat questions.
    pub(crate) fn nearest(&self, permission: &str) -> Option<Box<str>> {
        if permission.len() > LONGEST {
            return None;
        }
        // An unfinished value is never inserted.
        let mut nearest = self.nearest.lock().unwrap_or_else(|lock| lock.into_inner());
        if let Some(known) = nearest.get(permission) {
            return known.clone();
        }
        let names = || self.permissions.iter().map(|it| &**it);
        let found = near_by_segments(permission, names());
        let found = found.or_else(|| near(permission, names()));
        let found = found.map(Box::from);
        if nearest.len() >= REMEMBERED {
            nearest.clear();
        }
        nearest.insert(permission.into(), found.clone());
        found
    }

    /// Returns the parameter to suggest for one that no role takes.
    pub(crate) fn nearest_parameter(&self, name: &str) -> Option<Box<str>> {
        near(name, &self.parameters).cloned()
    }
}

/// Returns whether a role's pattern leaves the members of its family open: its family
/// belongs to no kind, or attache checks no permission on the kind that begins so.
fn is_open(pattern: &Pattern, kinds: &[Kind]) -> bool {
    let text = pattern.as_str().trim_end_matches('*');
    let Some((family, rest)) = text.split_once('.') else {
        return false;
    };
    let kind = kinds.iter().find(|kind| is_family_of(family, kind));
    kind.is_none_or(|kind| {
        let mut built_in = built_in(kind.name.as_str());
        !rest.is_empty() && !built_in.any(|it| it.starts_with(rest))
    })
}

/// Returns whether a family is that of a kind.
pub(super) fn is_family_of(family: &str, kind: &Kind) -> bool {
    family.strip_suffix('s') == Some(kind.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(more: &[&str]) -> Known {
        let mut catalogue = Catalogue::starting().unwrap();
        let more = more.iter().map(|text| Pattern::new(text).unwrap());
        catalogue.roles[1].permissions.extend(more);
        Known::of(&catalogue)
    }

    #[test]
    fn a_permission_is_known_by_name_or_by_an_open_family() {
        let known = known(&["billing.*", "customers.invoices.*", "customers.export"]);
        for (permission, is_known) in [
            ("customers.view", true),
            ("customers.vew", false),
            ("customers.users.list", true),
            // `customers.users.*` stands in a role.
            ("customers.users.lst", false),
            ("customers.export", true),
            ("customers.invoices.read", true),
            ("billing.read", true),
            ("biling.read", false),
            ("chatbots.contacts.read", true),
            ("chatbots.contact.read", false),
            ("tenants.access.check", true),
            ("*", true),
            ("customers.*", true),
            ("customers.users.*", true),
            ("chatbots.contacts.*", true),
            ("custmers.*", false),
            ("", false),
        ] {
            assert_eq!(known.knows(permission), is_known, "{permission}");
        }
    }

    #[test]
    fn the_nearest_name_is_told_where_one_is_alike() {
        let known = known(&[]);
        for (asked, nearest) in [
            ("customers.vew", Some("customers.view")),
            ("customers.users.lst", Some("customers.users.list")),
            ("Customers.View", Some("customers.view")),
            ("custmers.view", Some("customers.view")),
            ("x", None),
        ] {
            for _ in 0..2 {
                assert_eq!(known.nearest(asked).as_deref(), nearest, "{asked}");
            }
        }
        assert_eq!(
            known.nearest_parameter("inboxID").as_deref(),
            Some("inboxId")
        );
        assert_eq!(known.nearest_parameter("colour"), None);
    }

    #[test]
    fn the_nearest_permission_is_alike_segment_by_segment() {
        let known = known(&["sites.move", "sites.doors.open", "sites.lights.dim"]);
        for (asked, nearest) in [
            ("sites.dors.open", "sites.doors.open"),
            ("site.doors.open", "sites.doors.open"),
            ("sites.mov", "sites.move"),
        ] {
            assert_eq!(known.nearest(asked).as_deref(), Some(nearest), "{asked}");
        }
    }

    #[test]
    fn a_long_name_is_compared_with_none() {
        let known = known(&[]);
        assert_eq!(known.nearest(&"customers.view".repeat(1_000)), None);
        assert!(known.nearest.lock().unwrap().is_empty());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let known = known(&[]);
        for nth in 0..3 * REMEMBERED {
            let _ = known.nearest(&format!("customers.x{nth}"));
        }
        assert!(known.nearest.lock().unwrap().len() <= REMEMBERED);
    }
}
