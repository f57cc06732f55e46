//! A resource with all that stands above it: looked up once, for questions
//! about many users.

use std::ops::ControlFlow;

use super::source::Who;
use super::{Member, Permission, Sight, Source, SourceKind};
use crate::catalogue::{Pattern, Role};
use crate::id::Node;
use crate::model::Membership;
use crate::state::{PatternSet, ResourceNode, RoleIndex, State, Tree, UserNode};
use crate::time::Timestamp;
use smallvec::SmallVec;

/// So many roles one user seldom holds on one resource.
const FEW: usize = 6;

/// The roles that a user holds on a resource.
pub type Roles<'a> = SmallVec<[&'a Role; FEW]>;

/// A resource, and those above it up to the root, at an instant.
#[derive(Clone, Debug)]
pub struct Branch<'a> {
    state: &'a State,
    at: Timestamp,
    node: Node,
    found: &'a ResourceNode,
    above: Vec<(Node, &'a ResourceNode)>,
    /// Those of them that the reader does not see.
    hidden: SmallVec<[Node; FEW]>,
}

impl State {
    /// A resource, and those above it. `None` where there is none.
    #[must_use]
    pub fn branch(&self, node: Node, at: Timestamp) -> Option<Branch<'_>> {
        let mut up = self.up(node);
        let (node, found) = up.next()?;
        Some(Branch {
            state: self,
            at,
            node,
            found,
            above: up.collect(),
            hidden: SmallVec::new(),
        })
    }
}

impl<'a> Branch<'a> {
    /// The resource that it ends with.
    #[must_use]
    pub fn node(&self) -> Node {
        self.node
    }

    /// The same for a reader that does not see all of it: what stands on a
    /// resource that the reader does not see is not told, and is not searched by.
    #[must_use]
    pub fn shown_to(mut self, reader: &Sight<'_>) -> Self {
        let nodes = self.above.iter().map(|(node, _)| *node);
        let nodes = nodes.chain([self.node]);
        self.hidden = nodes.filter(|node| !reader.sees(*node)).collect();
        self
    }

    /// Whether the reader sees the resource that a source stands on.
    pub(super) fn is_shown(&self, source: &Source<'_>) -> bool {
        !self.hidden.contains(&source.on)
    }

