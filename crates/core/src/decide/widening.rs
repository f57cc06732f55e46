//! Whether another catalogue gives somebody more than the one that holds.

use super::Draft;
use crate::ask::{Coverage, Permission};
use crate::catalogue::{Catalogue, Kind, Pattern, Role};

impl Draft {
    /// Whether a catalogue gives somebody more than the one that holds: through a role
    /// that is granted, or by being attached. A role that is not granted gives nothing
    /// yet: who grants it must hold what it gives.
    pub(super) fn gives_more(&self, new: &Catalogue) -> bool {
        let Some(old) = self.state.catalogue() else {
            return true;
        };
        if self.holds_everything() || old == new {
            // Who may give everything is not asked how much it is.
            return false;
        }
        let granted = self.state.roles_in_use().into_iter();
        let mut granted = granted.filter_map(|index| self.state.role(index));
        let widens = |old: &Role| {
            let new = new.role(old.name.as_str());
            new.is_some_and(|new| new != old && gives_more_than(new, old))
        };
        let widens_kind = |new: &Kind| {
            let old = old.kind(new.name.as_str());
            let may = old.map(|old| &old.members_may[..]).unwrap_or_default();
            !covers(may, &new.members_may)
        };
        granted.any(widens) || new.kinds.iter().any(widens_kind)
    }
}

/// Whether a grant of a role allows what a grant of another role with the same
/// parameters does not. A scope that reads otherwise counts as another one.
fn gives_more_than(new: &Role, old: &Role) -> bool {
    let lacks = |scoped: &crate::catalogue::ScopedPermissions| {
        let alike = old.scoped.iter().filter(|it| it.scope == scoped.scope);
        let mut held = old.permissions.clone();
        held.extend(alike.flat_map(|it| it.permissions.iter().cloned()));
        !covers(&held, &scoped.permissions)
    };
    !covers(&old.permissions, &new.permissions) || new.scoped.iter().any(lacks)
}

/// Whether every one of some patterns is covered by one of others.
fn covers(held: &[Pattern], wanted: &[Pattern]) -> bool {
    let everywhere = |pattern: &Pattern| Permission {
        pattern: pattern.clone(),
        scope: None,
    };
    let held: Vec<Permission> = held.iter().map(everywhere).collect();
    let coverage = Coverage::of(&held);
    wanted.iter().all(|it| coverage.covers(&everywhere(it)))
}
