//! Several evaluations in one request.

use serde_json::{Value, json};

use crate::ask::{EVALUATION, EVALUATIONS, POINT, answer, ask, entity, question, world};
use attache_testkit::world::wishes::{ROOT, catalogue, role};
use attache_testkit::world::{EVALUATIONS as MOST, World};

const LIST: &str = "customers.users.list";

/// Ben may list the users of customer 1, and not those of 2.
fn resources(ids: &[&str]) -> Value {
    let items = ids
        .iter()
        .map(|id| json!({"resource": entity(("customer", id))}));
    json!({
        "subject": entity(("user", "#2")),
        "action": {"name": LIST},
        "evaluations": items.collect::<Vec<_>>(),
    })
}

fn decisions(answer: &Value) -> Vec<bool> {
    let list = answer["evaluations"].as_array().unwrap().iter();
    list.map(|item| item["decision"].as_bool().unwrap())
        .collect()
}

#[tokio::test]
async fn they_are_answered_in_their_order() {
    let world = world().await;
    let answer = answer(&world, EVALUATIONS, &resources(&["#1", "#2", "#1"])).await;
    assert_eq!(decisions(&answer), [true, false, true]);
    assert_eq!(answer.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn a_semantic_ends_the_list_right_behind_what_triggers_it() {
    let world = world().await;
    for (semantic, expected) in [
        (json!(null), vec![true, false, true, false]),
        (json!("execute_all"), vec![true, false, true, false]),
        (json!("deny_on_first_deny"), vec![true, false]),
        (json!("permit_on_first_permit"), vec![true]),
    ] {
        let mut body = resources(&["#1", "#2", "#1", "#2"]);
        body["options"] = json!({"evaluations_semantic": semantic, "another": 1});
        let answer = answer(&world, EVALUATIONS, &body).await;
        assert_eq!(decisions(&answer), expected, "{semantic}");
    }
    for wrong in [json!("bogus"), json!(""), json!(1), json!(["execute_all"])] {
        let mut body = resources(&["#1"]);
        body["options"] = json!({"evaluations_semantic": wrong});
        assert_eq!(ask(&world, EVALUATIONS, POINT, &body).await.status, 400);
    }
    let mut body = resources(&["#1"]);
    body["options"] = json!("execute_all");
    assert_eq!(ask(&world, EVALUATIONS, POINT, &body).await.status, 400);
}

#[tokio::test]
async fn without_a_list_it_is_one_evaluation() {
    let world = world().await;
    let mut body = question(("user", "#2"), LIST, ("customer", "#1"));
    let alone = ask(&world, EVALUATION, POINT, &body).await;
    for list in [json!(null), json!([])] {
        body["evaluations"] = list;
        let answer = ask(&world, EVALUATIONS, POINT, &body).await;
        assert_eq!(answer.body, alone.body);
    }
    let body = json!({"subject": entity(("user", "#2")), "evaluations": []});
    let answer = ask(&world, EVALUATIONS, POINT, &body).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn a_default_holds_where_an_item_says_nothing() {
    let world = world().await;
    let body = json!({
        "subject": entity(("user", "#2")),
        "action": {"name": LIST},
        "resource": {"type": "customer", "id": "#1", "properties": {"a": 1}},
        "evaluations": [
            {},
            {"subject": entity(("user", "#10"))},
            {"action": {"name": "customers.nothing"}},
            {"action": {}},
            {"resource": {"id": "#2"}},
            {"resource": {"type": "chatbot"}, "action": {"name": "chatbots.get"}},
            {"context": {"b": 2}},
        ],
    });
    let answer = answer(&world, EVALUATIONS, &body).await;
    let expected = [true, false, true, true, false, true, true];
    assert_eq!(decisions(&answer), expected, "{answer}");
}

#[tokio::test]
async fn incomplete_defaults_are_completed_by_the_items() {
    let world = world().await;
    let body = json!({
        "subject": {"type": "user"},
        "resource": {},
        "evaluations": [
            {"subject": {"id": "#2"}, "action": {"name": LIST}, "resource": entity(("customer", "#1"))},
        ],
    });
    let answer = answer(&world, EVALUATIONS, &body).await;
    assert_eq!(decisions(&answer), [true]);
}

#[tokio::test]
async fn what_is_wrong_with_one_is_said_in_its_place() {
    let world = world().await;
    let mut body = resources(&["#1"]);
    let items = body["evaluations"].as_array_mut().unwrap();
    items.extend([
        json!({}),
        json!("x"),
        json!(null),
        json!({"resource": {"type": "customer"}}),
        json!({"resource": {"type": "customer", "id": 7}}),
        json!({"resource": entity(("customer", "#1")), "subject": "ben"}),
        json!({"resource": entity(("customer", "#1"))}),
    ]);
    insta::assert_snapshot!(ask(&world, EVALUATIONS, POINT, &body).await.golden());
    body["options"] = json!({"evaluations_semantic": "deny_on_first_deny"});
    let answer = answer(&world, EVALUATIONS, &body).await;
    assert_eq!(decisions(&answer), [true, false]);
}

#[tokio::test]
async fn what_is_wrong_with_the_whole_is_400() {
    let world = world().await;
    for (field, value) in [
        ("evaluations", json!({})),
        ("evaluations", json!("x")),
        ("subject", json!("ben")),
        ("action", json!({"name": 1})),
        ("resource", json!([])),
        ("context", json!(1)),
    ] {
        let mut body = resources(&["#1"]);
        body[field] = value;
        let answer = ask(&world, EVALUATIONS, POINT, &body).await;
        assert_eq!(answer.status, 400, "{body}");
    }
}

#[tokio::test]
async fn a_list_has_a_limit() {
    let world = world().await;
    for (items, status) in [(MOST, 200), (MOST + 1, 400)] {
        let mut body = question(("user", "#2"), LIST, ("customer", "#1"));
        body["evaluations"] = vec![json!({}); items].into();
        let answer = ask(&world, EVALUATIONS, POINT, &body).await;
        assert_eq!(answer.status, status, "{items}: {}", answer.body);
    }
}

/// A world where a hundred roles more would let somebody change a customer, and an answer has
/// so many bytes.
async fn world_of_many_roles(answer_bytes: usize) -> World {
    let mut world = World::limited(|limits| {
        limits.answer_bytes = answer_bytes;
        limits.evaluations = 100;
    })
    .await;
    let permissions = ["tenants.access.*".to_owned()];
    world.caller_with(POINT, ROOT, &permissions).await;
    let mut roles = world.state().await.catalogue().unwrap().clone();
    let changes = ["customers.change".to_owned()];
    for number in 1_000..1_100 {
        let name = format!("changer-{number}");
        roles.roles.push(role(number, &name, "customer", &changes));
    }
    world.operate(&[catalogue(roles)]).await;
    world
}

/// Ben may list the users of customer 1, and may not change it.
fn explained(items: usize) -> Value {
    let item = |nth: usize| match nth % 3 {
        0 => json!({"action": {"name": LIST}}),
        1 => json!({}),
        _ => json!({"resource": {"id": 7}}),
    };
    json!({
        "subject": entity(("user", "#6")),
        "action": {"name": "customers.change"},
        "resource": entity(("customer", "#1")),
        "context": {"explain": true},
        "evaluations": (0..items).map(item).collect::<Vec<_>>(),
    })
}

#[tokio::test]
async fn an_explanation_names_the_first_roles_and_counts_the_others() {
    let world = world_of_many_roles(4_000_000).await;
    let answer = answer(&world, EVALUATIONS, &explained(2)).await;
    let reason = &answer["evaluations"][1]["context"]["reason"];
    assert_eq!(reason["code"], "lacks", "{reason}");
    assert_eq!(reason["roles"].as_array().unwrap().len(), 20, "{reason}");
    let more = reason["more_roles"].as_u64().unwrap();
    assert!((80..90).contains(&more), "{more}");
}

#[tokio::test]
async fn an_answer_ends_its_explanations_by_its_bytes_and_no_decision() {
    let body = explained(99);
    let large = world_of_many_roles(4_000_000).await;
    let whole = answer(&large, EVALUATIONS, &body).await;
    for (most, explains_some) in [(25_000, true), (100, false)] {
        let world = world_of_many_roles(most).await;
        let said = ask(&world, EVALUATIONS, POINT, &body).await;
        assert_eq!(said.status, 200, "{}", said.body);
        // Where that is less than the decisions alone have, they are told all the same.
        assert!(said.body.len() < most.max(18_000), "{}", said.body.len());
        let said = said.json();
        assert_eq!(decisions(&said), decisions(&whole));
        let pairs = said["evaluations"].as_array().unwrap().iter();
        let pairs = pairs.zip(whole["evaluations"].as_array().unwrap());
        let (mut as_whole, mut bare) = (0, 0);
        for (item, whole) in pairs {
            let (why, whole_why) = (&item["context"]["reason"], &whole["context"]["reason"]);
            assert_eq!(why["code"], whole_why["code"]);
            let status = "/context/error/status";
            assert_eq!(item.pointer(status), whole.pointer(status));
            match why["left_out"] == true {
                true => bare += 1,
                false if item == whole => as_whole += 1,
                false => panic!("{item}"),
            }
        }
        assert!(bare > 10, "{bare}");
        let explained = said.pointer("/evaluations/1/context/reason/roles");
        assert_eq!(explained.is_some(), explains_some, "{as_whole} {bare}");
    }
}
