//! Compares what two catalogues give.

use super::Draft;
use crate::ask::{Coverage, Permission};
use crate::catalogue::{Catalogue, Kind, Pattern, Role};

impl Draft {
    /// Returns whether a new catalogue gives somebody more than the present one, through
    /// a granted role or a membership. A role without grants gives nothing yet, and a
    /// later grant takes what the role gives.
    pub(super) fn gives_more(&self, new: &Catalogue) -> bool {
        let Some(old) = self.state.catalogue() else {
            return true;
        };
        if self.holds_everything() || old == new {
            // A caller that holds everything may give everything.
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

/// Returns whether a grant of a role allows more than a grant of another role with the
/// same parameters. A changed scope counts as another one.
fn gives_more_than(new: &Role, old: &Role) -> bool {
    let lacks = |scoped: &crate::catalogue::ScopedPermissions| {
        let alike = old.scoped.iter().filter(|it| it.scope == scoped.scope);
        let mut held = old.permissions.clone();
        held.extend(alike.flat_map(|it| it.permissions.iter().cloned()));
        !covers(&held, &scoped.permissions)
    };
    !covers(&old.permissions, &new.permissions) || new.scoped.iter().any(lacks)
}

/// Returns whether each of some patterns is covered by one of others.
fn covers(held: &[Pattern], wanted: &[Pattern]) -> bool {
    let everywhere = |pattern: &Pattern| Permission {
        pattern: pattern.clone(),
        scope: None,
    };
    let held: Vec<Permission> = held.iter().map(everywhere).collect();
    let coverage = Coverage::of(&held);
    wanted.iter().all(|it| coverage.covers(&everywhere(it)))
}
