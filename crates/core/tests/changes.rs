//! Every change that was ever written stays readable.
//!
//! `golden/changes.json` holds one of each as it was first written. A line of
//! it is never edited: what is in somebody's log cannot be.

#![allow(clippy::expect_used, clippy::panic, reason = "it is all test")]

use std::collections::BTreeSet;

use attache_core::Change;
use serde_json::Value;

/// One of each change, and of those with fields that may be left out, one with
/// and one without.
const GOLDEN: &str = include_str!("golden/changes.json");

macro_rules! names {
    ($($variant:ident = $name:literal)*) => {
        /// What each change is called in the log.
        const NAMES: &[&str] = &[$($name),*];

        /// Without a wildcard: a new change does not compile until it stands
        /// here, and then needs its line in the file.
        fn name(change: &Change) -> &'static str {
            match change {
                $(Change::$variant { .. } => $name,)*
            }
        }
    };
}

names! {
    TenantCreated = "tenant_created"
    CatalogueSet = "catalogue_set"
    CatalogueChanged = "catalogue_changed"
    IssuerAdded = "issuer_added"
    IssuerChanged = "issuer_changed"
    IssuerRemoved = "issuer_removed"
    ResourceAdded = "resource_added"
    ResourceChanged = "resource_changed"
    ResourceMoved = "resource_moved"
    ResourceRemoved = "resource_removed"
    UserAdded = "user_added"
    UserProfileSet = "user_profile_set"
    UserChanged = "user_changed"
    UserStatusChanged = "user_status_changed"
    UserInvited = "user_invited"
    InvitationRevoked = "invitation_revoked"
    InvitationAccepted = "invitation_accepted"
    UserRemoved = "user_removed"
    GroupAdded = "group_added"
    GroupChanged = "group_changed"
    GroupRemoved = "group_removed"
    GroupUserAdded = "group_user_added"
    GroupUserRemoved = "group_user_removed"
    ServiceAdded = "service_added"
    ServiceChanged = "service_changed"
    ServiceRemoved = "service_removed"
    TokenCreated = "token_created"
    TokenRevoked = "token_revoked"
    MemberAdded = "member_added"
    MemberChanged = "member_changed"
    MemberRemoved = "member_removed"
    MemberExpired = "member_expired"
    RoleGranted = "role_granted"
    RoleRevoked = "role_revoked"
    GrantExpired = "grant_expired"
}

fn golden() -> Vec<Value> {
    serde_json::from_str(GOLDEN).expect("the file is a list of changes")
}

fn read(line: &Value) -> Change {
    serde_json::from_value(line.clone()).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn every_change_as_it_was_first_written_is_read_and_written_alike() {
    for line in golden() {
        let change = read(&line);
        assert_eq!(line["type"], name(&change), "{line}");
        let written = serde_json::to_value(&change).expect("a change can be written");
        assert_eq!(written, line);
    }
}

#[test]
fn every_change_stands_in_the_file() {
    let stand: BTreeSet<&str> = golden().iter().map(|line| name(&read(line))).collect();
    let missing: Vec<_> = NAMES.iter().filter(|name| !stand.contains(*name)).collect();
    assert_eq!(missing, Vec::<&&str>::new());
}

#[test]
fn a_change_of_an_unknown_type_cannot_be_read() {
    for line in [
        r#"{"type": "user_promoted", "user": "0195ae00-0000-7000-8000-000000000021"}"#,
        r#"{"user": "0195ae00-0000-7000-8000-000000000021"}"#,
    ] {
        assert!(serde_json::from_str::<Change>(line).is_err(), "{line}");
    }
}

/// Whoever reads a log that a newer attache wrote must stop, and not read the
/// half of it that it understands.
#[test]
fn a_change_with_an_unknown_field_cannot_be_read() {
    for mut line in golden() {
        line["since"] = "noon".into();
        assert!(
            serde_json::from_value::<Change>(line.clone()).is_err(),
            "{line}"
        );
    }
}

/// What stands inside a change is as strict as the change.
#[test]
fn an_unknown_field_deep_in_a_change_cannot_be_read() {
    let inside = [
        ("user_added", "/facts"),
        ("issuer_changed", "/trust"),
        ("catalogue_set", "/catalogue"),
        ("catalogue_set", "/catalogue/kinds/0"),
        ("catalogue_set", "/catalogue/roles/0"),
        ("catalogue_changed", "/difference"),
        ("catalogue_changed", "/difference/roles/0"),
    ];
    for (kind, place) in inside {
        let mut all = golden().into_iter();
        let mut line = all.find(|line| line["type"] == kind).expect(kind);
        line.pointer_mut(place).expect(place)["since"] = "noon".into();
        assert!(
            serde_json::from_value::<Change>(line).is_err(),
            "{kind}{place}"
        );
    }
}

/// Only what is not there may be left out, and nothing else.
#[test]
fn a_change_without_a_field_that_it_needs_cannot_be_read() {
    let optional = ["key", "expires_at", "parameters", "added", "through"];
    for line in golden() {
        // An invitation always ends.
        let ends = line["type"] == "user_invited";
        let fields: Vec<String> = line
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        for field in fields {
            let mut shorter = line.clone();
            shorter.as_object_mut().expect("an object").remove(&field);
            let is_read = serde_json::from_value::<Change>(shorter).is_ok();
            assert_eq!(
                is_read,
                optional.contains(&&*field) && !(ends && field == "expires_at"),
                "{line} without {field}"
            );
        }
    }
}
