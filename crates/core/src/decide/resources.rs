//! The tree: adds, changes, moves and removes resources.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::Draft;
use super::members::Because;
use super::naming::may_have_id;
use super::numbering::{choose, or_old};
use crate::Change;
use crate::ask::Power;
use crate::catalogue::{KindName, Pattern, ROOT_KIND};
use crate::id::{Key, Node, ResourceId, ResourceNumber, UserNumber};
use crate::model::{Name, Parameters};
use crate::reference::Locator;
use crate::refusal::Refusal;
use crate::state::{KindIndex, ResourceNode, RoleIndex, Tree};
use crate::time::Expiry;

/// The most levels of a tree. Every check walks up to the root.
const MAX_DEPTH: usize = 32;

impl Draft {
    pub(super) fn add_resource(
        &mut self,
        id: ResourceId,
        kind: &str,
        parent: &Locator,
        number: Option<u32>,
        key: Option<&Key>,
        name: &Name,
    ) -> Result<(), Refusal> {
        let parent = self.see(parent)?;
        // Permissions are named after kinds. A text that cannot be a kind names none.
        if !KindName::can_be(kind) {
            return Err(no_kind());
        }
        let kind_name = KindName::from(kind);
        self.must_hold_now(parent, kind_name.permission("add"))?;
        let index = self.kind(kind)?;
        self.fits_under(index, parent)?;
        if self.state.up(parent).count() >= MAX_DEPTH {
            return Err(Refusal::invalid("parent", "is too deep in the tree"));
        }
        let tree = self.state.tree();
        let of_kind = tree.of(Some(index));
        may_have_id(id.0, &tree.of(None))?;
        may_have_id(id.0, &of_kind)?;
        self.may_have_key(key, &of_kind, None)?;
        self.may_have_name(name)?;
        let number = choose(
            number,
            |n| tree.is_new(index, n),
            tree.numbers(index).next(),
        )?;
        let Some(parent) = self.state.resource(parent).map(|parent| parent.id) else {
            return Err(Refusal::not_found("resource"));
        };
        self.push(Change::ResourceAdded {
            resource: id,
            kind: kind_name,
            number: ResourceNumber(number),
            key: key.cloned(),
            name: name.clone(),
            parent,
        });
        Ok(())
    }

    pub(super) fn change_resource(
        &mut self,
        locator: &Locator,
        name: Option<&Name>,
        key: Option<&Option<Key>>,
    ) -> Result<(), Refusal> {
        let node = self.authorize(locator, "change")?;
        let Some(found) = self.state.node(node) else {
            return Err(Refusal::not_found("resource"));
        };
        let (kind, resource) = (found.kind, found.resource.clone());
        let name = or_old(name, &resource.name);
        let key = or_old(key, &resource.key);
        if key != resource.key {
            let of_kind = self.state.tree().of(Some(kind));
            self.may_have_key(key.as_ref(), &of_kind, Some(node))?;
        }
        if name != resource.name {
            self.may_have_name(&name)?;
        }
        if (&name, &key) != (&resource.name, &resource.key) {
            self.push(Change::ResourceChanged {
                resource: resource.id,
                name,
                key,
            });
        }
        Ok(())
    }

    /// Moves a resource. This gives it to the holders of roles above its new place, so
    /// the caller must hold what they will hold.
    pub(super) fn move_resource(
        &mut self,
        locator: &Locator,
        parent: &Locator,
    ) -> Result<(), Refusal> {
        let node = self.authorize(locator, "move")?;
        let target = self.see(parent)?;
        self.must_hold_now(target, self.view().permission_for(node, "move"))?;
        let Some(found) = self.state.node(node) else {
            return Err(Refusal::not_found("resource"));
        };
        if found.parent == Some(target) {
            return Ok(());
        }
        if node == Tree::ROOT {
            return Err(Refusal::invalid(
                "resource",
                "is the root, which cannot move",
            ));
        }
        self.fits_under(found.kind, target)?;
        if self.state.up(target).any(|(above, _)| above == node) {
            return Err(Refusal::invalid(
                "parent",
                "stands below the resource itself",
            ));
        }
        if self.state.up(target).count() + self.state.tree().height(node) > MAX_DEPTH {
            return Err(Refusal::invalid("parent", "is too deep in the tree"));
        }
        let (staying, gone) = self.members_fit_under(node, target)?;
        self.must_hold_what_comes(node, target)?;
        self.must_hold_what_lasts_under(node, target, &staying)?;
        // What no longer counts must not count again in the new place.
        for user in gone {
            self.push_gone(node, user, Because::Expired);
        }
        let id = |node| self.state.resource(node).map(|resource| resource.id);
        if let (Some(resource), Some(parent)) = (id(node), id(target)) {
            self.push(Change::ResourceMoved { resource, parent });
        }
        Ok(())
    }

    pub(super) fn remove_resource(&mut self, locator: &Locator) -> Result<(), Refusal> {
        let node = self.authorize(locator, "remove")?;
        if node == Tree::ROOT {
            return Err(Refusal::invalid(
                "resource",
                "is the root, which cannot be removed",
            ));
        }
        let Some(found) = self.state.node(node).cloned() else {
            return Err(Refusal::not_found("resource"));
        };
        if !found.children.is_empty() {
            return Err(self.resource_in_use(&found));
        }
        for key in found.grants.keys() {
            self.push_revoked(node, key);
        }
        for user in found.members.keys() {
            self.push_detached(node, *user);
        }
        self.push(Change::ResourceRemoved {
            resource: found.resource.id,
        });
        Ok(())
    }

