//! The bounds of a catalogue's size, checked before anything is computed from it.

use std::collections::HashMap;

use super::{Catalogue, Kind, PermissionEntry, Problem, Role};

/// The most kinds of a catalogue.
pub const MAX_KINDS: usize = 256;
/// The most roles of a catalogue.
pub const MAX_ROLES: usize = 4_096;
/// The most permissions known by name of a catalogue.
pub const MAX_PERMISSIONS: usize = 10_000;
/// The most patterns of a catalogue, over all roles and kinds.
pub const MAX_PATTERNS: usize = 50_000;
/// The most bytes of a catalogue, as [`Catalogue::size`] counts them.
pub const MAX_BYTES: usize = 2 * 1_024 * 1_024;
/// The most patterns of one role, with those of its scopes, and of one kind's
/// `members_may`.
pub const MAX_PATTERNS_OF_ONE: usize = 1_000;
/// The most kinds that the parent of one kind may have.
pub const MAX_PARENTS: usize = MAX_KINDS;
/// The most scopes of one role.
pub const MAX_SCOPES: usize = 100;
/// The most parts of one scope.
pub const MAX_SCOPE_PARTS: usize = 16;
/// The most bytes of one scope, written as a path.
pub const MAX_SCOPE_BYTES: usize = 1_024;
/// The most parameters of one role.
pub const MAX_PARAMETERS: usize = 64;
/// The most bytes of a parameter's name, and of a kind or role that is named.
pub const MAX_NAME_BYTES: usize = 255;
/// The most bytes of one description.
pub const MAX_DESCRIPTION_BYTES: usize = 4_096;

/// The JSON around each thing takes about this many bytes.
const AROUND: usize = 64;
/// The JSON around each text in a list takes this many bytes.
const AROUND_TEXT: usize = 3;

/// The size of a part of a catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The number of patterns.
    pub patterns: usize,
    /// About the number of bytes as JSON.
    pub bytes: usize,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.patterns = self.patterns.saturating_add(other.patterns);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    fn around<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts = texts.into_iter().map(|text| text.len() + AROUND_TEXT);
        Self {
            patterns: 0,
            bytes: AROUND + texts.sum::<usize>(),
        }
    }

    pub(crate) fn of_kind(kind: &Kind) -> Self {
        let parents = kind.parents.iter().map(super::KindName::as_str);
        let may = kind.members_may.iter().map(super::Pattern::as_str);
        Self {
            patterns: kind.members_may.len(),
            ..Self::around(parents.chain(may).chain([kind.name.as_str()]))
        }
    }

    pub(crate) fn of_role(role: &Role) -> Self {
        let names = [role.name.as_str(), role.kind.as_str()];
        let texts = [role.label.as_str(), role.description.as_str()];
        let everywhere = role.permissions.iter();
        let scoped = role.scoped.iter().flat_map(|it| &it.permissions);
        let patterns = everywhere.chain(scoped).map(super::Pattern::as_str);
        let parameters = role.parameters.iter().map(|it| it.name.as_str());
        let mut size = Self {
            patterns: patterns_of(role),
            ..Self::around(names.into_iter().chain(texts).chain(patterns))
        };
        size.add(Self::around(parameters));
        for scoped in &role.scoped {
            size.bytes += AROUND + scope_bytes(scoped);
        }
        size
    }

    pub(crate) fn of_permission(entry: &PermissionEntry) -> Self {
        Self::around([entry.name.as_str(), &entry.description])
    }
}

fn patterns_of(role: &Role) -> usize {
    let scoped = role.scoped.iter().map(|it| it.permissions.len());
    role.permissions.len() + scoped.sum::<usize>()
}

fn scope_bytes(scoped: &super::ScopedPermissions) -> usize {
    let scope = &scoped.scope;
    let parts = scope.parts.iter();
    let parts = parts.map(|(collection, parameter)| collection.len() + parameter.len() + 4);
    scope.collection.len() + scope.resource.len() + 3 + parts.sum::<usize>()
}

impl Catalogue {
    /// Returns the size of the catalogue.
    #[must_use]
    pub fn size(&self) -> Size {
        let mut size = Size::default();
        self.kinds.iter().for_each(|it| size.add(Size::of_kind(it)));
        self.roles.iter().for_each(|it| size.add(Size::of_role(it)));
        let permissions = self.permissions.iter();
        permissions.for_each(|it| size.add(Size::of_permission(it)));
        size
    }

