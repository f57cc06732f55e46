//! What is known of a user, to filter and sort by.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Branch;
use crate::caller::Actor;
use crate::catalogue::Role;
use crate::model::{Email, Membership, Name, Status};
use crate::state::UserNode;
use crate::time::Timestamp;

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
        Self::Text(lower(text.to_owned()))
    }
}

/// A text in lower case, in its place where that can be.
fn lower(mut text: String) -> String {
    match text.is_ascii() {
        true => {
            text.make_ascii_lowercase();
            text
        }
        false => text.to_lowercase(),
    }
}

impl<'a> Branch<'a> {
    /// What is known of a user, seen from the resource, to which it may be attached.
    pub(super) fn value(
        &self,
        row: &'a UserNode,
        membership: Option<&Membership>,
        field: Field,
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
        let user = &*row.user;
        let profile = &user.profile;
        match field {
            Field::Id => Value::Id(user.id.0),
            Field::Number => Value::Number(user.number.0),
            Field::FirstName => text(profile.first_name.as_ref().map(Name::as_str)),
            Field::LastName => text(profile.last_name.as_ref().map(Name::as_str)),
            Field::FullName => {
                let first = profile.first_name.as_ref().map_or("", Name::as_str);
                let last = profile.last_name.as_ref().map_or("", Name::as_str);
                let mut full = String::with_capacity(first.len() + 1 + last.len());
                full.push_str(first);
                full.push(' ');
                full.push_str(last);
                Value::Text(lower(full))
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
            Field::FirstRole => {
                let roles = self.roles(row);
                text(roles.first().map(|role: &&Role| role.name.as_str()))
            }
        }
    }
}
