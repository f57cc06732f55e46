//! Who is attached to this resource, or sees it, and through what? Filtered,
//! sorted, and paged so that writes in between lose nobody.

use std::ops::ControlFlow;

use super::crowd::Kept;
use super::member::{After, Include, Last, Member, Page, Person};
use super::{Branch, Field, Sort, Source, SourceKind, Value, fetch};
use crate::collation::Folded;
use crate::id::{GroupNumber, Node, UserNumber};
use crate::model::{ExternalId, Status};
use crate::state::{RoleIndex, State, Tree, texts_of};
use crate::time::Timestamp;

/// Which people are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those of this status.
    Status(Status),
    /// Those in this group.
    Group(GroupNumber),
    /// Those to whom this role gives something on the resource, wherever it
    /// was granted, as far as the reader sees where ([`Branch::shown_to`]).
    Role(RoleIndex),
    /// Those whose full name, e-mail address or key contains this, without case
    /// and accents.
    Text(Folded),
    /// Those whose field is this.
    Is(Field, Value),
    /// The one with this key ([`State::users_by_key`]).
    Key(Box<str>),
    /// The one with this id at an identity provider ([`State::users_by_external_id`]).
    ExternalId(ExternalId),
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
        match self.branch(node, at) {
            Some(branch) => branch.people(people),
            None => {
                let (items, total) = (Vec::new(), 0);
                (Page { items, total }, None)
            }
        }
    }

    /// Everything through which a user reaches a resource, at an instant: its
    /// membership, its grants and those of its groups, there and above.
    #[must_use]
    pub fn via(&self, node: Node, user: UserNumber, at: Timestamp) -> Vec<Source<'_>> {
        match (self.branch(node, at), self.user_node(user)) {
            (Some(branch), Some(user)) => branch.via(user),
            _ => Vec::new(),
        }
    }
}

impl<'a> Branch<'a> {
    /// A page of the resource's people, and where the next one begins, if there
    /// is one.
    #[must_use]
    pub fn people(&self, people: &People) -> (Page<Person<'a>>, Option<After>) {
        if let Some(few) = self.found_by_index(people) {
            return self.sorted_people(people, few);
        }
        let kept = match people.include {
            // Every user is attached to the root: nobody else can see it.
            Include::Effective { .. } if self.node() != Tree::ROOT => None,
            Include::Direct | Include::Effective { .. } => self.kept(people.sort),
        };
        match kept {
            Some(kept) => self.kept_people(kept, people),
            None => self.sorted_people(people, self.included(people.include)),
        }
    }