    /// The state that it is of.
    #[must_use]
    pub fn state(&self) -> &'a State {
        self.state
    }

    /// The resource, and those above it.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a ResourceNode> + use<'_, 'a> {
        let above = self.above.iter().map(|(_, found)| *found);
        std::iter::once(self.found).chain(above)
    }

    pub(super) fn found(&self) -> &'a ResourceNode {
        self.found
    }

    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// Who is attached to the resource itself, by number.
    pub fn members(&self) -> impl Iterator<Item = Member<'a>> + use<'a> {
        let (state, at, found) = (self.state, self.at, self.found);
        let everybody = (self.node == Tree::ROOT).then(|| {
            state.users().map(|row| Member {
                row,
                membership: Membership::of_root(&row.user),
            })
        });
        let attached = found.members.iter().filter(move |(user, membership)| {
            membership.expires_at().is_live(at) && state.parent_allows(found, **user, at)
        });
        let attached = attached.filter_map(move |(user, membership)| {
            Some(Member {
                row: state.user_node(*user)?,
                membership: *membership,
            })
        });
        everybody.into_iter().flatten().chain(attached)
    }

    /// The roles that a user holds on the resource itself, directly or through
    /// a group, each once, in the order of the catalogue. An inactive user
    /// keeps its roles; they give it nothing.
    #[must_use]
    pub fn roles(&self, user: &'a UserNode) -> Roles<'a> {
        self.roles_at((self.node, self.found), user)
    }

    /// The same on the root.
    #[must_use]
    pub fn roles_on_root(&self, user: &'a UserNode) -> Roles<'a> {
        self.roles_at(self.root(), user)
    }

    fn root(&self) -> (Node, &'a ResourceNode) {
        self.above
            .last()
            .copied()
            .unwrap_or((self.node, self.found))
    }

    fn roles_at(&self, (on, found): (Node, &'a ResourceNode), user: &'a UserNode) -> Roles<'a> {
        let mut indices: SmallVec<[RoleIndex; FEW]> = SmallVec::new();
        let mut visit = |source: Source<'_>| {
            if let SourceKind::Grant { key, .. } = source.kind
                && source.live
                && !indices.contains(&key.role)
            {
                indices.push(key.role);
            }
            ControlFlow::<()>::Continue(())
        };
        let who = Who::User(user);
        let _ = self.state.grants_on(on, found, who, self.at, &mut visit);
        indices.sort_unstable_by_key(|index| self.state.role_position(*index));
        let roles = indices.into_iter();
        roles.filter_map(|index| self.state.role(index)).collect()
    }

    /// Whether a user holds `admin` on the root, itself or through a group.
    #[must_use]
    pub fn is_admin(&self, user: &'a UserNode) -> bool {
        let (on, found) = self.root();
        let admin = self.state.admin_role();
        let mut visit = |source: Source<'_>| match source.kind {
            SourceKind::Grant { key, .. } if source.live && Some(key.role) == admin => {
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        };
        let who = Who::User(user);
        let visited = self.state.grants_on(on, found, who, self.at, &mut visit);
        visited.is_break()
    }

    /// Every grant and membership of a user, as [`State::sources`] gives them.
    pub(super) fn sources<B>(
        &self,
        user: &'a UserNode,
        mut visit: impl FnMut(Source<'a>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let (state, who, at) = (self.state, Who::User(user), self.at);
        state.membership(self.node, self.found, who, at, &mut visit)?;
        state.grants_on(self.node, self.found, who, at, &mut visit)?;
        for (on, found) in &self.above {
            state.grants_on(*on, found, who, at, &mut visit)?;
        }
        ControlFlow::Continue(())
    }

    /// Everything through which a user reaches the resource: its membership,
    /// its grants and those of its groups, there and above, as far as the reader
    /// sees the resources that they stand on.
    #[must_use]
    pub fn via(&self, user: &'a UserNode) -> Vec<Source<'a>> {
        self.some_sources(user, |source| source.live)
    }

    /// The same with what counts no more and is not yet swept away.
    #[must_use]
    pub fn via_ever(&self, user: &'a UserNode) -> Vec<Source<'a>> {
        self.some_sources(user, |_| true)
    }

    fn some_sources(
        &self,
        user: &'a UserNode,
        is_wanted: impl Fn(&Source<'a>) -> bool,
    ) -> Vec<Source<'a>> {
        let mut via = Vec::new();
        let _ = self.sources(user, |source| {
            if is_wanted(&source) && self.is_shown(&source) {
                via.push(source);
            }
            ControlFlow::<()>::Continue(())
        });
        via
    }

    /// What a user may do on all of the resource: of [`State::permissions`]
    /// what is not for a part of it only. Nothing for an inactive user.
    #[must_use]
    pub fn held(&self, user: &'a UserNode) -> Held {
        let vocabulary = self.state.vocabulary();
        let patterns = vocabulary.patterns();
        let mut held = patterns.empty();
        if !user.user.status.has_access() {
            return Held(held);
        }
        let kind = vocabulary.kind_position(self.found.kind);
        let _ = self.sources(user, |source| {
            match source.kind {
                SourceKind::Membership if source.live => {
                    if let Some(kind) = kind {
                        patterns.add_members(&mut held, kind);
                    }
                }
                SourceKind::Grant { key, .. } if source.live => {
                    if let Some(role) = vocabulary.role_position(key.role) {
                        patterns.add_role(&mut held, role, &key.parameters);
                    }
                }
                _ => {}
            }
            ControlFlow::<()>::Continue(())
        });
        Held(held)
    }

    /// What a user may do on parts of the resource only, sorted, each once.
    /// Nothing for an inactive user.
    #[must_use]
    pub fn held_for_parts(&self, user: &'a UserNode) -> Vec<Permission> {
        let mut held = Vec::new();
        if !user.user.status.has_access() {
            return held;
        }
        // Parts are of the resource that the role was granted on.
        let mut visit = |source: Source<'a>| {
            if let SourceKind::Grant { key, .. } = source.kind
                && source.live
                && !key.parameters.is_empty()
            {
                let given = self.state.permissions_of(&source).into_iter();
                held.extend(given.filter(Permission::is_for_a_part));
            }
            ControlFlow::<()>::Continue(())
        };
        let (state, at) = (self.state, self.at);
        let _ = state.grants_on(self.node, self.found, Who::User(user), at, &mut visit);
        held.sort_unstable();
        held.dedup();
        held
    }

    /// What is held on all of the resource as patterns, in order, without those
    /// that another covers.
    #[must_use]
    pub fn patterns(&self, held: &Held) -> Vec<&'a Pattern> {
        self.state.vocabulary().patterns().widest(&held.0)
    }
}

/// What somebody may do. Most users of a resource hold the same as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held(PatternSet);
