//! The users who see a resource, attached to it or not.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::member::{Effective, Include, Member, Person};
use super::{Branch, fetch};
use crate::id::UserNumber;
use crate::model::Subject;
use crate::state::Tree;

impl<'a> Branch<'a> {
    pub(super) fn included(&self, include: Include) -> Vec<Person<'a>> {
        let members: Vec<Member<'a>> = self.members().collect();
        fetch::users(&members);
        fetch::shown(&members, self.found());
        let members = members.into_iter().map(Person::from);
        let Include::Effective { expired, .. } = include else {
            return members.collect();
        };
        let mut people: Vec<Person<'a>> = members.collect();
        if self.node() != Tree::ROOT {
            let attached: BTreeSet<UserNumber> = people.iter().map(|it| it.user().number).collect();
            let others = self.others(expired);
            let others = others.difference(&attached);
            people.extend(others.filter_map(|user| {
                let row = self.state().user_node(*user)?;
                Some(Person {
                    row,
                    membership: None,
                    effective: None,
                })
            }));
        }
        let people = people.into_iter();
        let included = people.filter_map(|person| self.include(person, include));
        included.collect()
    }

    /// Users who may see the resource without being attached to it: those who
    /// were granted a role there or above. `expired`: also through what counts
    /// no more, a membership here included.
    fn others(&self, expired: bool) -> BTreeSet<UserNumber> {
        let (state, at) = (self.state(), self.at());
        let mut others = BTreeSet::new();
        if expired {
            others.extend(self.found().members.keys().copied());
        }
        for (on, found) in state.up(self.node()) {
            for (key, grant) in found.grants.iter() {
                if !expired && !grant.expires_at().is_live(at) {
                    continue;
                }
                match key.subject {
                    Subject::User(user) if expired || state.is_member(on, user, at) => {
                        others.insert(user);
                    }
                    Subject::Group(group) => {
                        let users = state.group_node(group).into_iter();
                        others.extend(users.flat_map(|row| row.users.keys().copied()));
                    }
                    Subject::User(_) | Subject::Service(_) => {}
                }
            }
        }
        others
    }

    /// A person as it is to be included, if it is.
    pub(super) fn include(&self, person: Person<'a>, include: Include) -> Option<Person<'a>> {
        let Include::Effective { inactive, expired } = include else {
            return Some(person);
        };
        let is_active = person.user().status.has_access();
        let sees_now = self.sees_now(&person)?;
        let effective = match (is_active, sees_now) {
            (true, true) => Effective::Active,
            (false, true) if inactive => Effective::Inactive,
            (true, false) if expired => Effective::Expired,
            (false, false) if inactive && expired => Effective::Inactive,
            _ => return None,
        };
        let written = || self.found().members.get(&person.user().number).copied();
        Some(Person {
            membership: match sees_now {
                true => person.membership,
                // When it ended tells why the user no longer sees the resource.
                false => person.membership.or_else(written),
            },
            effective: Some(effective),
            ..person
        })
    }

    /// Whether a person, if active, sees the resource: by what counts now, or
    /// else by what counted once. `None`: by neither.
    fn sees_now(&self, person: &Person<'a>) -> Option<bool> {
        let state = self.state();
        // Most people of most resources are members of a kind that members see.
        if person.membership.is_some() && state.members_see(self.found().kind) {
            return Some(true);
        }
        let kind = state.kind_position_of(self.node())?;
        let mut ended = None;
        let now = self.sources(person.row, |source| {
            match state.shows(&source, self.node(), kind) {
                true if source.live => return ControlFlow::Break(()),
                true => ended = Some(false),
                false => {}
            }
            ControlFlow::Continue(())
        });
        if now.is_break() { Some(true) } else { ended }
    }
}
