//! Which thing a change gives a key or number.

use crate::catalogue::KindName;
use crate::change::Change;
use crate::id::{Key, ResourceId};
use crate::model::SubjectId;

/// A thing, and the names that a change gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// The thing.
    pub thing: NamedThing<'a>,
    /// The key from the change on; `None` for no key.
    pub key: Option<&'a Key>,
    /// The number, if the change adds the thing.
    pub number: Option<u32>,
}

/// A thing that has a key and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedThing<'a> {
    /// A user, group or service.
    Subject(SubjectId),
    /// A resource, with its kind if the change adds it.
    Resource(ResourceId, Option<&'a KindName>),
}

impl Change {
    /// Returns the thing that the change gives a key or number, with its names.
    #[must_use]
    pub fn named(&self) -> Option<Named<'_>> {
        use NamedThing::{Resource, Subject};
        let (thing, key, number) = match self {
            Self::ResourceAdded {
                resource,
                kind,
                number,
                key,
                ..
            } => (Resource(*resource, Some(kind)), key, Some(number.0)),
            Self::ResourceChanged { resource, key, .. } => (Resource(*resource, None), key, None),
            Self::UserAdded {
                user, number, key, ..
            } => (Subject(SubjectId::User(*user)), key, Some(number.0)),
            Self::UserChanged { user, key, .. } => (Subject(SubjectId::User(*user)), key, None),
            Self::GroupAdded {
                group, number, key, ..
            } => (Subject(SubjectId::Group(*group)), key, Some(number.0)),
            Self::GroupChanged { group, key, .. } => (Subject(SubjectId::Group(*group)), key, None),
            Self::ServiceAdded {
                service,
                number,
                key,
                ..
            } => (Subject(SubjectId::Service(*service)), key, Some(number.0)),
            Self::ServiceChanged { service, key, .. } => {
                (Subject(SubjectId::Service(*service)), key, None)
            }
            Self::TenantCreated { .. }
            | Self::CatalogueSet { .. }
            | Self::CatalogueChanged { .. }
            | Self::IssuerAdded { .. }
            | Self::IssuerChanged { .. }
            | Self::IssuerRemoved { .. }
            | Self::ResourceMoved { .. }
            | Self::ResourceRemoved { .. }
            | Self::UserProfileSet { .. }
            | Self::UserStatusChanged { .. }
            | Self::UserInvited { .. }
            | Self::InvitationRevoked { .. }
            | Self::InvitationAccepted { .. }
            | Self::UserRemoved { .. }
            | Self::GroupRemoved { .. }
            | Self::GroupUserAdded { .. }
            | Self::GroupUserRemoved { .. }
            | Self::ServiceRemoved { .. }
            | Self::TokenCreated { .. }
            | Self::TokenRevoked { .. }
            | Self::MemberAdded { .. }
            | Self::MemberChanged { .. }
            | Self::MemberRemoved { .. }
            | Self::MemberExpired { .. }
            | Self::RoleGranted { .. }
            | Self::RoleRevoked { .. }
            | Self::GrantExpired { .. } => return None,
        };
        Some(Named {
            thing,
            key: key.as_ref(),
            number,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_change_with_a_key_or_number_names_its_thing() {
        let golden = include_str!("../tests/golden/changes.json");
        let changes: Vec<Change> = serde_json::from_str(golden).unwrap();
        for change in changes {
            let written = serde_json::to_value(&change).unwrap();
            let named = change.named();
            let key = named.and_then(|it| it.key).map(Key::as_str);
            assert_eq!(key, written["key"].as_str(), "{change:?}");
            let number = named.and_then(|it| it.number).map(Value::from);
            assert_eq!(number.as_ref(), written.get("number"), "{change:?}");
        }
    }
}
