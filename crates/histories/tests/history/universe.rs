//! The small world of the histories: a handful of everything, so that commands
//! meet each other.

use attache_core::Timestamp;
use attache_core::id::{GroupId, IssuerId, Key, ResourceId, ServiceId, TenantId, TokenId, UserId};
use attache_core::model::{Email, Name, Profile, TokenHash};
use uuid::Uuid;

pub(crate) const TENANT: TenantId = TenantId(Uuid::from_u128(0xa));
pub(crate) const OTHER_TENANT: TenantId = TenantId(Uuid::from_u128(0xb));
pub(crate) const ROOT: ResourceId = ResourceId(Uuid::from_u128(0x1_0000));

pub(crate) const USERS: usize = 6;
pub(crate) const GROUPS: usize = 2;
pub(crate) const SERVICES: usize = 2;
pub(crate) const TOKENS: usize = 3;
pub(crate) const ISSUERS: usize = 3;
pub(crate) const RESOURCES: usize = 9;

pub(crate) fn user(n: usize) -> UserId {
    UserId(Uuid::from_u128(0x2_0000 + n as u128))
}

pub(crate) fn group(n: usize) -> GroupId {
    GroupId(Uuid::from_u128(0x3_0000 + n as u128))
}

pub(crate) fn service(n: usize) -> ServiceId {
    ServiceId(Uuid::from_u128(0x4_0000 + n as u128))
}

pub(crate) fn token(n: usize) -> TokenId {
    TokenId(Uuid::from_u128(0x5_0000 + n as u128))
}

pub(crate) fn issuer(n: usize) -> IssuerId {
    IssuerId(Uuid::from_u128(0x6_0000 + n as u128))
}

pub(crate) fn resource(n: usize) -> ResourceId {
    ResourceId(Uuid::from_u128(ROOT.0.as_u128() + n as u128))
}

pub(crate) fn hash(n: usize) -> TokenHash {
    TokenHash([n as u8; 32])
}

pub(crate) fn instant(tick: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + tick)
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("the tests use well-formed names")
}

pub(crate) fn key(text: &str) -> Key {
    Key::new(text).expect("the tests use well-formed keys")
}

/// Some keys: two differ by case, two are the id of user 1 in two forms. The
/// last ones cannot be given, or only where there is no such kind.
pub(crate) fn keys() -> [Key; KEYS] {
    let id = user(1).0;
    [
        key("k1"),
        key("K1"),
        key(&id.to_string()),
        key(&id.simple().to_string().to_uppercase()),
        key("é1"),
        "shed:k1".to_owned().into(),
        "#2".to_owned().into(),
    ]
}

pub(crate) const KEYS: usize = 7;

/// So many profiles differ.
pub(crate) const PROFILES: usize = 11;

/// Names that differ, that differ by case or accents only, and that are missing.
pub(crate) fn profile(n: usize) -> Profile {
    let (first, last, mail) = match n % PROFILES {
        0 => return Profile::default(),
        1 => (Some("Ada"), Some("Byron"), Some("ada@mill.example")),
        2 => (Some("ada"), None, Some("ADA@mill.example")),
        3 => (None, Some("Ångström"), None),
        4 => (Some("Bo"), Some("byron"), Some("bo@mill.example")),
        5 => (Some("Bo"), None, Some("Bo@bücher.example")),
        6 => (None, Some("Byron"), Some("bo@xn--bcher-kva.example")),
        7 => (Some("Émile"), Some("Straße"), None),
        8 => (Some("emil"), Some("STRASSE"), Some("emil@mill.example")),
        9 => (Some("İpek"), None, None),
        _ => (Some("e\u{301}mil"), Some("李"), None),
    };
    Profile {
        first_name: first.map(name),
        last_name: last.map(name),
        email: mail.map(|mail| Email::new(mail).expect("it is an address")),
        phone: n.is_multiple_of(2).then(|| name("+49 1")),
    }
}

/// Ids at identity providers: a UUID in several forms, and texts.
pub(crate) const EXTERNAL_IDS: [&str; 6] = [
    "00000000-0000-0000-0000-000000000005",
    "{00000000-0000-0000-0000-000000000005}",
    "00000000000000000000000000000005",
    "auth0|5",
    "e\u{301}",
    "é",
];
