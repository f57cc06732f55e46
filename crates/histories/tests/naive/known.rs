//! What is known of a user, to filter and sort lists by.

use attache_core::Actor;
use attache_core::ask::{Field, Value};
use attache_core::id::ResourceId;
use attache_core::model::{Email, Name, Status, User};
use attache_core::time::Timestamp;
use uuid::Uuid;

use super::{Tenant, collation};

/// What is known of somebody, so that it can be compared. Nothing comes first.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(crate) enum Known {
    Nothing,
    Text(String),
    Name(Vec<u8>),
    Count(u32),
    Yes(bool),
    When(i64),
    Id(Uuid),
    Is(u8),
}

impl From<&Value> for Known {
    fn from(value: &Value) -> Self {
        match value {
            Value::Nothing => Self::Nothing,
            Value::Text(text) => Self::Text(text.clone()),
            Value::Name(key) => Self::Name(key.as_bytes().to_owned()),
            Value::Number(number) => Self::Count(*number),
            Value::Bool(yes) => Self::Yes(*yes),
            Value::Time(time) => Self::When(time.as_millis()),
            Value::Id(id) => Self::Id(*id),
            Value::Status(status) => rank(*status),
        }
    }
}

fn text(text: Option<&str>) -> Known {
    text.map_or(Known::Nothing, |text| Known::Text(text.to_lowercase()))
}

/// An address as addresses are compared. Of those that the histories have, one
/// domain is written in two ways.
pub(crate) fn address(email: &Email) -> String {
    plain_address(email.as_str())
}

pub(crate) fn plain_address(email: &str) -> String {
    let lower = email.to_lowercase();
    lower.replace("xn--bcher-kva", "bücher")
}

fn name(name: Option<&str>) -> Known {
    name.map_or(Known::Nothing, |name| {
        Known::Name(collation::sort_key(name))
    })
}

fn rank(status: Status) -> Known {
    Known::Is(match status {
        Status::Active => 0,
        Status::Inactive => 1,
        Status::Invited => 2,
    })
}

impl Tenant {
    /// What a user wrote in a field.
    pub(super) fn text(&self, user: &User, field: Field) -> Option<String> {
        let profile = &user.profile;
        let names = [&profile.first_name, &profile.last_name, &profile.phone];
        let [first, last, phone] = names.map(|name| name.as_ref().map(ToString::to_string));
        match field {
            Field::FirstName => first,
            Field::LastName => last,
            Field::FullName => Some([first, last].map(Option::unwrap_or_default).join(" ")),
            Field::Phone => phone,
            Field::Email => profile.email.as_ref().map(ToString::to_string),
            _ => None,
        }
    }

    /// What is known of a user, seen from a resource that it was added to then,
    /// or that it is not attached to.
    pub(super) fn known(
        &self,
        on: ResourceId,
        user: &User,
        added: Option<Timestamp>,
        field: Field,
        at: Timestamp,
    ) -> Known {
        let actor = |actor| match actor {
            Actor::User(id) => Known::Id(id.0),
            Actor::Service(id) => Known::Id(id.0),
            Actor::Operator | Actor::Attache => Known::Nothing,
        };
        let first = user.profile.first_name.as_ref().map(Name::as_str);
        let last = user.profile.last_name.as_ref().map(Name::as_str);
        match field {
            Field::Id => Known::Id(user.id.0),
            Field::Number => Known::Count(user.number.0),
            Field::FirstName => name(first),
            Field::LastName => name(last),
            Field::FullName => {
                let both = [first.unwrap_or(""), last.unwrap_or("")];
                name(Some(&both.join(" ")))
            }
            Field::Email => {
                let email = user.profile.email.as_ref().map(address);
                email.map_or(Known::Nothing, Known::Text)
            }
            Field::Phone => text(user.profile.phone.as_ref().map(Name::as_str)),
            Field::EmailVerified => Known::Yes(user.facts.email_verified),
            Field::FirstLogin => Known::Yes(user.facts.first_login),
            Field::ExternalAuthId => {
                let id = user.facts.external_auth_id.as_ref();
                let id = id.and_then(|id| Uuid::parse_str(&id.to_string()).ok());
                id.map_or(Known::Nothing, Known::Id)
            }
            Field::Status => rank(user.status),
            Field::CreatedAt => Known::When(user.created_at.as_millis()),
            Field::CreatedBy => actor(user.created_by),
            Field::UpdatedAt => Known::When(user.updated_at.as_millis()),
            Field::UpdatedBy => actor(user.updated_by),
            Field::Added => added.map_or(Known::Nothing, |it| Known::When(it.as_millis())),
            Field::FirstRole => text(self.roles_on(on, user.id, at).first().copied()),
        }
    }
}
