//! Searches: who, where, what.

use serde_json::{Value, json};

use crate::ask::{
    ACTIONS, POINT, RESOURCES, SUBJECTS, answer, ask, question, world, world_with_an_inbox,
};
use attache_testkit::world::acme::{AN_HOUR, BEN, EVE, FINN, IRIS, KAI, LI};
use attache_testkit::world::ids;

const LIST: &str = "customers.users.list";

fn results(answer: &Value) -> Vec<&str> {
    let list = answer["results"].as_array().unwrap().iter();
    list.map(|it| it["id"].as_str().or(it["name"].as_str()).unwrap())
        .collect()
}

#[tokio::test]
async fn the_answers_of_the_three_searches() {
    let world = world().await;
    for (name, path, body) in [
        (
            "subjects",
            SUBJECTS,
            question(("user", ""), LIST, ("customer", "#1")),
        ),
        (
            "groups",
            SUBJECTS,
            question(("group", ""), LIST, ("customer", "#1")),
        ),
        (
            "services",
            SUBJECTS,
            question(("service", ""), LIST, ("customer", "#1")),
        ),
        (
            "resources",
            RESOURCES,
            question(("user", "#2"), LIST, ("customer", "")),
        ),
        (
            "actions",
            ACTIONS,
            question(("user", "#2"), "", ("chatbot", "concierge")),
        ),
    ] {
        let answer = ask(&world, path, POINT, &body).await;
        assert!(answer.body.starts_with(r#"{"page":{"#), "{}", answer.body);
        insta::assert_snapshot!(name, answer.golden());
    }
}

#[tokio::test]
async fn users_are_found_through_groups_and_through_what_is_above() {
    let world = world().await;
    let body = question(("user", "ignored"), LIST, ("customer", "#1"));
    let answer = answer(&world, SUBJECTS, &body).await;
    let found = results(&answer);
    // Through a group; through a grant there, on the reseller, on the tenant.
    assert!(found.contains(&ids::user(LI).to_string().as_str()));
    assert!(found.contains(&ids::user(BEN).to_string().as_str()));
    assert!(found.contains(&"crm-7"), "{EVE}: {found:?}");
    assert!(found.contains(&ids::user(FINN).to_string().as_str()));
}

#[tokio::test]
async fn what_has_expired_is_not_found() {
    let world = world().await;
    let body = question(("user", ""), "customers.view", ("customer", "#1"));
    let kai = ids::user(KAI).to_string();
    let before = answer(&world, SUBJECTS, &body).await;
    assert!(results(&before).contains(&kai.as_str()));
    let iris = question(("user", &format!("#{IRIS}")), "", ("customer", "#1"));
    let actions = answer(&world, ACTIONS, &iris).await;
    assert!(results(&actions).contains(&"customers.revenue.*"));
    world.pass(AN_HOUR);
    let after = answer(&world, SUBJECTS, &body).await;
    assert!(!results(&after).contains(&kai.as_str()));
    let kai = question(("user", &kai), "customers.view", ("customer", ""));
    assert!(results(&answer(&world, RESOURCES, &kai).await).is_empty());
    let actions = answer(&world, ACTIONS, &iris).await;
    assert!(!results(&actions).contains(&"customers.revenue.*"));
}

#[tokio::test]
async fn a_part_of_a_resource_is_searched_too() {
    let world = world_with_an_inbox().await;
    let li = ids::user(LI).to_string();
    let mut body = question(
        ("user", &li),
        "chatbots.inbox.views.*",
        ("chatbot", "concierge"),
    );
    for (properties, expected) in [
        (json!({}), false),
        (json!({"inboxId": "8"}), false),
        (json!({"inboxId": 7}), true),
    ] {
        body["resource"]["properties"] = properties;
        for (path, wanted) in [
            (SUBJECTS, li.as_str()),
            (RESOURCES, "concierge"),
            (ACTIONS, "chatbots.inbox.views.*"),
        ] {
            let answer = answer(&world, path, &body).await;
            assert_eq!(
                results(&answer).contains(&wanted),
                expected,
                "{path}: {body}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_not_known_has_no_results() {
    let world = world().await;
    for (path, body) in [
        (
            SUBJECTS,
            question(("spaceship", ""), LIST, ("customer", "#1")),
        ),
        (SUBJECTS, question(("user", ""), LIST, ("customer", "#999"))),
        (SUBJECTS, question(("user", ""), LIST, ("spaceship", "#1"))),
        (
            SUBJECTS,
            question(("user", ""), "no action", ("customer", "#1")),
        ),
        (
            RESOURCES,
            question(("user", "#999"), LIST, ("customer", "")),
        ),
        (RESOURCES, question(("user", "#1"), LIST, ("spaceship", ""))),
        (
            RESOURCES,
            question(("user", "#1"), "no action", ("customer", "")),
        ),
        (ACTIONS, question(("user", "#999"), "", ("customer", "#1"))),
        (ACTIONS, question(("user", "#1"), "", ("customer", "#999"))),
    ] {
        let answer = answer(&world, path, &body).await;
        assert!(results(&answer).is_empty(), "{path}: {body}");
        assert_eq!(answer["page"]["next_token"], "");
    }
}

#[tokio::test]
async fn what_is_searched_for_needs_no_id_and_what_is_not_does() {
    let world = world().await;
    let good = question(("user", "#2"), LIST, ("customer", "#1"));
    for (path, may_lack, must_have) in [
        (
            SUBJECTS,
            vec!["/subject/id"],
            vec![
                "/subject",
                "/subject/type",
                "/action/name",
                "/resource/type",
                "/resource/id",
            ],
        ),
        (
            RESOURCES,
            vec!["/resource/id"],
            vec![
                "/resource",
                "/resource/type",
                "/action",
                "/subject/type",
                "/subject/id",
            ],
        ),
        (
            ACTIONS,
            vec!["/action", "/action/name"],
            vec![
                "/resource",
                "/resource/id",
                "/resource/type",
                "/subject",
                "/subject/id",
            ],
        ),
    ] {
        for (pointers, status) in [(may_lack, 200), (must_have, 400)] {
            for pointer in pointers {
                let mut body = good.clone();
                *body.pointer_mut(pointer).unwrap() = Value::Null;
                let answer = ask(&world, path, POINT, &body).await;
                assert_eq!(answer.status, status, "{path} without {pointer}");
            }
        }
        let mut body = good.clone();
        body["future"] = json!([1]);
        body["context"] = json!({"a": 1});
        assert_eq!(ask(&world, path, POINT, &body).await.status, 200);
        body["context"] = json!("x");
        assert_eq!(ask(&world, path, POINT, &body).await.status, 400);
    }
}
