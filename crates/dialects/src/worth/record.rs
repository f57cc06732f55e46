//! A user in answers.

use attache_core::Timestamp;
use attache_core::ask::Branch;
use attache_core::catalogue::Role;
use attache_core::model::{Email, ExternalId, Name, Status};
use attache_core::state::UserNode;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ids;

/// A user of the customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerUser)]
pub(super) struct Record<'a> {
    id: Uuid,
    first_name: &'a str,
    last_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Email, nullable = false)]
    email: Option<&'a str>,
    /// The mobile number. Null if unknown.
    #[schema(required = true)]
    mobile: Option<&'a str>,
    is_email_verified: bool,
    is_first_login: bool,
    #[schema(value_type = String, format = DateTime, example = "2026-03-03T09:30:00.000Z")]
    created_at: Timestamp,
    /// The caller who added the user. Left out if it is neither a user nor a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    created_by: Option<Uuid>,
    #[schema(value_type = String, format = DateTime, example = "2026-03-03T09:30:00.000Z")]
    updated_at: Timestamp,
    /// The caller who last changed the user. Left out if it is neither a user nor a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    updated_by: Option<Uuid>,
    /// The user's id at the identity provider. Left out if there is none, or none that is
    /// a UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ext_auth_ref_id: Option<Uuid>,
    #[schema(value_type = String, example = "ACTIVE")]
    status: &'static str,
    /// The user's role on the customer. Left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    subrole: Option<Subrole<'a>>,
}

/// The user's role on the customer; of several roles, the first one in the catalogue.
#[derive(Debug, Serialize, ToSchema)]
struct Subrole<'a> {
    id: Uuid,
    #[schema(example = "cro")]
    code: &'a str,
    #[schema(example = "CRO")]
    display_name: &'a str,
    #[schema(example = "CRO")]
    label: &'a str,
    description: &'a str,
}

impl<'a> Record<'a> {
    pub(super) fn of(customer: &Branch<'a>, row: &'a UserNode) -> Self {
        let text = |name: &'a Option<Name>| name.as_ref().map(Name::as_str);
        let user = &*row.user;
        let external = user.facts.external_auth_id.as_ref();
        Self {
            id: user.id.0,
            first_name: text(&user.profile.first_name).unwrap_or_default(),
            last_name: text(&user.profile.last_name).unwrap_or_default(),
            email: user.profile.email.as_ref().map(Email::as_str),
            mobile: text(&user.profile.phone),
            is_email_verified: user.facts.email_verified,
            is_first_login: user.facts.first_login,
            created_at: user.created_at,
            created_by: ids::actor(user.created_by),
            updated_at: user.updated_at,
            updated_by: ids::actor(user.updated_by),
            ext_auth_ref_id: external.and_then(ExternalId::uuid),
            status: match user.status {
                Status::Active => "ACTIVE",
                Status::Inactive => "INACTIVE",
                Status::Invited => "INVITED",
            },
            subrole: customer.roles(row).first().map(|role| subrole(role)),
        }
    }
}

fn subrole(role: &Role) -> Subrole<'_> {
    Subrole {
        id: role.id.0,
        code: role.name.as_str(),
        display_name: &role.label,
        label: &role.label,
        description: &role.description,
    }
}
