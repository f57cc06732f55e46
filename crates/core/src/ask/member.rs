//! The users of a resource as lists show them, and their places in a list.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Page, Sort, Value};
use crate::caller::Actor;
use crate::id::UserId;
use crate::model::{Membership, User};
use crate::origin::Origin;
use crate::state::{State, UserNode};
use crate::time::Timestamp;

/// A user who is attached to a resource.
#[derive(Clone, Copy, Debug)]
pub struct Attached<'a> {
    /// The user, and what is indexed with it.
    pub row: &'a UserNode,
    /// Since when and until when. For the root: since the user was added.
    pub membership: Membership,
}

impl<'a> Attached<'a> {
    /// The user.
    #[must_use]
    pub fn user(&self) -> &'a User {
        &self.row.user
    }

    /// The actor that attached the user, in the state that this is of. For the root: the
    /// actor that added the user.
    #[must_use]
    pub fn added_by(&self, state: &State) -> Option<Actor> {
        state.added_by(self.user(), self.membership)
    }

    /// The door through which the membership came, in the state that this is of. For the root:
    /// the one through which the user was added.
    #[must_use]
    pub fn origin(&self, state: &State) -> Origin {
        state.membership_origin(self.user().number, self.membership)
    }

    /// When the membership last changed, in the state that this is of:
    /// [`State::membership_updated_at`].
    #[must_use]
    pub fn updated_at(&self, state: &State) -> Timestamp {
        state.membership_updated_at(self.user().number, self.membership)
    }
}

/// A user of a resource, attached or not.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The user, and what is indexed with it.
    pub row: &'a UserNode,
    /// Since when and until when the user is attached, if it is.
    pub membership: Option<Membership>,
    /// In what sense the user sees the resource. `None` in a list with [`Include::Direct`]:
    /// whether attached users see the resource is not looked at.
    pub effective: Option<Effective>,
}

impl<'a> Member<'a> {
    /// The user.
    #[must_use]
    pub fn user(&self) -> &'a User {
        &self.row.user
    }

    /// The user with its membership, if it is attached.
    #[must_use]
    pub fn attached(&self) -> Option<Attached<'a>> {
        Some(Attached {
            row: self.row,
            membership: self.membership?,
        })
    }

    /// The actor that attached the user, if it is attached, in the state that this is of.
    /// For the root: the actor that added the user.
    #[must_use]
    pub fn added_by(&self, state: &State) -> Option<Actor> {
        state.added_by(self.user(), self.membership?)
    }

    /// The door through which the membership came, if the user is attached, in the state that
    /// this is of. For the root: the one through which the user was added.
    #[must_use]
    pub fn origin(&self, state: &State) -> Option<Origin> {
        Some(self.attached()?.origin(state))
    }

    /// When the membership last changed, if the user is attached, in the state that this is of:
    /// [`State::membership_updated_at`].
    #[must_use]
    pub fn updated_at(&self, state: &State) -> Option<Timestamp> {
        Some(self.attached()?.updated_at(state))
    }
}

impl<'a> From<Attached<'a>> for Member<'a> {
    fn from(attached: Attached<'a>) -> Self {
        Self {
            row: attached.row,
            membership: Some(attached.membership),
            effective: None,
        }
    }
}

/// What lists are filtered and sorted from: [`Attached`] while the list is of attached users
/// only, since it is smaller.
pub(super) trait Listed<'a>: Copy + Into<Member<'a>> {
    fn row(&self) -> &'a UserNode;
    fn membership(&self) -> Option<&Membership>;
}

impl<'a> Listed<'a> for Attached<'a> {
    fn row(&self) -> &'a UserNode {
        self.row
    }

    fn membership(&self) -> Option<&Membership> {
        Some(&self.membership)
    }
}

impl<'a> Listed<'a> for Member<'a> {
    fn row(&self) -> &'a UserNode {
        self.row
    }

    fn membership(&self) -> Option<&Membership> {
        self.membership.as_ref()
    }
}

/// The users that a list includes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Include {
    /// The users who are attached to the resource itself.
    #[default]
    Direct,
    /// The active users who see the resource ([`View::sees`](super::View::sees)), attached or not, and, if
    /// asked for, those who would if they were active or if nothing had expired.
    Effective {
        /// Inactive users too.
        inactive: bool,
        /// Users too who saw the resource through what has expired. An expired membership or
        /// grant is known until a sweep writes that it is gone.
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

/// Why a list of effective members has a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effective {
    /// The user is active and sees the resource.
    Active,
    /// The user is inactive, and would see the resource if it were active.
    Inactive,
    /// The user saw the resource through what has expired and is not yet swept away.
    Expired,
}

/// A page of the users of a resource.
pub type MemberPage<'a> = Page<Member<'a>, MemberPlace>;

/// The place of a user in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberPlace {
    /// The value that the user is sorted by.
    pub value: PlaceValue,
    /// The user.
    pub id: UserId,
}

/// The value that a user of a list is sorted by, as a cursor holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PlaceValue {
    /// A value.
    Value(Value),
    /// A name: its sort key is made anew from it, as the bytes of sort keys may differ
    /// between two versions.
    Name {
        /// The name.
        name: String,
    },
}

impl MemberPlace {
    /// Whether this is a place in an order. A place by name that is a text in lower case is
    /// none: names were sorted by that before they were collated.
    #[must_use]
    pub fn fits(&self, sort: Sort) -> bool {
        match &self.value {
            PlaceValue::Value(Value::Text(_)) => !sort.by.is_name(),
            PlaceValue::Value(_) => true,
            PlaceValue::Name { .. } => sort.by.is_name(),
        }
    }

    /// The value that the user is sorted by.
    #[must_use]
    pub fn value(&self) -> Cow<'_, Value> {
        match &self.value {
            PlaceValue::Value(value) => Cow::Borrowed(value),
            PlaceValue::Name { name } => Cow::Owned(Value::name(name)),
        }
    }
}
