//! What an entry says, apart and together again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

use std::collections::{BTreeMap, BTreeSet};

use attache_core::id::{EntryId, Key, Revision, TenantId, UserId};
use attache_core::model::{Email, ExternalId, Name, Profile, Reason, Trust};
use attache_core::record::{Commitments, Private, RecordError, Stored, join, split};
use attache_core::{Actor, Change, Changes, Entry, EntryHead, State, Timestamp};
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

const GOLDEN: &str = include_str!("golden/changes.json");

/// Every change that there is, and some twice about one thing.
fn golden() -> Vec<Change> {
    serde_json::from_str(GOLDEN).unwrap()
}

/// The same without catalogues, which have words that others have for names.
fn without_catalogues() -> Vec<Change> {
    let is_other = |change: &Change| {
        !matches!(
            change,
            Change::CatalogueSet { .. } | Change::CatalogueChanged { .. }
        )
    };
    golden().into_iter().filter(is_other).collect()
}

fn unsalted(list: Vec<Change>) -> Entry {
    let mut profiles = BTreeMap::new();
    for change in &list {
        if let Change::UserProfileSet { user } = change {
            profiles.insert(*user, profile("Ada", "ada@mill.example"));
        }
    }
    Entry {
        id: EntryId(Uuid::from_u128(7)),
        revision: Revision(1),
        at: Timestamp::from_millis(1_790_000_000_000),
        actor: Actor::Operator,
        correlation_id: "a test".into(),
        head: EntryHead::default(),
        changes: Changes {
            list,
            profiles,
            ..Changes::default()
        },
    }
}

fn entry(list: Vec<Change>) -> Entry {
    let mut next = 0_u8;
    unsalted(list).salted(&mut |bytes| {
        for byte in bytes {
            next = next.wrapping_mul(5).wrapping_add(17);
            *byte = next;
        }
    })
}

fn profile(first: &str, email: &str) -> Profile {
    Profile {
        first_name: Some(Name::from(first.to_owned())),
        last_name: Some(Name::from("O'Brien \"李\" \u{1}".to_owned())),
        email: Some(Email::from(email.to_owned())),
        phone: None,
    }
}

fn together(stored: &Stored, private: Vec<Private>) -> Result<Changes, RecordError> {
    join(&stored.changes, &Commitments::to(&stored.private), private)
}

/// The texts of a golden change that name a person or a company.
fn naming(list: &[Change]) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for change in list {
        let change = serde_json::to_value(change).unwrap();
        for path in [
            "/name",
            "/key",
            "/facts/external_auth_id",
            "/trust/issuer",
            "/trust/tenant_claim/value",
            "/trust/keys/url",
        ] {
            // An id is not found by chance in a longer word.
            texts.extend(
                change
                    .pointer(path)
                    .and_then(Value::as_str)
                    .map(|text| format!("\"{text}\"")),
            );
        }
    }
    texts
}

#[test]
fn every_change_comes_back_from_its_stored_form() {
    let all = entry(golden());
    let stored = split(&all).unwrap();
    assert_eq!(
        together(&stored, stored.private.clone()).unwrap(),
        all.changes
    );
    for change in golden() {
        let one = entry(vec![change]);
        let stored = split(&one).unwrap();
        let back = together(&stored, stored.private.clone()).unwrap();
        assert_eq!(back, one.changes);
        // What was read is written with the very same bytes.
        let again = Entry {
            changes: back,
            ..one
        };
        assert_eq!(split(&again).unwrap(), stored);
    }
}

#[test]
fn a_reason_is_a_private_part_about_the_entry_itself() {
    for list in [golden(), Vec::new()] {
        let mut whole = unsalted(list);
        whole.changes.reason = Some(Reason::new("Zo\u{eb} asked \"twice\"").unwrap());
        let whole = whole.salted(&mut |bytes| bytes.fill(7));
        let stored = split(&whole).unwrap();
        assert!(!stored.changes.contains("asked"));
        let all = stored.private.clone();
        assert_eq!(together(&stored, all.clone()).unwrap(), whole.changes);
        let others = all.into_iter().filter(|part| part.about != whole.id.0);
        let erased = together(&stored, others.collect()).unwrap();
        assert_eq!(erased.reason, None);
        assert_eq!(erased.list, whole.changes.list);
    }
}

