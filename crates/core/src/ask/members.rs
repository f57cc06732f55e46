//! Who is attached to this resource? Filtered, sorted, paged.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::caller::Actor;
use crate::id::{Node, UserNumber};
use crate::model::{Email, Membership, Name, Status, User};
use crate::state::{State, Tree};
use crate::time::{Expiry, Timestamp};

/// Somebody who is attached to a resource.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member<'a> {
    /// Who.
    pub user: &'a User,
    /// Since when and until when. For the root: since it was added.
    pub membership: Membership,
}

/// Something that is known of a member, to filter and sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The user's id.
    Id,
    /// The user's number.
    Number,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// First name, a space, last name; what is missing is empty.
    FullName,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Whether the e-mail address is the user's for sure.
    EmailVerified,
    /// Whether the user has yet to log in for the first time.
    FirstLogin,
    /// The user's id at the identity provider.
    ExternalAuthId,
    /// Active, inactive, invited.
    Status,
    /// When the user was added to the tenant.
    CreatedAt,
    /// By which user or service.
    CreatedBy,
    /// When the user was last changed.
    UpdatedAt,
    /// By which user or service.
    UpdatedBy,
    /// When the user was attached.
    Added,
    /// The name of the first role, in the order of the catalogue, that the
    /// user holds on this very resource.
    FirstRole,
}

/// What a field can be. Texts are compared without case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Value {
    /// It is not known.
    Nothing,
    /// A text, in lower case.
    Text(String),
    /// A number.
    Number(u32),
    /// Yes or no.
    Bool(bool),
    /// An instant.
    Time(Timestamp),
    /// An id.
    Id(Uuid),
    /// A status.
    Status(Status),
}

impl Value {
    /// A text, to be compared without case.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_lowercase())
    }
}

/// Which members are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Those whose field is this.
    Is(Field, Value),
    /// Those who hold `admin` on the root, or those who do not.
    Admin(bool),
    /// Those who are inactive, or those who are not.
    Inactive(bool),
}

/// The order. Equal ones stand by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: Field,
    /// From the highest to the lowest. Ids stay in their order.
    pub descending: bool,
}

impl Sort {
    /// From the lowest to the highest.
    #[must_use]
    pub fn ascending(by: Field) -> Self {
        Self {
            by,
            descending: false,
        }
    }
}

/// Which members are wanted, in which order, how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// The order.
    pub sort: Sort,
    /// How many to leave out at the beginning.
    pub skip: usize,
    /// How many at the most; `None` for all.
    pub take: Option<usize>,
}

impl List {
    /// All of them, in an order.
    #[must_use]
    pub fn all(by: Field) -> Self {
        Self {
            filters: Vec::new(),
            sort: Sort::ascending(by),
            skip: 0,
            take: None,
        }
    }

    /// Only those for whom this holds too.
    #[must_use]
    pub fn only(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }
}

/// A part of a list, and how long the whole is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What was asked for.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: usize,
}

