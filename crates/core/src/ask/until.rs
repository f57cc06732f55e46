//! Until when does a subject hold something?
//!
//! A permission is held until the latest end of the grants and memberships that give
//! it: one of them is enough.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{Permission, Source, SourceKind, View};
use crate::catalogue::Pattern;
use crate::id::{Node, UserNumber};
use crate::model::{Parameters, Subject};
use crate::state::Tree;
use crate::time::Expiry;

impl View<'_> {
    /// When a user's membership stops counting: the end of its own and, where only
    /// members of the resource above can be members, of that one too. The user must
    /// be a member.
    pub(crate) fn member_until(self, node: Node, user: UserNumber) -> Expiry {
        let mut until = Expiry::NEVER;
        for (on, found) in self.state.up(node) {
            if on == Tree::ROOT {
                break;
            }
            let own = found.members.get(&user);
            until = until.min(own.map_or(Expiry::NEVER, |own| own.expires_at()));
            let depends = self
                .state
                .kind(found.kind)
                .is_some_and(|kind| kind.members_from_parent);
            if !depends {
                break;
            }
        }
        until
    }

    /// When one of a subject's sources stops counting. A user's own grant ends with
    /// the membership at the latest.
    pub(crate) fn source_until(self, subject: Subject, source: &Source<'_>) -> Expiry {
        let member = || match subject {
            Subject::User(user) => self.member_until(source.on, user),
            Subject::Group(_) | Subject::Service(_) => Expiry::NEVER,
        };
        match source.kind {
            SourceKind::Membership => member(),
            SourceKind::Grant {
                grant, group: None, ..
            } => grant.expires_at().min(member()),
            SourceKind::Grant { grant, .. } => grant.expires_at(),
        }
    }

    /// All that a subject may do on a resource, by the end of what gives it, the latest
    /// first; with repetitions. Empty for an inactive user.
    pub(crate) fn lasting(self, subject: Subject, node: Node) -> Vec<(Expiry, Vec<Permission>)> {
        let mut all: BTreeMap<Reverse<Expiry>, Vec<Permission>> = BTreeMap::new();
        if !self.has_access(subject) {
            return Vec::new();
        }
        let _ = self.sources(subject, node, |source| {
            if source.live {
                let until = self.source_until(subject, &source);
                let same = all.entry(Reverse(until)).or_default();
                same.extend(self.permissions_of(&source));
            }
            ControlFlow::<()>::Continue(())
        });
        let by_end = all.into_iter();
        by_end.map(|(Reverse(until), all)| (until, all)).collect()
    }

    /// Until when a subject may do something on all of a resource; `None` if it may
    /// not. Stops looking at what lasts until `enough`.
    pub(crate) fn may_until(
        self,
        subject: Subject,
        wanted: &Pattern,
        node: Node,
        enough: Expiry,
    ) -> Option<Expiry> {
        let mut latest = None;
        if !self.has_access(subject) {
            return latest;
        }
        let _ = self.sources(subject, node, |source| {
            if source.live && self.gives(&source, wanted, node, &Parameters::none()) {
                latest = latest.max(Some(self.source_until(subject, &source)));
            }
            match latest >= Some(enough) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        latest
    }
}
