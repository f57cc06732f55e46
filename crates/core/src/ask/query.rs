//! What is asked of a list of users.

use super::member::{Include, MemberPlace};
use super::{Cut, Field, Sort, Value};
use crate::collation::Folded;
use crate::id::{GroupNumber, RoleIndex};
use crate::model::{ExternalId, Status};

/// Which users a list is to hold, in which order, and which page of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberQuery {
    /// The users that the list includes.
    pub include: Include,
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// The order. Users with equal values stand by id.
    pub sort: Sort,
    /// Which part of the list the page is.
    pub cut: Cut<MemberPlace>,
    /// How many users the page has at the most; [`usize::MAX`] for all.
    pub take: usize,
}

impl MemberQuery {
    /// All users who are attached to a resource, in an order.
    #[must_use]
    pub fn all(by: Field) -> Self {
        Self {
            include: Include::Direct,
            filters: Vec::new(),
            sort: Sort::ascending(by),
            cut: Cut::Start,
            take: usize::MAX,
        }
    }

    /// Whether the place that the page is cut at is one of the list's order: see
    /// [`MemberPlace::fits`].
    #[must_use]
    pub fn cut_fits(&self) -> bool {
        match &self.cut {
            Cut::Start | Cut::Skip(_) => true,
            Cut::After(place) | Cut::Before(place) => place.fits(self.sort),
        }
    }

    /// The same list with those users only for whom a filter holds too.
    #[must_use]
    pub fn only(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }
}

/// What must hold of the users of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// A field has this value.
    Is(Field, Value),
    /// The text of a field is this, without case and accents.
    Reads(Field, Folded),
    /// The user holds `admin` on the root, or does not.
    Admin(bool),
    /// The status is this.
    Status(Status),
    /// The status is another.
    StatusIsNot(Status),
    /// The user is in this group.
    Group(GroupNumber),
    /// This role gives the user something on the resource, wherever it was granted, as far
    /// as the reader sees where ([`Branch::shown_to`](super::Branch::shown_to)).
    Role(RoleIndex),
    /// The full name, the e-mail address or the key contains this, without case and accents.
    Text(Folded),
    /// The user has this key ([`State::users_by_key`](crate::State::users_by_key)).
    Key(Box<str>),
    /// The user has this id at an identity provider
    /// ([`State::users_by_external_id`](crate::State::users_by_external_id)).
    ExternalId(ExternalId),
}

impl Filter {
    /// Whether it reads the texts of a user.
    pub(super) fn reads_texts(&self) -> bool {
        matches!(self, Self::Reads(..) | Self::Text(_))
    }
}
