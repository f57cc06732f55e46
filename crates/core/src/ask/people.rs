//! Who can reach this resource, attached or not, and through what? Filtered,
//! sorted, and paged so that writes in between lose nobody.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::{Field, Page, Sort, Source, SourceKind, Value};
use crate::id::{GroupNumber, Key, Node, UserId, UserNumber};
use crate::model::{Membership, Status, Subject, User};
use crate::state::{RoleIndex, State, Tree};
use crate::time::Timestamp;

/// A user of a resource.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Person<'a> {
    /// Who.
    pub user: &'a User,
    /// Since when and until when it is attached, if it is.
    pub membership: Option<Membership>,
}

/// Whom a list is to include.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Include {
    /// Those who are attached to the resource itself.
    #[default]
    Direct,
    /// Those, and all who hold a role on it or above it, themselves or through
    /// a group. An inactive user stays listed: it has no access, and keeps what
    /// it was given.
    Effective,
}

/// Which people are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those of this status.
    Status(Status),
    /// Those in this group.
    Group(GroupNumber),
    /// Those to whom this role gives something on the resource, wherever it
    /// was granted.
    Role(RoleIndex),
    /// Those whose full name, e-mail address or key contains this, without case.
    Text(String),
    /// Those whose field is this.
    Is(Field, Value),
}

/// Where a page begins: right after this place in the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// What the last one was sorted by.
    pub value: Value,
    /// Who that was.
    pub id: UserId,
}

/// Which people are wanted, in which order, from where, how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct People {
    /// Whom to include.
    pub include: Include,
    /// All of these must hold.
    pub wanted: Vec<Wanted>,
    /// The order. Equal ones stand by id.
    pub sort: Sort,
    /// Where to begin; `None` for the beginning.
    pub after: Option<After>,
    /// How many at the most.
    pub take: usize,
}

impl State {
    /// A page of a resource's people, at an instant, and where the next one
    /// begins, if there is one.
    #[must_use]
    pub fn people(
        &self,
        node: Node,
        at: Timestamp,
        people: &People,
    ) -> (Page<Person<'_>>, Option<After>) {
        let mut found: Vec<(Value, Person<'_>)> = self
            .included(node, people.include, at)
            .into_iter()
            .filter(|person| {
                let is = |wanted| self.is_wanted(node, person, wanted, at);
                people.wanted.iter().all(is)
            })
            .map(|person| {
                let membership = person.membership.as_ref();
                let value = self.value(node, person.user, membership, people.sort.by, at);
                (value, person)
            })
            .collect();
        let order = |a: (&Value, UserId), b: (&Value, UserId)| {
            let values = match people.sort.descending {
                true => b.0.cmp(a.0),
                false => a.0.cmp(b.0),
            };
            values.then_with(|| a.1.cmp(&b.1))
        };
        found.sort_by(|(a, x), (b, y)| order((a, x.user.id), (b, y.user.id)));
        let total = found.len();
        let begin = people.after.as_ref().map_or(0, |after| {
            found.partition_point(|(value, person)| {
                order((value, person.user.id), (&after.value, after.id)).is_le()
            })
        });
        let end = begin.saturating_add(people.take).min(total);
        let next = (end < total && end > begin)
            .then(|| found.get(end - 1))
            .flatten()
            .map(|(value, person)| After {
                value: value.clone(),
                id: person.user.id,
            });
        let items = found.drain(begin..end).map(|(_, person)| person).collect();
        (Page { items, total }, next)
    }

    /// Everything through which a user reaches a resource, at an instant: its
    /// membership, its grants and those of its groups, there and above.
    #[must_use]
    pub fn via(&self, node: Node, user: UserNumber, at: Timestamp) -> Vec<Source<'_>> {
        let mut via = Vec::new();
        let _ = self.sources(Subject::User(user), node, at, |source| {
            if source.live {
                via.push(source);
            }
            ControlFlow::<()>::Continue(())
        });
        via
    }

    fn included(&self, node: Node, include: Include, at: Timestamp) -> Vec<Person<'_>> {
        let direct = self.members(node, at).map(|member| Person {
            user: member.user,
            membership: Some(member.membership),
        });
        let mut people: Vec<Person<'_>> = direct.collect();
        if include == Include::Direct || node == Tree::ROOT {
            return people;
        }
        let attached: BTreeSet<UserNumber> = people.iter().map(|it| it.user.number).collect();
        let mut others = BTreeSet::new();
        for (on, found) in self.up(node) {
            for (key, grant) in found.grants.iter() {
                if !grant.expires_at.is_live(at) {
                    continue;
                }
                match key.subject {
                    Subject::User(user) if self.is_member(on, user, at) => {
                        others.insert(user);
                    }
                    Subject::Group(group) => {
                        let users = self.group_node(group).into_iter();
                        others.extend(users.flat_map(|row| row.users.keys().copied()));
                    }
                    Subject::User(_) | Subject::Service(_) => {}
                }
            }
        }
        let others = others.difference(&attached);
        people.extend(others.filter_map(|user| {
            Some(Person {
                user: self.user(*user)?,
                membership: None,
            })
        }));
        people
    }

    fn is_wanted(&self, node: Node, person: &Person<'_>, wanted: &Wanted, at: Timestamp) -> bool {
        let user = person.user;
        match wanted {
            Wanted::Status(status) => user.status == *status,
            Wanted::Group(group) => self
                .user_node(user.number)
                .is_some_and(|row| row.groups.contains(group)),
            Wanted::Role(role) => self
                .sources(
                    Subject::User(user.number),
                    node,
                    at,
                    |source| match source.kind {
                        SourceKind::Grant { key, .. } if source.live && key.role == *role => {
                            ControlFlow::Break(())
                        }
                        _ => ControlFlow::Continue(()),
                    },
                )
                .is_break(),
            Wanted::Text(text) => {
                let text = text.to_lowercase();
                let email = user.profile.email.as_ref().map(|email| email.as_str());
                let texts = [email, user.key.as_ref().map(Key::as_str)];
                let name = user.profile.full_name();
                let mut texts = texts.into_iter().flatten().chain([name.as_str()]);
                texts.any(|it| it.to_lowercase().contains(&text))
            }
            Wanted::Is(field, value) => {
                self.value(node, user, person.membership.as_ref(), *field, at) == *value
            }
        }
    }
}