    /// The members among whom all are that are wanted, where an index finds them: what is
    /// wanted is a key or an id that one user has.
    fn found_by_index(&self, people: &People) -> Option<Vec<Person<'a>>> {
        let users = self.few_wanted(people)?.into_iter();
        let members = users.filter_map(|user| self.state().member(self.node(), user, self.at()));
        Some(members.map(Person::from).collect())
    }

    /// Their numbers, whether or not they are members.
    pub(super) fn few_wanted(&self, people: &People) -> Option<Vec<UserNumber>> {
        if people.include != Include::Direct {
            return None;
        }
        people.wanted.iter().find_map(|wanted| match wanted {
            Wanted::Key(key) => Some(self.state().users_by_key(key)),
            Wanted::ExternalId(id) => Some(self.state().users_by_external_id(id).collect()),
            _ => None,
        })
    }

    fn kept_people(
        &self,
        kept: Kept<'_, 'a>,
        people: &People,
    ) -> (Page<Person<'a>>, Option<After>) {
        let mut wanted: Vec<&Wanted> = people.wanted.iter().collect();
        let text = people.wanted.iter().enumerate().find_map(|(place, it)| {
            let Wanted::Text(text) = it else { return None };
            Some((place, self.with_text(text)?))
        });
        let marked = text.map(|(place, marked)| {
            wanted.remove(place);
            marked
        });
        let included = |member: &Member<'a>| self.include((*member).into(), people.include);
        let is_wanted = |member: &Member<'a>| {
            let is = |person: Person<'a>| wanted.iter().all(|it| self.is_wanted(&person, it));
            included(member).is_some_and(is)
        };
        let all = wanted.is_empty() && people.include == Include::Direct;
        let only = self.only(marked, (!all).then_some(&is_wanted));
        let begin = people.after.as_ref().map_or(0, |after| kept.after(after));
        // One more tells whether there is a next page.
        let page = kept.page(only.as_ref(), begin, 0, people.take.saturating_add(1));
        fetch::shown(&page.items, self.found());
        let mut items: Vec<Person<'a>> = page.items.iter().filter_map(included).collect();
        let more = items.len() > people.take;
        items.truncate(people.take);
        let last = items.last().filter(|_| more);
        let next = last.map(|person| self.after(person, people.sort));
        let total = page.total;
        (Page { items, total }, next)
    }

    fn sorted_people(
        &self,
        people: &People,
        included: Vec<Person<'a>>,
    ) -> (Page<Person<'a>>, Option<After>) {
        let wanted = |person: &Person<'a>| {
            let is = |wanted| self.is_wanted(person, wanted);
            people.wanted.iter().all(is)
        };
        let value = |person: Person<'a>| {
            let membership = person.membership.as_ref();
            (self.value(person.row, membership, people.sort.by), person)
        };
        let wanted = included.into_iter().filter(wanted);
        let mut found: Vec<(Value, Person<'a>)> = wanted.map(value).collect();
        let sort = people.sort;
        found.sort_by(|(a, x), (b, y)| sort.compare((a, x.user().id), (b, y.user().id)));
        let total = found.len();
        let begin = people.after.as_ref().map_or(0, |after| {
            let last = after.value();
            found.partition_point(|(value, person)| {
                let place = (value, person.user().id);
                sort.compare(place, (&last, after.id)).is_le()
            })
        });
        let end = begin.saturating_add(people.take).min(total);
        let next = (end < total && end > begin)
            .then(|| found.get(end - 1))
            .flatten()
            .map(|(_, person)| self.after(person, sort));
        let items = found.drain(begin..end).map(|(_, person)| person).collect();
        (Page { items, total }, next)
    }

    /// The place of a user in an order.
    fn after(&self, person: &Person<'a>, sort: Sort) -> After {
        let user = person.user();
        let name = sort.by.text(user).filter(|_| sort.by.is_name());
        After {
            value: match name {
                Some(name) => Last::Name {
                    name: name.into_owned(),
                },
                None => {
                    let membership = person.membership.as_ref();
                    Last::Value(self.value(person.row, membership, sort.by))
                }
            },
            id: user.id,
        }
    }

    fn is_wanted(&self, person: &Person<'a>, wanted: &Wanted) -> bool {
        let user = person.user();
        match wanted {
            Wanted::Status(status) => user.status == *status,
            Wanted::Group(group) => person.row.groups.contains(group),
            Wanted::Role(role) => {
                let visit = |source: Source<'_>| match source.kind {
                    SourceKind::Grant { key, .. }
                        if source.live && key.role == *role && self.is_shown(&source) =>
                    {
                        ControlFlow::Break(())
                    }
                    _ => ControlFlow::Continue(()),
                };
                self.sources(person.row, visit).is_break()
            }
            Wanted::Text(text) => texts_of(user).any(|it| it.contains(text.as_str())),
            Wanted::Is(field, value) => {
                self.value(person.row, person.membership.as_ref(), *field) == *value
            }
            Wanted::Key(key) => self.state().users_by_key(key).contains(&user.number),
            Wanted::ExternalId(id) => {
                let own = user.facts.external_auth_id.as_ref();
                own.is_some_and(|own| own.meaning() == id.meaning())
            }
        }
    }
}