    /// Returns the refusal for a resource with others below it. It counts and names those
    /// that the caller sees, and only mentions the others.
    fn resource_in_use(&self, found: &ResourceNode) -> Refusal {
        let sight = self.authority().sight(self.view());
        let children = found.children.keys().copied();
        let seen: Vec<Node> = children.filter(|child| sight.sees(*child)).collect();
        let by: String = match seen.len() {
            0 => "what stands below it".into(),
            1 => "1 resource below it".into(),
            count => format!("{count} resources below it"),
        };
        Refusal::InUse {
            what: format!("the {}", found.resource.kind).into(),
            by: by.into(),
            uses: self.uses(seen.into_iter()),
        }
    }

    fn kind(&self, name: &str) -> Result<KindIndex, Refusal> {
        let known = self.state.kind_index(name);
        known
            .filter(|index| self.state.kind(*index).is_some() && name != ROOT_KIND)
            .ok_or_else(no_kind)
    }

    /// Checks that the caller may do `what` on a resource that it sees.
    pub(super) fn must_may(&self, node: Node, what: &str) -> Result<(), Refusal> {
        self.must_hold_now(node, self.view().permission_for(node, what))
    }

    fn must_hold_now(&self, node: Node, permission: Pattern) -> Result<(), Refusal> {
        match self.authority().holds(self.view(), &permission, node) {
            true => Ok(()),
            false => Err(Refusal::Forbidden { permission }),
        }
    }

    fn fits_under(&self, kind: KindIndex, parent: Node) -> Result<(), Refusal> {
        let (Some(kind), Some(parent)) = (self.state.kind(kind), self.state.resource(parent))
        else {
            return Err(Refusal::not_found("resource"));
        };
        if kind.parents.contains(&parent.kind) {
            return Ok(());
        }
        let reason = format!(
            "is a {}, and a {} cannot stand under one",
            parent.kind, kind.name
        );
        Err(Refusal::invalid("parent", &reason))
    }

    /// Returns the members of a resource that is moved under a parent whose members they
    /// must be too, and those who are recorded and no longer members. Refuses if a member
    /// is not a member there.
    fn members_fit_under(
        &self,
        node: Node,
        target: Node,
    ) -> Result<(Vec<UserNumber>, Vec<UserNumber>), Refusal> {
        let Some(found) = self.state.node(node) else {
            return Ok(Default::default());
        };
        let from_parent = self
            .state
            .kind(found.kind)
            .is_some_and(|kind| kind.members_from_parent);
        if !from_parent {
            return Ok(Default::default());
        }
        let (members, gone): (Vec<UserNumber>, Vec<UserNumber>) = found
            .members
            .keys()
            .partition(|user| self.view().is_member(node, **user));
        let stranger = |user: &UserNumber| !self.view().is_member(target, *user);
        if members.iter().any(stranger) {
            let parent = self
                .state
                .resource(target)
                .map(|parent| parent.kind.as_str());
            return Err(Refusal::InUse {
                what: format!("the {}", found.resource.kind).into(),
                by: format!(
                    "users who are not attached to that {}",
                    parent.unwrap_or_default()
                )
                .into(),
                uses: Vec::new(),
            });
        }
        Ok((members, gone))
    }

    /// Checks that the caller may change the ends of memberships that depend on the
    /// parent and end later or earlier under the new one.
    fn must_hold_what_lasts_under(
        &self,
        node: Node,
        target: Node,
        members: &[UserNumber],
    ) -> Result<(), Refusal> {
        let Some(found) = self.state.node(node) else {
            return Ok(());
        };
        if self.holds_everything() {
            return Ok(());
        }
        let mut gift = self.gift();
        for user in members {
            let own = found.members.get(user).map(|own| own.expires_at());
            let before = self.view().member_until(node, *user);
            let after = self.view().member_until(target, *user);
            let after = own.map_or(after, |own| own.min(after));
            match after.cmp(&before) {
                Ordering::Equal => {}
                Ordering::Less => self.must_may(node, "users.remove")?,
                Ordering::Greater => {
                    self.must_may(node, "users.add")?;
                    gift = gift
                        .by_means_of(node, "users.add", after)
                        .what_lasts(node, *user, after);
                }
            }
        }
        gift.must_be_held(None)
    }

    fn must_hold_what_comes(&self, node: Node, target: Node) -> Result<(), Refusal> {
        if self.authority().power() == Power::All {
            return Ok(());
        }
        let had: BTreeSet<Node> = self.state.up(node).map(|(above, _)| above).collect();
        let mut coming: BTreeMap<(Node, RoleIndex, &Parameters), Expiry> = BTreeMap::new();
        for (above, found) in self.state.up(target) {
            if had.contains(&above) {
                continue;
            }
            for (key, grant) in found.grants.iter() {
                if grant.expires_at().is_live(self.at) {
                    let one = coming.entry((above, key.role, &key.parameters));
                    let until = one.or_insert(grant.expires_at());
                    *until = grant.expires_at().max(*until);
                }
            }
        }
        let mut gift = self.gift();
        for ((above, role, parameters), until) in coming {
            if let Some(role) = self.state.role(role) {
                gift = gift.role_from(node, above, role, parameters, until);
            }
        }
        gift.must_be_held(None)
    }
}

fn no_kind() -> Refusal {
    Refusal::invalid("kind", "is no kind that can be added")
}
