//! Several evaluations in one request.

use serde_json::{Value, json};

use crate::ask::{EVALUATION, EVALUATIONS, POINT, answer, ask, entity, question, world};
use attache_testkit::world::EVALUATIONS as MOST;

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