#[test]
fn the_stored_changes_name_nobody() {
    let list = without_catalogues();
    let stored = split(&entry(list.clone())).unwrap();
    let naming = naming(&list);
    assert!(naming.len() > 15, "{naming:?}");
    for text in &naming {
        assert!(!stored.changes.contains(text), "{text}");
        let stands = |part: &Private| part.data.contains(text);
        assert!(stored.private.iter().any(stands), "{text}");
    }
    for text in ["Ada", "ada@mill.example", "O'Brien"] {
        assert!(!stored.changes.contains(text), "{text}");
    }
}

#[test]
fn an_entry_that_names_nobody_has_no_private_part_and_the_changes_as_they_are() {
    let is_open = |change: &Change| {
        let open = entry(vec![change.clone()]);
        split(&open).unwrap().private.is_empty()
    };
    let list: Vec<Change> = golden().into_iter().filter(is_open).collect();
    assert!(list.len() > 20);
    let open = unsalted(list.clone());
    let mut was_asked = false;
    let open = open.salted(&mut |_| was_asked = true);
    assert!(!was_asked && open.changes.salts.is_empty());
    let stored = split(&open).unwrap();
    assert_eq!(stored.changes, serde_json::to_string(&list).unwrap());
    assert!(Commitments::to(&stored.private).is_empty());
}

#[test]
fn an_entry_without_its_salts_is_not_taken_apart() {
    let refused = split(&unsalted(golden())).unwrap_err();
    assert!(matches!(refused, RecordError::Unsalted(_)), "{refused}");
}

#[test]
fn an_entry_keeps_the_salts_that_it_has() {
    let once = entry(golden());
    let twice = once.clone().salted(&mut |_| panic!("no salt is lacking"));
    assert_eq!(once, twice);
}

/// RFC 8785, written down again: objects in the order of their names, no spaces.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<_, _> = fields.iter().collect();
            let field =
                |(name, value): (&String, &Value)| format!("\"{name}\":{}", canonical(value));
            let fields: Vec<_> = sorted.into_iter().map(field).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(canonical).collect();
            format!("[{}]", values.join(","))
        }
        other => other.to_string(),
    }
}

#[test]
fn private_parts_are_canonical_json() {
    for part in split(&entry(golden())).unwrap().private {
        let value: Value = serde_json::from_str(&part.data).unwrap();
        assert_eq!(&*part.data, canonical(&value));
    }
}

/// The numbers are of `printf SALT PART | sha256sum`: whoever verifies does so.
#[test]
fn a_commitment_is_the_hash_of_the_salt_and_the_part() {
    let part = Private {
        about: Uuid::from_u128(1),
        salt: attache_core::record::Salt([b'-'; 32]),
        data: r#"{"changes":[{"key":"ada"}]}"#.into(),
    };
    assert_eq!(part.commitment().to_string(), HASH);
    let all = Commitments::to(std::slice::from_ref(&part));
    let bytes = all.to_bytes();
    assert_eq!(bytes.len(), 48);
    assert_eq!(Commitments::from_bytes(&bytes).unwrap(), all);
    assert!(Commitments::from_bytes(&bytes[1..]).is_err());
    assert!(Commitments::from_bytes(&[&bytes[..], &bytes[..]].concat()).is_err());
}

const HASH: &str = "0781146aab6ba80da875a99075cf3293f336f49abaa8cf49f4cbd075c5cb77a5";

#[test]
fn an_erased_part_leaves_an_entry_that_names_nobody_and_all_others_verify() {
    let list = without_catalogues();
    let whole = entry(list.clone());
    let stored = split(&whole).unwrap();
    let commitments = Commitments::to(&stored.private);
    for erased in &stored.private {
        let mut left = stored.private.clone();
        left.retain(|part| part.about != erased.about);
        let back = together(&stored, left.clone()).unwrap();
        let shown = serde_json::to_string(&back).unwrap();
        for part in &left {
            assert_eq!(commitments.get(part.about), Some(part.commitment()));
        }
        // What only this part said is said nowhere.
        let elsewhere = |text: &String| left.iter().any(|part| part.data.contains(text));
        for text in naming(&list)
            .iter()
            .filter(|text| erased.data.contains(&**text))
        {
            assert!(elsewhere(text) || !shown.contains(text), "{text}: {shown}");
        }
        // Each change is there, in its place.
        let kinds = |list: &[Change]| -> Vec<Value> {
            let kind = |change| serde_json::to_value(change).unwrap()["type"].clone();
            list.iter().map(kind).collect()
        };
        assert_eq!(kinds(&back.list), kinds(&list));
    }
}

