//! The users who see a resource, attached to it or not.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::member::{Attached, Effective, Include, Member};
use super::{Branch, fetch};
use crate::id::UserNumber;
use crate::model::Subject;
use crate::state::Tree;

impl<'a> Branch<'a> {
    /// All users in the list of effective members.
    pub(super) fn included(&self, include: Include) -> Vec<Member<'a>> {
        let attached: Vec<Attached<'a>> = self.members().collect();
        fetch::users(&attached);
        fetch::shown(&attached, self.found());
        let mut members: Vec<Member<'a>> = attached.into_iter().map(Member::from).collect();
        if let Include::Effective { expired, .. } = include
            && self.node() != Tree::ROOT
        {
            let attached: BTreeSet<UserNumber> =
                members.iter().map(|it| it.user().number).collect();
            let others = self.others(expired);
            let others = others.difference(&attached);
            members.extend(others.filter_map(|user| {
                let row = self.state().user_node(*user)?;
                Some(Member {
                    row,
                    membership: None,
                    effective: None,
                })
            }));
        }
        let members = members.into_iter();
        let included = members.filter_map(|member| self.include(member, include));
        included.collect()
    }

    /// Users who may see the resource without being attached to it: those who
    /// were granted a role there or above. `expired`: also through what counts
    /// no more, a membership here included.
    fn others(&self, expired: bool) -> BTreeSet<UserNumber> {
        let view = self.view();
        let mut others = BTreeSet::new();
        if expired {
            others.extend(self.found().members.keys().copied());
        }
        for (on, found) in view.state.up(self.node()) {
            for (key, grant) in found.grants.iter() {
                if !expired && !grant.expires_at().is_live(view.at) {
                    continue;
                }
                match key.subject {
                    Subject::User(user) if expired || view.is_member(on, user) => {
                        others.insert(user);
                    }
                    Subject::Group(group) => {
                        let users = view.state.group_node(group).into_iter();
                        others.extend(users.flat_map(|row| row.users.keys().copied()));
                    }
                    Subject::User(_) | Subject::Service(_) => {}
                }
            }
        }
        others
    }

    /// A user as a list includes it, if it does.
    pub(super) fn include(&self, member: Member<'a>, include: Include) -> Option<Member<'a>> {
        let Include::Effective { inactive, expired } = include else {
            return Some(member);
        };
        let is_active = member.user().status.has_access();
        let sees_now = self.sees_now(&member)?;
        let effective = match (is_active, sees_now) {
            (true, true) => Effective::Active,
            (false, true) if inactive => Effective::Inactive,
            (true, false) if expired => Effective::Expired,
            (false, false) if inactive && expired => Effective::Inactive,
            _ => return None,
        };
        let written = || self.found().members.get(&member.user().number).copied();
        Some(Member {
            membership: match sees_now {
                true => member.membership,
                // When it ended tells why the user no longer sees the resource.
                false => member.membership.or_else(written),
            },
            effective: Some(effective),
            ..member
        })
    }

    /// Whether a user, if active, sees the resource: by what counts now, or
    /// else by what counted once. `None`: by neither.
    fn sees_now(&self, member: &Member<'a>) -> Option<bool> {
        let view = self.view();
        // Most users of most resources are members of a kind that members see.
        if member.membership.is_some() && view.members_see(self.found().kind) {
            return Some(true);
        }
        let kind = view.kind_position_of(self.node())?;
        let mut ended = None;
        let now = self.sources(member.row, |source| {
            match view.shows(&source, self.node(), kind) {
                true if source.live => return ControlFlow::Break(()),
                true => ended = Some(false),
                false => {}
            }
            ControlFlow::Continue(())
        });
        if now.is_break() { Some(true) } else { ended }
    }
}
