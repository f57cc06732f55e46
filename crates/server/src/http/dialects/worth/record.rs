//! A user on the wire.

use attache_core::catalogue::Role;
use attache_core::id::Node;
use attache_core::model::{Email, Name, Status, User};
use attache_core::{State, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::dialects::ids;

/// A user of the customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerUser)]
pub(super) struct Record {
    id: Uuid,
    first_name: String,
    last_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Email, nullable = false)]
    email: Option<String>,
    /// Null where it is not known.
    #[schema(required = true)]
    mobile: Option<String>,
    is_email_verified: bool,
    is_first_login: bool,
    #[schema(value_type = String, format = DateTime, example = "2026-03-03T09:30:00.000Z")]
    created_at: Timestamp,
    /// Left out where it was no user and no service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    created_by: Option<Uuid>,
    #[schema(value_type = String, format = DateTime, example = "2026-03-03T09:30:00.000Z")]
    updated_at: Timestamp,
    /// Left out where it was no user and no service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    updated_by: Option<Uuid>,
    /// Left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ext_auth_ref_id: Option<Uuid>,
    #[schema(value_type = String, example = "ACTIVE")]
    status: &'static str,
    /// Left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    subrole: Option<Subrole>,
}

/// The role that the user holds on the customer; of several, the one that
/// stands first in the catalogue.
#[derive(Debug, Serialize, ToSchema)]
struct Subrole {
    id: Uuid,
    #[schema(example = "cro")]
    code: String,
    #[schema(example = "CRO")]
    display_name: String,
    #[schema(example = "CRO")]
    label: String,
    description: String,
}

impl Record {
    pub(super) fn of(state: &State, customer: Node, user: &User, at: Timestamp) -> Self {
        let text = |name: &Option<Name>| name.as_ref().map(Name::to_string);
        let roles = state.roles_on(customer, user.number, at);
        Self {
            id: user.id.0,
            first_name: text(&user.profile.first_name).unwrap_or_default(),
            last_name: text(&user.profile.last_name).unwrap_or_default(),
            email: user.profile.email.as_ref().map(Email::to_string),
            mobile: text(&user.profile.phone),
            is_email_verified: user.facts.email_verified,
            is_first_login: user.facts.first_login,
            created_at: user.created_at,
            created_by: ids::actor(user.created_by),
            updated_at: user.updated_at,
            updated_by: ids::actor(user.updated_by),
            ext_auth_ref_id: user.facts.external_auth_id,
            status: match user.status {
                Status::Active => "ACTIVE",
                Status::Inactive => "INACTIVE",
                Status::Invited => "INVITED",
            },
            subrole: roles.first().map(|role| subrole(role)),
        }
    }
}

fn subrole(role: &Role) -> Subrole {
    Subrole {
        id: role.id.0,
        code: role.name.to_string(),
        display_name: role.label.clone(),
        label: role.label.clone(),
        description: role.description.clone(),
    }
}