impl State {
    /// Who is attached to a resource itself, at an instant, by number.
    pub fn members(&self, node: Node, at: Timestamp) -> impl Iterator<Item = Member<'_>> {
        let everybody = (node == Tree::ROOT).then(|| {
            self.users().map(|row| Member {
                user: &row.user,
                membership: Membership {
                    added_at: row.user.created_at,
                    expires_at: Expiry::NEVER,
                },
            })
        });
        let attached = self
            .node(node)
            .filter(|_| node != Tree::ROOT)
            .into_iter()
            .flat_map(move |found| {
                found
                    .members
                    .iter()
                    .filter(move |(user, membership)| {
                        membership.expires_at.is_live(at) && self.parent_allows(found, **user, at)
                    })
                    .filter_map(|(user, membership)| {
                        Some(Member {
                            user: self.user(*user)?,
                            membership: *membership,
                        })
                    })
            });
        everybody.into_iter().flatten().chain(attached)
    }

    /// A member, if that user is one.
    #[must_use]
    pub fn member(&self, node: Node, user: UserNumber, at: Timestamp) -> Option<Member<'_>> {
        let membership = match self.node(node)?.members.get(&user) {
            Some(membership) => *membership,
            None => Membership {
                added_at: self.user(user)?.created_at,
                expires_at: Expiry::NEVER,
            },
        };
        self.is_member(node, user, at).then_some(Member {
            user: self.user(user)?,
            membership,
        })
    }

    /// A page of those who are attached to a resource itself, at an instant.
    #[must_use]
    pub fn list(&self, node: Node, at: Timestamp, list: &List) -> Page<Member<'_>> {
        let mut found: Vec<(Value, Member<'_>)> = self
            .members(node, at)
            .filter(|member| {
                let passes = |filter| self.passes(node, member, filter, at);
                list.filters.iter().all(passes)
            })
            .map(|member| (self.value_of(node, &member, list.sort.by, at), member))
            .collect();
        found.sort_by(|(a, x), (b, y)| {
            let order = if list.sort.descending {
                b.cmp(a)
            } else {
                a.cmp(b)
            };
            order.then_with(|| x.user.id.cmp(&y.user.id))
        });
        let total = found.len();
        let items = found
            .into_iter()
            .skip(list.skip)
            .take(list.take.unwrap_or(usize::MAX))
            .map(|(_, member)| member)
            .collect();
        Page { items, total }
    }

    fn passes(&self, node: Node, member: &Member<'_>, filter: &Filter, at: Timestamp) -> bool {
        match filter {
            Filter::Is(field, wanted) => {
                self.value_of(node, member, *field, at).cmp(wanted) == Ordering::Equal
            }
            Filter::Admin(wanted) => self.is_admin(member.user.number, at) == *wanted,
            Filter::Inactive(wanted) => member.user.status.has_access() != *wanted,
        }
    }

    fn value_of(&self, node: Node, member: &Member<'_>, field: Field, at: Timestamp) -> Value {
        self.value(node, member.user, Some(&member.membership), field, at)
    }

    /// What is known of a user, seen from a resource that it may be attached to.
    pub(super) fn value(
        &self,
        node: Node,
        user: &User,
        membership: Option<&Membership>,
        field: Field,
        at: Timestamp,
    ) -> Value {
        fn text(text: Option<&str>) -> Value {
            text.map_or(Value::Nothing, Value::text)
        }
        fn actor(actor: Actor) -> Value {
            match actor {
                Actor::User(id) => Value::Id(id.0),
                Actor::Service(id) => Value::Id(id.0),
                Actor::Operator | Actor::Attache => Value::Nothing,
            }
        }
        let profile = &user.profile;
        match field {
            Field::Id => Value::Id(user.id.0),
            Field::Number => Value::Number(user.number.0),
            Field::FirstName => text(profile.first_name.as_ref().map(Name::as_str)),
            Field::LastName => text(profile.last_name.as_ref().map(Name::as_str)),
            Field::FullName => {
                let first = profile.first_name.as_ref().map_or("", Name::as_str);
                let last = profile.last_name.as_ref().map_or("", Name::as_str);
                Value::text(&format!("{first} {last}"))
            }
            Field::Email => text(profile.email.as_ref().map(Email::as_str)),
            Field::Phone => text(profile.phone.as_ref().map(Name::as_str)),
            Field::EmailVerified => Value::Bool(user.facts.email_verified),
            Field::FirstLogin => Value::Bool(user.facts.first_login),
            Field::ExternalAuthId => user
                .facts
                .external_auth_id
                .map_or(Value::Nothing, Value::Id),
            Field::Status => Value::Status(user.status),
            Field::CreatedAt => Value::Time(user.created_at),
            Field::CreatedBy => actor(user.created_by),
            Field::UpdatedAt => Value::Time(user.updated_at),
            Field::UpdatedBy => actor(user.updated_by),
            Field::Added => membership.map_or(Value::Nothing, |it| Value::Time(it.added_at)),
            Field::FirstRole => text(
                self.roles_on(node, user.number, at)
                    .first()
                    .map(|role| role.name.as_str()),
            ),
        }
    }
}
