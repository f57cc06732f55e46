//! The fields of a member, to filter and sort by.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Email, ExternalId, Membership, Name, Status, User, canonical_address, normalized};
use crate::caller::Actor;
use crate::collation::SortKey;
use crate::id::UserId;
use crate::time::Timestamp;

/// A field of a member, to filter and sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The user's id.
    Id,
    /// The user's number.
    Number,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// First name, a space, last name. Missing parts are empty.
    FullName,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Whether the e-mail address is verified.
    EmailVerified,
    /// Whether the user has yet to log in for the first time.
    FirstLogin,
    /// The user's id at the identity provider, if it is a UUID.
    ExternalAuthId,
    /// Active, inactive, invited.
    Status,
    /// When the user was added to the tenant.
    CreatedAt,
    /// The user or service who added the user.
    CreatedBy,
    /// When the user was last changed.
    UpdatedAt,
    /// The user or service who last changed the user.
    UpdatedBy,
    /// When the user was attached.
    Added,
    /// The name of the user's first role on this resource itself, in the order of the
    /// catalogue.
    FirstRole,
}

/// A sort order. Equal values are sorted by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sort {
    /// The field.
    pub by: Field,
    /// Whether the highest value comes first. Ids always ascend.
    pub descending: bool,
}

impl Sort {
    /// Returns the order from the lowest to the highest.
    #[must_use]
    pub const fn ascending(by: Field) -> Self {
        Self {
            by,
            descending: false,
        }
    }

    /// Returns the order from the highest to the lowest.
    #[must_use]
    pub const fn descending(by: Field) -> Self {
        Self {
            by,
            descending: true,
        }
    }

    /// Compares two users by their values and ids.
    pub(crate) fn compare(self, a: (&Value, UserId), b: (&Value, UserId)) -> Ordering {
        let values = match self.descending {
            true => b.0.cmp(a.0),
            false => a.0.cmp(b.0),
        };
        values.then_with(|| a.1.cmp(&b.1))
    }
}

/// The value of a field for comparisons. Names compare by the root collation, without
/// case; other texts in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Value {
    /// The value is unknown.
    Nothing,
    /// A text other than a name, in lower case.
    Text(String),
    /// A name. It cannot be serialised: a cursor has the name instead.
    #[serde(skip)]
    Name(SortKey),
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
    /// Makes the value of a text, ignoring case.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(lower(text.to_owned()))
    }

    /// Makes the value of an e-mail address.
    #[must_use]
    pub fn email(text: &str) -> Self {
        Self::Text(canonical_address(text))
    }

    /// Makes the value of a name.
    #[must_use]
    pub fn name(name: &str) -> Self {
        Self::Name(SortKey::new(name))
    }
}

/// Returns the first and last name. Missing parts are empty.
fn both(user: &User) -> [&str; 2] {
    let names = [&user.profile.first_name, &user.profile.last_name];
    names.map(|name| name.as_ref().map_or("", Name::as_str))
}

/// Returns a text in lower case and Normalization Form C, in place if possible.
fn lower(mut text: String) -> String {
    match text.is_ascii() {
        true => {
            text.make_ascii_lowercase();
            text
        }
        false => normalized(&text).to_lowercase(),
    }
}

impl Field {
    /// All fields, in their order.
    pub(crate) const ALL: [Self; 17] = [
        Self::Id,
        Self::Number,
        Self::FirstName,
        Self::LastName,
        Self::FullName,
        Self::Email,
        Self::Phone,
        Self::EmailVerified,
        Self::FirstLogin,
        Self::ExternalAuthId,
        Self::Status,
        Self::CreatedAt,
        Self::CreatedBy,
        Self::UpdatedAt,
        Self::UpdatedBy,
        Self::Added,
        Self::FirstRole,
    ];

    /// Returns whether values of the field are names.
    #[must_use]
    pub fn is_name(self) -> bool {
        matches!(self, Self::FirstName | Self::LastName | Self::FullName)
    }

    /// Returns a user's text in a field, as it is written. `None` if it is empty, and for
    /// fields without written texts.
    #[must_use]
    pub fn text(self, user: &User) -> Option<Cow<'_, str>> {
        let profile = &user.profile;
        let name = match self {
            Self::FirstName => profile.first_name.as_ref(),
            Self::LastName => profile.last_name.as_ref(),
            Self::Phone => profile.phone.as_ref(),
            Self::FullName => {
                let [first, last] = both(user);
                return Some(format!("{first} {last}").into());
            }
            Self::Email => return profile.email.as_ref().map(|it| it.as_str().into()),
            _ => None,
        };
        name.map(|name| name.as_str().into())
    }

    /// Returns the value of a user's field, or of its membership. `None` for fields that
    /// depend on the resource.
    pub(crate) fn of(self, user: &User, membership: Option<&Membership>) -> Option<Value> {
        fn text(text: Option<&str>) -> Value {
            text.map_or(Value::Nothing, Value::text)
        }
        fn name(name: Option<&Name>) -> Value {
            name.map_or(Value::Nothing, |name| Value::name(name.as_str()))
        }
        fn actor(actor: Actor) -> Value {
            match actor {
                Actor::User(id) => Value::Id(id.0),
                Actor::Service(id) => Value::Id(id.0),
                Actor::Operator | Actor::Attache => Value::Nothing,
            }
        }
        let profile = &user.profile;
        Some(match self {
            Self::Id => Value::Id(user.id.0),
            Self::Number => Value::Number(user.number.0),
            Self::FirstName => name(profile.first_name.as_ref()),
            Self::LastName => name(profile.last_name.as_ref()),
            Self::FullName => {
                let [first, last] = both(user);
                Value::Name(SortKey::of_both(first, last))
            }
            Self::Email => {
                let email = profile.email.as_ref().map(Email::as_str);
                email.map_or(Value::Nothing, Value::email)
            }
            Self::Phone => text(profile.phone.as_ref().map(Name::as_str)),
            Self::EmailVerified => Value::Bool(user.facts.email_verified),
            Self::FirstLogin => Value::Bool(user.facts.first_login),
            Self::ExternalAuthId => {
                let id = user.facts.external_auth_id.as_ref();
                id.and_then(ExternalId::uuid)
                    .map_or(Value::Nothing, Value::Id)
            }
            Self::Status => Value::Status(user.status),
            Self::CreatedAt => Value::Time(user.created_at),
            Self::CreatedBy => actor(user.created_by),
            Self::UpdatedAt => Value::Time(user.updated_at),
            Self::UpdatedBy => actor(user.updated_by),
            Self::Added => membership.map_or(Value::Nothing, |it| Value::Time(it.added_at())),
            Self::FirstRole => return None,
        })
    }
}
