//! A tenant of moderate size, always the same: what every work is done on.

mod fill;
mod people;

use attache_core::catalogue::Pattern;
use attache_core::id::{Node, ResourceId, ServiceId, TenantId, UserId, UserNumber};
use attache_core::model::{Profile, Subject};
use attache_core::{Actor, Caller, Locator, Ref, State, Timestamp};
use uuid::Uuid;

use super::Failure;

pub(crate) const TENANT: TenantId = TenantId(Uuid::from_u128(1));

/// Users, all attached to the root.
pub(crate) const USERS: u32 = 20_000;
/// Customers with a few members each.
pub(crate) const CUSTOMERS: u32 = 10_000;
/// How many members each of these has.
pub(crate) const MEMBERS: u32 = 25;
/// How many of them, from the first on, have a workspace with a chatbot.
pub(crate) const WORKSPACES: u32 = 100;
/// How many resellers there are; customers up to the thousandth stand under them.
pub(crate) const RESELLERS: u32 = 10;
/// The customer with very many members, the first users.
pub(crate) const CROWDED: u32 = CUSTOMERS + 1;
/// How many it has.
pub(crate) const CROWD: u32 = 10_000;
/// The customer whose members have all run out.
pub(crate) const PAST: u32 = CUSTOMERS + 2;
/// How many of them there are.
pub(crate) const GONE: u32 = 100;
/// The user with very many customers, the first ones.
pub(crate) const EVERYWHERE: u32 = USERS;
/// How many it has.
pub(crate) const PLACES: u32 = 2_000;
/// How many users are in the group, which reads all customers: those before the last.
pub(crate) const GROUPED: u32 = 20;

/// A customer like most: right under the root, with nothing below it.
pub(crate) const USUAL: u32 = 5_000;

/// What the service's token hashes to.
pub(crate) const TOKEN: [u8; 32] = [7; 32];

/// The roles on customers, of which every member holds two.
const ROLES: [&str; 5] = ["owner", "cro", "manager", "agent", "viewer"];

/// The tenant, and what the works need to speak of it.
pub(crate) struct Town {
    pub(crate) state: State,
    /// When it is asked: after all that happened.
    pub(crate) now: Timestamp,
}

pub(crate) fn user_id(number: u32) -> UserId {
    UserId(id(2, number))
}

pub(crate) fn customer_id(number: u32) -> ResourceId {
    ResourceId(id(3, number))
}

pub(crate) fn profile(number: u32) -> Result<Profile, Failure> {
    people::profile(number)
}

pub(crate) fn email(number: u32) -> String {
    people::email(number)
}

pub(crate) fn key(number: u32) -> String {
    people::key(number)
}

pub(crate) fn number(number: u32) -> UserNumber {
    UserNumber(number)
}

pub(crate) fn subject(number: u32) -> Subject {
    Subject::User(UserNumber(number))
}

fn id(of: u128, number: u32) -> Uuid {
    Uuid::from_u128(of << 64 | u128::from(number))
}

/// The user who is the nth member of a customer. Scattered, as those who
/// joined over years are, and the last user is not among them.
pub(crate) fn member(customer: u32, nth: u32) -> u32 {
    // A step that has no factor in common with the users' number reaches 25
    // different ones.
    (customer * 7_919 + nth * 797) % (USERS - 1) + 1
}

pub(crate) fn members(customer: u32) -> impl Iterator<Item = u32> {
    (0..MEMBERS).map(move |nth| member(customer, nth))
}

/// Whether a user is not inactive: one in fifty is.
pub(crate) fn has_access(number: u32) -> bool {
    number % 50 != 49
}

/// The two roles of the nth member.
pub(crate) fn roles(nth: u32) -> [&'static str; 2] {
    let nth = nth as usize;
    [ROLES[nth % ROLES.len()], ROLES[(nth + 2) % ROLES.len()]]
}

pub(crate) fn customer(number: u32) -> Locator {
    Locator::of("customer", Ref::Number(number))
}

pub(crate) fn may(permission: &str) -> Result<Pattern, Failure> {
    Ok(Pattern::new(permission)?)
}

/// A user as a caller.
pub(crate) fn by(number: u32) -> Caller {
    Caller {
        tenant: TENANT,
        actor: Actor::User(user_id(number)),
    }
}

/// The service that writes: it may do everything, and has to show it.
pub(crate) fn portal() -> Caller {
    Caller {
        tenant: TENANT,
        actor: Actor::Service(ServiceId(id(6, 1))),
    }
}

impl Town {
    pub(crate) fn new() -> Result<Self, Failure> {
        let (state, now) = fill::town()?;
        Ok(Self { state, now })
    }

    pub(crate) fn node(&self, kind: &str, number: u32) -> Result<Node, Failure> {
        let found = self.state.find(&Locator::of(kind, Ref::Number(number)));
        Ok(found.ok_or_else(|| format!("there is no {kind} {number}"))?)
    }
}