    /// Returns what exceeds a bound; empty if nothing does. Parts that the tenant's `old`
    /// catalogue has already, and a whole that does not grow, never exceed: logs of older
    /// versions may have larger catalogues. Takes time in proportion to the size of the
    /// catalogue.
    #[must_use]
    pub fn beyond_bounds(&self, old: Option<&Self>) -> Vec<Problem> {
        let mut found = Found(Vec::new());
        let before = |count: fn(&Self) -> usize| old.map(count).unwrap_or_default();
        for (field, count, most) in [
            (
                "kinds",
                (|it| it.kinds.len()) as fn(&Self) -> usize,
                MAX_KINDS,
            ),
            ("roles", |it| it.roles.len(), MAX_ROLES),
            ("permissions", |it| it.permissions.len(), MAX_PERMISSIONS),
        ] {
            found.hold(field, "must be", count(self), most.max(before(count)));
        }
        if !found.0.is_empty() {
            return found.0;
        }
        let size = self.size();
        let was = old.map(Self::size).unwrap_or_default();
        found.hold(
            "catalogue",
            "must hold in all its roles and kinds, in patterns,",
            size.patterns,
            MAX_PATTERNS.max(was.patterns),
        );
        found.hold(
            "catalogue",
            "must take, in bytes,",
            size.bytes,
            MAX_BYTES.max(was.bytes),
        );
        let kinds = old.into_iter().flat_map(|old| &old.kinds);
        let kinds: HashMap<_, _> = kinds.map(|kind| (&kind.name, kind)).collect();
        for kind in &self.kinds {
            if kinds.get(&kind.name) != Some(&kind) {
                found.hold_kind(kind);
            }
        }
        let roles = old.into_iter().flat_map(|old| &old.roles);
        let roles: HashMap<_, _> = roles.map(|role| (&role.name, role)).collect();
        for role in &self.roles {
            if roles.get(&role.name) != Some(&role) {
                found.hold_role(role);
            }
        }
        let entries = old.into_iter().flat_map(|old| &old.permissions);
        let entries: HashMap<_, _> = entries.map(|entry| (&entry.name, entry)).collect();
        for entry in &self.permissions {
            if entries.get(&entry.name) != Some(&entry) {
                let field = format!("permissions.{}.description", entry.name);
                found.hold_bytes(&field, entry.description.len(), MAX_DESCRIPTION_BYTES);
            }
        }
        found.0
    }
}

/// The first thing that exceeds a bound.
struct Found(Vec<Problem>);

impl Found {
    fn hold(&mut self, field: &str, must: &str, is: usize, most: usize) {
        if is > most && self.0.len() < Problem::MOST {
            let reason = format!("{must} at most {most}, and would be {is}");
            self.0.push(Problem::new(field, reason));
        }
    }

    fn hold_bytes(&mut self, field: &str, is: usize, most: usize) {
        self.hold(field, "must have, in bytes,", is, most);
    }

    fn hold_kind(&mut self, kind: &Kind) {
        let at = |field: &str| format!("kinds.{}.{field}", Problem::named(kind.name.as_str()));
        let most = MAX_PATTERNS_OF_ONE;
        self.hold_bytes(&at("name"), kind.name.as_str().len(), MAX_NAME_BYTES);
        self.hold(&at("parents"), "must be", kind.parents.len(), MAX_PARENTS);
        for parent in &kind.parents {
            self.hold_bytes(&at("parents"), parent.as_str().len(), MAX_NAME_BYTES);
        }
        self.hold(&at("members_may"), "must be", kind.members_may.len(), most);
    }

    fn hold_role(&mut self, role: &Role) {
        let at = |field: &str| format!("roles.{}.{field}", Problem::named(role.name.as_str()));
        self.hold_bytes(&at("name"), role.name.as_str().len(), MAX_NAME_BYTES);
        self.hold_bytes(&at("kind"), role.kind.as_str().len(), MAX_NAME_BYTES);
        let label = 4 * MAX_NAME_BYTES;
        self.hold_bytes(&at("label"), role.label.len(), label);
        let most = MAX_DESCRIPTION_BYTES;
        self.hold_bytes(&at("description"), role.description.len(), most);
        self.hold(
            &at("permissions"),
            "must be, together with those of its scopes,",
            patterns_of(role),
            MAX_PATTERNS_OF_ONE,
        );
        self.hold(&at("scoped"), "must be", role.scoped.len(), MAX_SCOPES);
        for (place, scoped) in role.scoped.iter().enumerate().take(MAX_SCOPES) {
            let field = at(&format!("scoped[{place}].scope"));
            let (parts, bytes) = (scoped.scope.parts.len(), scope_bytes(scoped));
            self.hold(&field, "must have, in parts,", parts, MAX_SCOPE_PARTS);
            self.hold_bytes(&field, bytes, MAX_SCOPE_BYTES);
        }
        let parameters = role.parameters.len();
        self.hold(&at("parameters"), "must be", parameters, MAX_PARAMETERS);
        for (place, parameter) in role.parameters.iter().enumerate().take(MAX_PARAMETERS) {
            let field = at(&format!("parameters[{place}].name"));
            self.hold_bytes(&field, parameter.name.len(), MAX_NAME_BYTES);
        }
    }
}