#[test]
fn a_state_of_erased_entries_is_sound_and_its_names_tell_things_apart() {
    let golden = golden();
    let whole = entry(vec![golden[1].clone(), golden[0].clone()]);
    let stored = split(&whole).unwrap();
    let erased = Entry {
        changes: together(&stored, Vec::new()).unwrap(),
        ..whole
    };
    let mut state = State::empty(TenantId(Uuid::from_u128(1)));
    state.apply(&erased);
    let Change::TenantCreated { root, name, .. } = &erased.changes.list[1] else {
        panic!("the second change begins the tenant");
    };
    let root = state
        .resource(attache_core::id::Node(0))
        .filter(|it| it.id == *root)
        .unwrap();
    assert_eq!(
        (root.name.as_str(), name.as_str()),
        ("erased 00000010", "erased 00000010")
    );
    assert!(Name::new(root.name.as_str()).is_ok());
}

#[test]
fn an_erased_issuer_is_one_that_nobody_signs_in_through() {
    let terms = |change: &Change| -> Option<Trust> {
        match change {
            Change::IssuerAdded { trust, .. } | Change::IssuerChanged { trust, .. } => {
                Some((**trust).clone())
            }
            _ => None,
        }
    };
    let whole = entry(golden());
    let stored = split(&whole).unwrap();
    let erased = together(&stored, Vec::new()).unwrap();
    let erased: Vec<Trust> = erased.list.iter().filter_map(terms).collect();
    assert!(erased.len() > 2);
    for trust in erased {
        assert!(trust.issuer.starts_with("erased:"), "{trust:?}");
        assert!(!trust.accepts_invitations);
        // A new issuer on these terms would be refused: none has such a name and no keys.
        assert!(!trust.check().is_empty());
    }
}

#[test]
fn a_part_of_another_entry_or_changed_by_hand_is_not_believed() {
    let whole = entry(golden());
    let stored = split(&whole).unwrap();
    for at in 0..stored.private.len() {
        let mut changed = stored.private.clone();
        changed[at].data = changed[at].data.replace('e', "f").into();
        let refused = together(&stored, changed).unwrap_err();
        assert!(matches!(refused, RecordError::Another(_)), "{refused}");
        let mut changed = stored.private.clone();
        changed[at].salt.0[31] ^= 1;
        assert!(together(&stored, changed).is_err());
    }
    // Changes whose marker has no commitment, and changes that lost a marker.
    let none = Commitments::default();
    assert!(join(&stored.changes, &none, Vec::new()).is_err());
    let all = Commitments::to(&stored.private);
    assert!(join("[]", &all, stored.private.clone()).is_err());
    assert!(join("[{]", &all, stored.private).is_err());
}

prop_compose! {
    fn texts()(texts in prop::collection::vec("\\PC{1,12}|[\\x00-\\x1f\"\\\\\u{7f}]{1,4}", 4)) -> Vec<String> {
        texts
    }
}

proptest! {
    #[test]
    fn any_text_comes_back_and_is_canonical(
        users in prop::collection::vec((0_u8..6, texts(), any::<bool>(), any::<bool>()), 1..20)
    ) {
        let golden = golden();
        let mut list = Vec::new();
        let mut profiles = BTreeMap::new();
        for (user, texts, has_key, has_profile) in users {
            let id = UserId(Uuid::from_u128(u128::from(user)));
            for change in &golden {
                if let Change::UserAdded { number, status, facts, .. } = change {
                    let mut facts = facts.clone();
                    facts.external_auth_id = Some(ExternalId::from(&*texts[0]));
                    let key = has_key.then(|| Key::from(texts[1].clone()));
                    list.push(Change::UserAdded { user: id, number: *number, key: key.clone(), status: *status, facts: facts.clone() });
                    list.push(Change::UserChanged { user: id, key, facts });
                    break;
                }
            }
            if has_profile {
                profiles.insert(id, profile(&texts[2], &texts[3]));
                list.push(Change::UserProfileSet { user: id });
            }
        }
        let mut whole = unsalted(Vec::new());
        whole.changes = Changes { list, profiles, ..Changes::default() };
        let whole = whole.salted(&mut |bytes| bytes.fill(9));
        let stored = split(&whole).unwrap();
        prop_assert_eq!(together(&stored, stored.private.clone()).unwrap(), whole.changes);
        for part in &stored.private {
            let value: Value = serde_json::from_str(&part.data).unwrap();
            prop_assert_eq!(&*part.data, canonical(&value));
        }
    }
}
