//! One evaluation: the decision, and why.

use std::fmt::Write as _;

use serde_json::json;

use crate::ask::{EVALUATION, POINT, ask, decided, question, world, world_with_an_inbox};
use attache_testkit::world::acme::{
    ACCOUNTS, ADA_KEY, AN_HOUR, BEN, CLEO, FORGE_KEY, HUGO, IRIS, KAI, LI,
};
use attache_testkit::world::acme::{MILL, NAMELESS};
use attache_testkit::world::{World, acme, ids, wishes};

const SEE: &str = "customers.view";
const LIST: &str = "customers.users.list";

fn mill() -> String {
    ids::resource(MILL.0, MILL.1).to_string()
}

/// Who, what, where.
type Asked<'a> = ((&'a str, u32), &'a str, (&'a str, &'a str));

/// Each answer, under what was asked.
async fn golden(world: &World, asked: &[Asked<'_>]) -> String {
    let mut all = String::new();
    for ((kind, number), action, resource) in asked {
        let body = question((kind, &format!("#{number}")), action, *resource);
        let answer = ask(world, EVALUATION, POINT, &body).await;
        writeln!(all, "{kind} {number}: {action} on {resource:?}").unwrap();
        writeln!(all, "{}\n", answer.golden()).unwrap();
    }
    all
}

#[tokio::test]
async fn every_reason_is_told() {
    let world = world().await;
    let mill = mill();
    let mill = ("customer", mill.as_str());
    let asked = [
        (("user", BEN), LIST, mill),
        (("user", KAI), SEE, mill),
        (("user", IRIS), "customers.revenue.view", mill),
        (("user", LI), LIST, mill),
        (("group", ACCOUNTS), LIST, mill),
        (("service", 1), "customers.users.add", mill),
        (("user", NAMELESS), LIST, mill),
        (("user", HUGO), LIST, mill),
        (("user", CLEO), LIST, mill),
        (("user", 999), LIST, mill),
        (("robot", 1), LIST, mill),
        (("user", BEN), LIST, ("customer", "nowhere")),
        (("user", BEN), LIST, ("spaceship", "#1")),
        (("user", BEN), "list the users", mill),
        (("user", HUGO), "", mill),
        (("user", CLEO), "*.*", mill),
        (("user", HUGO), "tenants.view", ("tenant", "#1")),
    ];
    insta::assert_snapshot!("every_reason", golden(&world, &asked).await);
    world.pass(AN_HOUR);
    let asked = [
        (("user", KAI), SEE, mill),
        (("user", IRIS), "customers.revenue.view", mill),
        (("user", IRIS), LIST, mill),
    ];
    insta::assert_snapshot!("what_has_expired", golden(&world, &asked).await);
}

#[tokio::test]
async fn a_part_of_a_resource_is_named_by_properties() {
    let world = world_with_an_inbox().await;
    let mut all = String::new();
    for properties in [
        json!(null),
        json!({}),
        json!({"inboxId": "7"}),
        json!({"inboxId": 7}),
        json!({"inboxId": "8"}),
        json!({"inboxId": true}),
        json!({"inboxId": ["7"]}),
        json!({"inbox": "7"}),
    ] {
        let li = format!("#{LI}");
        let mut body = question(
            ("user", &li),
            "chatbots.conversations.list",
            ("chatbot", "concierge"),
        );
        body["resource"]["properties"] = properties.clone();
        let answer = ask(&world, EVALUATION, POINT, &body).await;
        writeln!(all, "{properties}\n{}\n", answer.golden()).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn a_property_is_compared_in_one_normal_form() {
    let world = world().await;
    let (composed, decomposed) = ("Zo\u{eb}", "Zoe\u{308}");
    let grant = attache_core::command::GrantRef {
        resource: wishes::at(acme::CONCIERGE),
        subject: wishes::user_of(LI),
        role: "InboxUser".into(),
        parameters: [("inboxId", decomposed)].into_iter().collect(),
    };
    let expires_at = None;
    let grant = attache_core::Command::Grant { grant, expires_at };
    world.operate(&[grant]).await;
    let li = format!("#{LI}");
    for (inbox, may) in [(composed, true), (decomposed, true), ("Zoe", false)] {
        let mut body = question(
            ("user", &li),
            "chatbots.conversations.list",
            ("chatbot", "concierge"),
        );
        body["resource"]["properties"]["inboxId"] = json!(inbox);
        assert_eq!(decided(&world, &body).await.0, may, "{inbox}");
    }
}

#[tokio::test]
async fn a_parameter_is_found_among_many_properties() {
    let world = world_with_an_inbox().await;
    let li = format!("#{LI}");
    let mut body = question(
        ("user", &li),
        "chatbots.conversations.list",
        ("chatbot", "concierge"),
    );
    for n in 0..40 {
        body["resource"]["properties"][format!("a{n}")] = json!(n);
    }
    body["resource"]["properties"]["inboxId"] = json!("7");
    assert!(decided(&world, &body).await.0);
}

#[tokio::test]
async fn things_are_named_by_key_by_id_and_by_number() {
    let world = world().await;
    let forge = ids::resource("customer", 3).to_string();
    let ada = ids::user(1).to_string();
    let keeper = ids::service(1).to_string();
    let night_shift = ids::group(1).to_string();
    for (subject, names) in [
        ("user", vec![ADA_KEY, &ada, "#1", &ada.to_uppercase()]),
        ("service", vec!["keeper", &keeper, "#1"]),
    ] {
        for name in names {
            for customer in [FORGE_KEY, &forge, "#3"] {
                let body = question((subject, name), LIST, ("customer", customer));
                assert!(decided(&world, &body).await.0, "{body}");
            }
        }
    }
    for name in ["9b2f0d6a-52d8-4f3c-8a2e-6d1f0c9e7b11", &night_shift, "#1"] {
        let body = question(("group", name), LIST, ("customer", "#3"));
        let (_, code) = decided(&world, &body).await;
        assert_eq!(code, "holds_nothing", "{name}");
    }
    for name in ["1", "#01", "#+1", "#-1", "#", "", "#1.0", "#99999999999"] {
        let body = question(("user", name), LIST, ("customer", "#3"));
        let (_, code) = decided(&world, &body).await;
        assert_eq!(code, "unknown_subject", "{name:?}");
    }
}

#[tokio::test]
async fn a_key_that_is_gone_is_not_the_number_of_another() {
    let world = world().await;
    let person = attache_testkit::world::person(40).key("2").add();
    world.operate(&[person]).await;
    let mill = mill();
    // Ben is number 2; the user whose key is 2 holds nothing there.
    let of = |name| question(("user", name), LIST, ("customer", &mill));
    assert_eq!(decided(&world, &of("2")).await.1, "holds_nothing");
    assert!(decided(&world, &of("#2")).await.0);
    let gone = attache_core::Command::RemoveUser {
        user: attache_core::Ref::key("2"),
    };
    world.operate(&[gone]).await;
    let answer = decided(&world, &of("2")).await;
    assert_eq!(answer, (false, "unknown_subject".to_owned()));
    // The same for a customer: number 1 is the mill, and has no key.
    let at = |name| question(("user", "#2"), LIST, ("customer", name));
    assert!(decided(&world, &at("#1")).await.0);
    let answer = decided(&world, &at("1")).await;
    assert_eq!(answer, (false, "unknown_resource".to_owned()));
}

#[tokio::test]
async fn what_is_not_known_is_ignored_and_so_is_the_context() {
    let world = world().await;
    let mill = mill();
    let body = json!({
        "subject": {"type": "user", "id": "#2", "properties": {"role": "none"}, "x": [1]},
        "action": {"name": LIST, "properties": {"method": "GET"}, "y": {}},
        "resource": {"type": "customer", "id": mill, "properties": null, "z": null},
        "context": {"time": "now"},
        "evaluations": [1, 2],
        "future": {"nested": true},
    });
    assert!(decided(&world, &body).await.0);
}

#[tokio::test]
async fn a_question_that_is_wrong_is_400_and_says_where() {
    let world = world().await;
    let good = question(("user", "#2"), LIST, ("customer", "#1"));
    let mut all = String::new();
    for (pointer, value) in [
        ("/subject", json!(null)),
        ("/subject", json!("ben")),
        ("/subject/type", json!(null)),
        ("/subject/id", json!(null)),
        ("/subject/id", json!(2)),
        ("/subject/properties", json!([])),
        ("/action", json!(null)),
        ("/action", json!("read")),
        ("/action/name", json!(null)),
        ("/action/name", json!(123)),
        ("/action/properties", json!("x")),
        ("/resource", json!([])),
        ("/resource/type", json!({})),
        ("/resource/id", json!(null)),
        ("/context", json!("now")),
    ] {
        let mut body = good.clone();
        let (object, field) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(object).unwrap()[field] = value.clone();
        let answer = ask(&world, EVALUATION, POINT, &body).await;
        writeln!(all, "{pointer} = {value}\n{}\n", answer.golden()).unwrap();
        assert_eq!(answer.status, 400);
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn roles_that_would_allow_it_are_named_where_that_is_asked_for() {
    let world = world().await;
    let mill = mill();
    let mut body = question(
        ("user", &format!("#{LI}")),
        "customers.change",
        ("customer", &mill),
    );
    let plain = ask(&world, EVALUATION, POINT, &body).await;
    assert_eq!(plain.json().pointer("/context/reason/roles"), None);
    body["context"] = json!({"explain": true, "address": "10.0.0.1"});
    let said = ask(&world, EVALUATION, POINT, &body).await;
    assert_eq!(said.at("/decision"), false);
    assert_eq!(said.at("/context/reason/code"), "lacks");
    let roles = said.at("/context/reason/roles");
    assert_eq!(roles, json!(["owner", "everything"]), "{}", said.body);
    body["context"] = json!({"explain": "true"});
    let not_asked = ask(&world, EVALUATION, POINT, &body).await;
    assert_eq!(not_asked.body, plain.body);
    body["context"] = json!({"explain": true});
    body["action"]["name"] = json!(LIST);
    let allowed = ask(&world, EVALUATION, POINT, &body).await;
    assert_eq!(allowed.at("/decision"), true);
    assert_eq!(allowed.json().pointer("/context/reason/roles"), None);
}
