//! Ids that a person recognises, equal in every run.

use attache_core::id::{GroupId, ResourceId, ServiceId, TenantId, UserId};
use uuid::Uuid;

/// Makes an id: `0195e000-0000-7000-8000-`, the type and the number.
const fn id(what: u128, which: u32) -> Uuid {
    Uuid::from_u128(0x0195_e000_0000_7000_8000_0000_0000_0000 | what << 32 | which as u128)
}

/// Returns the id of a tenant.
pub const fn tenant(which: u32) -> TenantId {
    TenantId(id(0x10, which))
}

/// Returns the id of the user with a number.
pub const fn user(number: u32) -> UserId {
    UserId(id(0x20, number))
}

/// Returns the id of the group with a number.
pub const fn group(number: u32) -> GroupId {
    GroupId(id(0x30, number))
}

/// Returns the id of the service with a number.
pub const fn service(number: u32) -> ServiceId {
    ServiceId(id(0x40, number))
}

/// Returns the id of a role that the starting catalogue does not have.
pub const fn role(number: u32) -> Uuid {
    id(0x50, number)
}

/// Returns the id of the resource with a kind and number.
pub fn resource(kind: &str, number: u32) -> ResourceId {
    let kinds = ["tenant", "reseller", "customer", "workspace", "chatbot"];
    let kind = kinds.iter().position(|&known| known == kind).unwrap();
    ResourceId(id(0x60 + kind as u128, number))
}

/// A well-formed id that no thing has.
pub const NOTHING: &str = "0195e000-0000-7000-8000-00ff00000001";
