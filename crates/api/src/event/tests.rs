//! Every change of the log has an event, and the document describes it.

use std::collections::BTreeSet;

use attache_core::Change;
use attache_core::ask::Withheld;
use serde_json::{Value, json};

use super::{Event, EventProfile};
use attache_testkit::shape::faults;

/// One of each change, as it was first written.
const CHANGES: &str = include_str!("../../../core/tests/golden/changes.json");
/// The reference of this API.
const REFERENCE: &str = include_str!("../../../../docs/api.md");

fn changes() -> Vec<Change> {
    serde_json::from_str(CHANGES).unwrap()
}

fn events(withheld: Withheld) -> Vec<Value> {
    let changes = changes();
    let events = changes.iter().map(|change| Event::of(change, withheld));
    events.map(|it| serde_json::to_value(it).unwrap()).collect()
}

fn types(events: &[Value]) -> BTreeSet<String> {
    let types = events.iter().map(|event| event["type"].as_str().unwrap());
    types.map(str::to_owned).collect()
}

#[test]
fn every_change_has_an_event() {
    let events = events(Withheld::NONE);
    insta::assert_snapshot!(serde_json::to_string_pretty(&events).unwrap());
}

#[test]
fn no_two_changes_share_an_event_type() {
    let changes: Vec<Value> = serde_json::from_str(CHANGES).unwrap();
    let names: BTreeSet<String> = changes.iter().map(|it| it["type"].to_string()).collect();
    assert_eq!(types(&events(Withheld::NONE)).len(), names.len());
}

#[test]
fn withheld_fields_are_left_out() {
    let fields = [
        "key",
        "name",
        "hint",
        "terms",
        "email_verified",
        "first_login",
        "external_auth_id",
    ];
    for (shown, withheld) in events(Withheld::NONE).iter().zip(events(Withheld::ALL)) {
        let mut expected = shown.clone();
        for field in fields {
            expected.as_object_mut().unwrap().remove(field);
        }
        assert_eq!(withheld, expected);
    }
}

#[test]
fn no_event_shows_a_hash() {
    for (change, event) in changes().iter().zip(events(Withheld::NONE)) {
        let hash = &serde_json::to_value(change).unwrap()["hash"];
        assert!(event.get("hash").is_none(), "{event}");
        if let Some(hash) = hash.as_str() {
            assert!(!event.to_string().contains(hash), "{event}");
        }
    }
}

#[test]
fn the_document_describes_every_event() {
    let document = crate::api().document();
    let schema = json!({"$ref": "#/components/schemas/Event"});
    for event in events(Withheld::NONE).iter().chain(&events(Withheld::ALL)) {
        assert_eq!(faults(&document, &schema, event), Vec::<String>::new());
    }
    let event = &document["components"]["schemas"]["Event"];
    let mapping = event["discriminator"]["mapping"].as_object().unwrap();
    let described: BTreeSet<String> = mapping.keys().cloned().collect();
    assert_eq!(described, types(&events(Withheld::NONE)));
    assert_eq!(event["oneOf"].as_array().unwrap().len(), described.len());
    assert_eq!(
        mapping["member.added"],
        "#/components/schemas/MemberAddedEvent"
    );
}

#[test]
fn the_reference_lists_every_event_type() {
    for kind in types(&events(Withheld::NONE)) {
        assert!(REFERENCE.contains(&format!("| `{kind}` |")), "{kind}");
    }
}

#[test]
fn the_document_describes_a_profile() {
    let document = crate::api().document();
    let profile = attache_core::model::Profile::default();
    let shown = serde_json::to_value(EventProfile::of(&profile)).unwrap();
    let schema = json!({"$ref": "#/components/schemas/EventProfile"});
    assert_eq!(faults(&document, &schema, &shown), Vec::<String>::new());
}
