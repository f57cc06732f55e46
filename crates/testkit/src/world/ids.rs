//! Ids that a person recognises, and that are the same in every run.

use attache_core::id::{GroupId, ResourceId, ServiceId, TenantId, UserId};
use uuid::Uuid;

/// `0195e000-0000-7000-8000-` and then what it is and which.
const fn id(what: u128, which: u32) -> Uuid {
    Uuid::from_u128(0x0195_e000_0000_7000_8000_0000_0000_0000 | what << 32 | which as u128)
}

/// A tenant.
pub const fn tenant(which: u32) -> TenantId {
    TenantId(id(0x10, which))
}

/// A user, by its number.
pub const fn user(number: u32) -> UserId {
    UserId(id(0x20, number))
}

/// A group, by its number.
pub const fn group(number: u32) -> GroupId {
    GroupId(id(0x30, number))
}

/// A service, by its number.
pub const fn service(number: u32) -> ServiceId {
    ServiceId(id(0x40, number))
}

/// A role that the starting catalogue does not have.
pub const fn role(number: u32) -> Uuid {
    id(0x50, number)
}

/// A resource, by its kind and number.
pub fn resource(kind: &str, number: u32) -> ResourceId {
    let kinds = ["tenant", "reseller", "customer", "workspace", "chatbot"];
    let kind = kinds.iter().position(|&known| known == kind).unwrap();
    ResourceId(id(0x60 + kind as u128, number))
}

/// A well formed id of nothing at all.
pub const NOTHING: &str = "0195e000-0000-7000-8000-00ff00000001";
