//! The users of a resource as lists show them, and their places in a list.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Sort, Value};
use crate::caller::Actor;
use crate::id::UserId;
use crate::model::{Membership, User};
use crate::state::{State, UserNode};

/// Somebody who is attached to a resource.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Who, with what hangs on it.
    pub row: &'a UserNode,
    /// Since when and until when. For the root: since it was added.
    pub membership: Membership,
}

impl<'a> Member<'a> {
    /// Who.
    #[must_use]
    pub fn user(&self) -> &'a User {
        &self.row.user
    }

    /// Who attached the user, as the state that the member is of knows it. For the root:
    /// who added the user.
    #[must_use]
    pub fn added_by(&self, state: &State) -> Option<Actor> {
        state.added_by(self.user(), self.membership)
    }
}

/// A user of a resource.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// Who, with what hangs on it.
    pub row: &'a UserNode,
    /// Since when and until when it is attached, if it is.
    pub membership: Option<Membership>,
    /// In what sense it sees the resource. `None` where a list is of those who
    /// are attached: whether they see it was not asked.
    pub effective: Option<Effective>,
}

impl<'a> Person<'a> {
    /// Who.
    #[must_use]
    pub fn user(&self) -> &'a User {
        &self.row.user
    }

    /// Who attached the user, if it is attached, as the state that the person is of
    /// knows it. For the root: who added the user.
    #[must_use]
    pub fn added_by(&self, state: &State) -> Option<Actor> {
        state.added_by(self.user(), self.membership?)
    }
}

impl<'a> From<Member<'a>> for Person<'a> {
    fn from(member: Member<'a>) -> Self {
        Self {
            row: member.row,
            membership: Some(member.membership),
            effective: None,
        }
    }
}

/// Whom a list is to include.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Include {
    /// Those who are attached to the resource itself.
    #[default]
    Direct,
    /// The active users who see the resource ([`State::sees`]), attached or not,
    /// and, if asked for, those who would if they were active or if nothing had
    /// expired.
    Effective {
        /// Inactive users too.
        inactive: bool,
        /// Users too who saw it through what has expired. An expired membership
        /// or grant is known until a sweep writes that it is gone.
        expired: bool,
    },
}

impl Include {
    /// The active users who see the resource.
    pub const EFFECTIVE: Self = Self::Effective {
        inactive: false,
        expired: false,
    };
}

/// In what sense a user is one of those who see a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effective {
    /// It is active and sees the resource.
    Active,
    /// It is inactive, and would see the resource if it were active.
    Inactive,
    /// It saw the resource through what has expired and is not yet swept away.
    Expired,
}

/// A part of a list, and how long the whole is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What was asked for.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: usize,
}

/// Where a page begins: right after this place in the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// What the last one was sorted by.
    pub value: Last,
    /// Who that was.
    pub id: UserId,
}

/// What the last user of a page was sorted by, as a cursor holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Last {
    /// A value.
    Value(Value),
    /// A name: its sort key is made anew from it, as the bytes of sort keys may
    /// differ between two versions.
    Name {
        /// The name.
        name: String,
    },
}

impl After {
    /// Whether this is a place in an order. One by name that is a text in lower
    /// case is not: names were sorted by that before they were collated.
    #[must_use]
    pub fn fits(&self, sort: Sort) -> bool {
        match &self.value {
            Last::Value(Value::Text(_)) => !sort.by.is_name(),
            Last::Value(_) => true,
            Last::Name { .. } => sort.by.is_name(),
        }
    }

    /// What the last user of the page before was sorted by.
    #[must_use]
    pub fn value(&self) -> Cow<'_, Value> {
        match &self.value {
            Last::Value(value) => Cow::Borrowed(value),
            Last::Name { name } => Cow::Owned(Value::name(name)),
        }
    }
}
