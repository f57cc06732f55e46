//! Lists of the users of a resource: filtered, sorted, cut.

use std::cmp::Ordering;

use attache_core::Caller;
use attache_core::ask::{Cut, Filter, MemberPlace, MemberQuery};
use attache_core::id::{ResourceId, UserId};
use attache_core::model::{Email, Name, Status};
use attache_core::time::Timestamp;

use super::find::same_key;
use super::known::Known;
use super::reach::Person;
use super::{Tenant, collation};

/// A page of a list.
pub(crate) struct ListPage<T> {
    pub(crate) items: Vec<T>,
    pub(crate) total: usize,
    /// Whether anything stands before and after it.
    pub(crate) beside: (bool, bool),
}

impl<T: Clone> ListPage<T> {
    /// A page of things that stand in order. `order` tells how one stands to a place.
    pub(crate) fn cut<P>(
        all: &[T],
        cut: &Cut<P>,
        take: usize,
        order: impl Fn(&T, &P) -> Ordering,
    ) -> Self {
        let are = |place: &P, wanted: &[Ordering]| {
            let is = |one: &&T| wanted.contains(&order(one, place));
            all.iter().filter(is).count()
        };
        let (begin, end) = match cut {
            Cut::Start => (0, take),
            Cut::Skip(count) => (*count, count.saturating_add(take)),
            Cut::After(place) => {
                let begin = are(place, &[Ordering::Less, Ordering::Equal]);
                (begin, begin.saturating_add(take))
            }
            Cut::Before(place) => {
                let end = are(place, &[Ordering::Less]);
                (end.saturating_sub(take), end)
            }
        };
        let end = end.min(all.len());
        let begin = begin.min(end);
        let items = all[begin..end].to_vec();
        let is_empty = items.is_empty();
        Self {
            items,
            total: all.len(),
            beside: (begin > 0 && !is_empty, end < all.len() && !is_empty),
        }
    }
}

impl Tenant {
    /// A page of the users of a resource, as far as a reader sees what they hold.
    pub(crate) fn list(
        &self,
        on: ResourceId,
        at: Timestamp,
        query: &MemberQuery,
        reader: &Caller,
    ) -> ListPage<Person<'_>> {
        let mut found: Vec<(Known, Person<'_>)> = Vec::new();
        for user in &self.users {
            let Some(person) = self.include(on, user, at, query.include) else {
                continue;
            };
            let passes = |filter| self.passes(on, &person, filter, at, reader);
            if query.filters.iter().all(passes) {
                let since = person.1.map(|it| it.0);
                found.push((self.known(on, user, since, query.sort.by, at), person));
            }
        }
        let order = |a: (&Known, UserId), b: (&Known, UserId)| {
            let by_value = a.0.partial_cmp(b.0).expect("all of them compare");
            let by_value = match query.sort.descending {
                true => by_value.reverse(),
                false => by_value,
            };
            by_value.then(a.1.cmp(&b.1))
        };
        found.sort_by(|(a, x), (b, y)| order((a, x.0.id), (b, y.0.id)));
        let page = ListPage::cut(
            &found,
            &query.cut,
            query.take,
            |(known, person), place: &MemberPlace| {
                let value = Known::from(&*place.value());
                order((known, person.0.id), (&value, place.id))
            },
        );
        ListPage {
            items: page.items.into_iter().map(|(_, person)| person).collect(),
            total: page.total,
            beside: page.beside,
        }
    }

    fn passes(
        &self,
        on: ResourceId,
        person: &Person<'_>,
        filter: &Filter,
        at: Timestamp,
        reader: &Caller,
    ) -> bool {
        let (user, attached, _) = *person;
        match filter {
            Filter::Admin(wanted) => self.is_admin(user.id, at) == *wanted,
            Filter::Reads(field, text) => {
                let own = self.text(user, *field);
                own.is_some_and(|own| collation::reads(&own, text.as_str()))
            }
            Filter::Status(status) => user.status == *status,
            Filter::StatusIsNot(status) => {
                let all = [Status::Active, Status::Inactive, Status::Invited];
                let others = all.iter().filter(|it| *it != status);
                others.into_iter().any(|other| user.status == *other)
            }
            Filter::Group(number) => {
                let mut groups = self.groups.iter();
                let group = groups.find(|group| group.number == *number);
                group.is_some_and(|group| self.is_in_group(group.id, user.id))
            }
            Filter::Role(index) => {
                let role = self.roles_ever.get(usize::from(index.0));
                let through = self.through(on, user.id, at, reader).into_iter();
                let mut roles = through.filter_map(|it| Some(it.granted?.0));
                role.is_some_and(|role| roles.any(|held| held == &**role))
            }
            Filter::Text(text) => {
                let names = [&user.profile.first_name, &user.profile.last_name];
                let names: Vec<&str> = names.into_iter().flatten().map(Name::as_str).collect();
                let email = user.profile.email.as_ref().map_or("", Email::as_str);
                let key = user.key.as_ref().map_or("", |key| key.as_str());
                let texts = [&*names.join(" "), email, key];
                let has = |it: &str| collation::has(it, text.as_str());
                texts.into_iter().any(has)
            }
            Filter::Is(field, value) => {
                let since = attached.map(|it| it.0);
                self.known(on, user, since, *field, at) == Known::from(value)
            }
            Filter::Key(key) => {
                let own = user.key.as_ref();
                own.is_some_and(|own| same_key(own.as_str(), key))
            }
            Filter::ExternalId(id) => {
                let own = user.facts.external_auth_id.as_ref();
                own.is_some_and(|own| same_key(&own.to_string(), &id.to_string()))
            }
        }
    }
}
