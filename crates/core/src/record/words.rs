//! What of a change names a person or a company.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer, ser};
use serde_json::Value;
use uuid::Uuid;

use crate::change::Change;
use crate::id::Key;
use crate::model::{ExternalId, Name, Trust};

/// What is taken from one change. The fields stand in the order of their names: so they are
/// canonical.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) external_auth_id: Option<Cow<'a, ExternalId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Cow<'a, Key>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Cow<'a, Name>>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "in_order"
    )]
    pub(super) trust: Option<Cow<'a, Trust>>,
}

/// Trust with its fields in the order of their names.
fn in_order<S: Serializer>(
    trust: &Option<Cow<'_, Trust>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let value = serde_json::to_value(trust).map_err(ser::Error::custom)?;
    let fields: BTreeMap<String, Value> =
        serde_json::from_value(value).map_err(ser::Error::custom)?;
    fields.serialize(serializer)
}

impl<'a> Words<'a> {
    /// The thing that a change names, where it names one. A profile stands beside its change
    /// already.
    pub(super) fn about(change: &Change) -> Option<Uuid> {
        match change {
            Change::TenantCreated { root, .. } => Some(root.0),
            Change::IssuerAdded { issuer, .. } | Change::IssuerChanged { issuer, .. } => {
                Some(issuer.0)
            }
            Change::ResourceAdded { resource, .. } | Change::ResourceChanged { resource, .. } => {
                Some(resource.0)
            }
            Change::UserAdded {
                user, key, facts, ..
            }
            | Change::UserChanged { user, key, facts } => {
                let is_named = key.is_some() || facts.external_auth_id.is_some();
                is_named.then_some(user.0)
            }
            Change::GroupAdded { group, .. } | Change::GroupChanged { group, .. } => Some(group.0),
            Change::ServiceAdded { service, .. } | Change::ServiceChanged { service, .. } => {
                Some(service.0)
            }
            Change::CatalogueSet { .. }
            | Change::CatalogueChanged { .. }
            | Change::IssuerRemoved { .. }
            | Change::ResourceMoved { .. }
            | Change::ResourceRemoved { .. }
            | Change::UserProfileSet { .. }
            | Change::UserStatusChanged { .. }
            | Change::UserInvited { .. }
            | Change::InvitationRevoked { .. }
            | Change::InvitationAccepted { .. }
            | Change::UserRemoved { .. }
            | Change::GroupRemoved { .. }
            | Change::GroupUserAdded { .. }
            | Change::GroupUserRemoved { .. }
            | Change::ServiceRemoved { .. }
            | Change::TokenCreated { .. }
            | Change::TokenRevoked { .. }
            | Change::MemberAdded { .. }
            | Change::MemberChanged { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberExpired { .. }
            | Change::RoleGranted { .. }
            | Change::RoleRevoked { .. }
            | Change::GrantExpired { .. } => None,
        }
    }

    pub(super) fn named(name: &'a Name, key: Option<&'a Key>) -> Self {
        Self {
            name: Some(Cow::Borrowed(name)),
            key: key.map(Cow::Borrowed),
            ..Self::default()
        }
    }

    pub(super) fn of_user(key: Option<&'a Key>, external: Option<&'a ExternalId>) -> Self {
        Self {
            key: key.map(Cow::Borrowed),
            external_auth_id: external.map(Cow::Borrowed),
            ..Self::default()
        }
    }

    pub(super) fn of_issuer(trust: &'a Trust) -> Self {
        Self {
            trust: Some(Cow::Borrowed(trust)),
            ..Self::default()
        }
    }
}
