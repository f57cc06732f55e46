//! What can this subject reach, and who can reach this?

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::{Source, SourceKind, View};
use crate::catalogue::Pattern;
use crate::id::{GroupNumber, Node};
use crate::model::{Parameters, Subject};
use crate::state::{KindIndex, Sorted, Tree};

impl View<'_> {
    /// The resources on which a subject holds a permission on all of the
    /// resource, in the order in which they were added. What is only held for a
    /// part does not count. Whether the subject sees them is another question:
    /// [`View::seen`].
    #[must_use]
    pub fn reach(self, subject: Subject, wanted: &Pattern, kind: Option<KindIndex>) -> Vec<Node> {
        self.reached(subject, wanted, &Parameters::none(), kind)
    }

    /// The resources of a kind on which a subject holds a permission for the
    /// part that the parameters name: those for which [`View::access`] says
    /// so, in the order in which they were added.
    #[must_use]
    pub fn reach_within(
        self,
        subject: Subject,
        wanted: &Pattern,
        parameters: &Parameters,
        kind: KindIndex,
    ) -> Vec<Node> {
        self.reached(subject, wanted, parameters, Some(kind))
    }

    fn reached(
        self,
        subject: Subject,
        wanted: &Pattern,
        parameters: &Parameters,
        kind: Option<KindIndex>,
    ) -> Vec<Node> {
        let none = Parameters::none();
        let mut reached = BTreeSet::new();
        if !self.has_access(subject) {
            return Vec::new();
        }
        let who = self.look_up(subject);
        for on in self.places(subject) {
            let Some(found) = self.state.node(on) else {
                continue;
            };
            let mut here = false;
            let mut visit = |source: Source<'_>| {
                if source.live && self.counts_for(&source, wanted, &none) {
                    return ControlFlow::Break(());
                }
                // What is held for a part is held on that very resource, and
                // not below it.
                here |= !parameters.is_empty()
                    && source.live
                    && self.counts_for(&source, wanted, parameters);
                ControlFlow::Continue(())
            };
            if self.grants_on(on, found, who, &mut visit).is_break() {
                reached.extend(self.state.down(on).map(|(node, _)| node));
            } else if here {
                reached.insert(on);
            }
        }
        if let Subject::User(user) = subject
            && let Some(attached) = self.state.user_node(user)
        {
            let attached = attached.resources.keys().copied();
            for on in attached.chain([Tree::ROOT]) {
                let kind = SourceKind::Membership;
                let live = self.is_member(on, user);
                if live && self.counts_for(&Source { on, live, kind }, wanted, &none) {
                    reached.insert(on);
                }
            }
        }
        reached
            .into_iter()
            .filter(|node| kind.is_none() || self.state.node(*node).map(|found| found.kind) == kind)
            .collect()
    }

    /// The users and services that hold a permission on a resource, each once.
    /// Groups are not listed: their users are.
    #[must_use]
    pub fn who(self, wanted: &Pattern, node: Node) -> Vec<Subject> {
        self.who_within(wanted, node, &Parameters::none())
    }

    /// As [`View::who`], for the part of the resource that the parameters name.
    #[must_use]
    pub fn who_within(self, wanted: &Pattern, node: Node, parameters: &Parameters) -> Vec<Subject> {
        let mut candidates = BTreeSet::new();
        for (on, found) in self.state.up(node) {
            for key in found.grants.keys() {
                match key.subject {
                    Subject::Group(group) => candidates.extend(self.users_of(group)),
                    subject => {
                        candidates.insert(subject);
                    }
                }
            }
            // What members may is the same for all of them, and seldom what is asked.
            let members_may = self.state.kind(found.kind).is_some_and(|kind| {
                let mut may = kind.members_may.iter();
                may.any(|may| may.covers(wanted))
            });
            if on == node && members_may {
                if on == Tree::ROOT {
                    candidates.extend(self.state.users().map(|row| Subject::User(row.user.number)));
                } else {
                    candidates.extend(found.members.keys().map(|user| Subject::User(*user)));
                }
            }
        }
        candidates
            .into_iter()
            .filter(|subject| self.access(*subject, wanted, node, parameters).is_allowed())
            .collect()
    }

    fn users_of(self, group: GroupNumber) -> impl Iterator<Item = Subject> {
        self.state
            .group_node(group)
            .into_iter()
            .flat_map(|row| row.users.keys().map(|user| Subject::User(*user)))
    }

    /// Where a subject was granted a role itself.
    #[must_use]
    pub fn granted_on(self, subject: Subject) -> Vec<Node> {
        let granted = match subject {
            Subject::User(user) => self.state.user_node(user).map(|row| &row.granted),
            Subject::Group(group) => self.state.group_node(group).map(|row| &row.granted),
            Subject::Service(service) => self.state.service_node(service).map(|row| &row.granted),
        };
        granted
            .into_iter()
            .flat_map(Sorted::keys)
            .copied()
            .collect()
    }

    /// Where a subject was granted a role, itself or through a group.
    pub(crate) fn places(self, subject: Subject) -> BTreeSet<Node> {
        fn keys(granted: &Sorted<Node, ()>) -> impl Iterator<Item = Node> {
            granted.keys().copied()
        }
        match subject {
            Subject::User(user) => match self.state.user_node(user) {
                Some(row) => {
                    let groups = row
                        .groups
                        .keys()
                        .filter_map(|group| self.state.group_node(*group));
                    keys(&row.granted)
                        .chain(groups.flat_map(|row| keys(&row.granted)))
                        .collect()
                }
                None => BTreeSet::new(),
            },
            Subject::Group(group) => self
                .state
                .group_node(group)
                .map(|row| keys(&row.granted).collect())
                .unwrap_or_default(),
            Subject::Service(service) => self
                .state
                .service_node(service)
                .map(|row| keys(&row.granted).collect())
                .unwrap_or_default(),
        }
    }

    fn counts_for(self, source: &Source<'_>, wanted: &Pattern, parameters: &Parameters) -> bool {
        self.gives(source, wanted, source.on, parameters)
    }
}
