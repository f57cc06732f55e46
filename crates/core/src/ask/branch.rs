//! A resource with all that stands above it: looked up once, for questions
//! about many users.

use std::ops::ControlFlow;

use super::member::Attached;
use super::source::Who;
use super::{Sight, Source, SourceKind, View};
use crate::catalogue::{Pattern, Role};
use crate::id::Node;
use crate::model::Membership;
use crate::state::{PatternSet, ResourceNode, RoleIndex, State, Tree, UserNode};
use smallvec::SmallVec;

/// So many roles one user seldom holds on one resource.
pub(super) const FEW: usize = 6;

/// The roles that a user holds on a resource.
pub type Roles<'a> = SmallVec<[&'a Role; FEW]>;

/// A resource and the resources above it up to the root, of a view.
#[derive(Clone, Debug)]
pub struct Branch<'a> {
    view: View<'a>,
    node: Node,
    found: &'a ResourceNode,
    above: Vec<(Node, &'a ResourceNode)>,
    /// Those of them that the reader does not see.
    hidden: SmallVec<[Node; FEW]>,
}

impl<'a> View<'a> {
    /// A resource, and those above it. `None` where there is none.
    #[must_use]
    pub fn branch(self, node: Node) -> Option<Branch<'a>> {
        let mut up = self.state.up(node);
        let (node, found) = up.next()?;
        Some(Branch {
            view: self,
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

    /// The branch for a reader that does not see all of it: grants and memberships on a
    /// resource that the reader does not see are not told, and are not searched by. The
    /// branch is of the subject of the reader's sight.
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

    /// The view that it is of.
    #[must_use]
    pub fn view(&self) -> View<'a> {
        self.view
    }

    /// The state that it is of.
    #[must_use]
    pub fn state(&self) -> &'a State {
        self.view.state
    }

    /// The resource, and those above it.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a ResourceNode> + use<'_, 'a> {
        let above = self.above.iter().map(|(_, found)| *found);
        std::iter::once(self.found).chain(above)
    }

    pub(super) fn found(&self) -> &'a ResourceNode {
        self.found
    }

    /// The users who are attached to the resource itself, by number.
    pub fn members(&self) -> impl Iterator<Item = Attached<'a>> + use<'a> {
        let (view, found) = (self.view, self.found);
        let everybody = (self.node == Tree::ROOT).then(|| {
            view.state.users().map(|row| Attached {
                row,
                membership: Membership::of_root(&row.user),
            })
        });
        let attached = found.members.iter().filter(move |(user, membership)| {
            membership.expires_at().is_live(view.at) && view.parent_allows(found, **user)
        });
        let attached = attached.filter_map(move |(user, membership)| {
            Some(Attached {
                row: view.state.user_node(*user)?,
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

    /// The roles that a user holds on the root, as [`Branch::roles`].
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
        let mut indices = SmallVec::new();
        let mut visit = |source: Source<'_>| {
            add_role(&mut indices, &source);
            ControlFlow::<()>::Continue(())
        };
        let who = Who::User(user);
        let _ = self.view.grants_on(on, found, who, &mut visit);
        self.in_order(indices)
    }

    /// The roles of some sources that count, each once, in the order of the catalogue.
    pub(super) fn roles_of<'s>(&self, sources: impl Iterator<Item = &'s Source<'a>>) -> Roles<'a>
    where
        'a: 's,
    {
        let mut indices = SmallVec::new();
        sources.for_each(|source| add_role(&mut indices, source));
        self.in_order(indices)
    }

    /// Roles in the order of the catalogue.
    fn in_order(&self, mut indices: SmallVec<[RoleIndex; FEW]>) -> Roles<'a> {
        indices.sort_unstable_by_key(|index| self.state().role_position(*index));
        let roles = indices.into_iter();
        roles.filter_map(|index| self.state().role(index)).collect()
    }

    /// Whether a user holds `admin` on the root, itself or through a group.
    #[must_use]
    pub fn is_admin(&self, user: &'a UserNode) -> bool {
        let (on, found) = self.root();
        let admin = self.state().admin_role();
        let mut visit = |source: Source<'_>| match source.kind {
            SourceKind::Grant { key, .. } if source.live && Some(key.role) == admin => {
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        };
        let who = Who::User(user);
        let visited = self.view.grants_on(on, found, who, &mut visit);
        visited.is_break()
    }

    /// Every grant and membership of a user, as [`View::sources`] gives them.
    pub(super) fn sources<B>(
        &self,
        user: &'a UserNode,
        mut visit: impl FnMut(Source<'a>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let (view, who) = (self.view, Who::User(user));
        view.membership(self.node, self.found, who, &mut visit)?;
        view.grants_on(self.node, self.found, who, &mut visit)?;
        for (on, found) in &self.above {
            view.grants_on(*on, found, who, &mut visit)?;
        }
        ControlFlow::Continue(())
    }

    /// What a user may do on all of the resource: of [`View::permissions`]
    /// what is not for a part of it only. Nothing for an inactive user.
    #[must_use]
    pub fn held(&self, user: &'a UserNode) -> Held {
        let vocabulary = self.state().vocabulary();
        let patterns = vocabulary.patterns();
        let mut held = patterns.empty();
        if !user.user.status.has_access() {
            return Held(held);
        }
        let _ = self.sources(user, |source| {
            self.add_patterns(&mut held, &source);
            ControlFlow::<()>::Continue(())
        });
        Held(held)
    }

    /// As [`Branch::held`], through sources that were found already.
    pub(super) fn held_through(&self, user: &UserNode, sources: &[Source<'_>]) -> Held {
        let mut held = self.state().vocabulary().patterns().empty();
        if user.user.status.has_access() {
            for source in sources {
                self.add_patterns(&mut held, source);
            }
        }
        Held(held)
    }

    fn add_patterns(&self, held: &mut PatternSet, source: &Source<'_>) {
        let vocabulary = self.state().vocabulary();
        let patterns = vocabulary.patterns();
        match source.kind {
            SourceKind::Membership if source.live => {
                if let Some(kind) = vocabulary.kind_position(self.found.kind) {
                    patterns.add_members(held, kind);
                }
            }
            SourceKind::Grant { key, .. } if source.live => {
                if let Some(role) = vocabulary.role_position(key.role) {
                    patterns.add_role(held, role, &key.parameters);
                }
            }
            _ => {}
        }
    }

    /// What is held on all of the resource as patterns, in order, without those
    /// that another covers.
    #[must_use]
    pub fn patterns(&self, held: &Held) -> Vec<&'a Pattern> {
        self.state().vocabulary().patterns().widest(&held.0)
    }
}

fn add_role(indices: &mut SmallVec<[RoleIndex; FEW]>, source: &Source<'_>) {
    if let SourceKind::Grant { key, .. } = source.kind
        && source.live
        && !indices.contains(&key.role)
    {
        indices.push(key.role);
    }
}

/// The permissions that a user holds on a resource. Most users of a resource hold equal ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held(PatternSet);
