//! Why, and why not.

use serde_json::{Value, json};

use crate::ask::{admin, by, errors, is};
use attache_testkit::world::World;
use attache_testkit::world::wishes::ROOT;

fn asked(subject: &str, permission: &str, resource: &str) -> Value {
    json!({"subject": subject, "permission": permission, "resource": resource})
}

async fn explained(world: &World, question: Value) -> Value {
    let answer = admin(world, "POST /explain", question).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn it_says_what_an_evaluation_says() {
    let world = World::new().await;
    for user in 1..=13 {
        for permission in ["customers.users.list", "customers.change", "chatbots.get"] {
            for (kind, number) in [
                ("customer", 1),
                ("customer", 2),
                ("chatbot", 1),
                ("tenant", 1),
            ] {
                let (subject, place) = (format!("#{user}"), format!("#{number}"));
                let question = json!({
                    "subject": {"type": "user", "id": subject},
                    "action": {"name": permission},
                    "resource": {"type": kind, "id": place},
                });
                let ask = world.ask("POST", "/access/v1/evaluation");
                let decided = ask.by("deputy").json(&question).send().await;
                let name = format!("{kind}:{place}");
                let question = asked(&format!("user:{subject}"), permission, &name);
                let said = explained(&world, question).await;
                assert_eq!(said["decision"], decided.at("/decision"), "{said}");
                assert_eq!(said["code"], decided.at("/context/reason/code"), "{said}");
                let steps = said["steps"].as_array().unwrap();
                let mut tried = steps.iter().flat_map(|it| it["tried"].as_array().unwrap());
                let allows = tried.any(|it| it["verdict"] == "allows");
                // An inactive user holds what it was granted, and may nothing.
                let is_decided = said["decision"] == allows || said["code"] == "inactive";
                assert!(is_decided, "{said}");
                assert!(!said["message"].as_str().unwrap().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_denial_says_what_stands_nearest_and_who_could_help() {
    let world = World::new().await;
    let said = explained(&world, asked("user:#6", "customers.change", "customer:#1")).await;
    assert_eq!(said["code"], "lacks");
    let here = &said["steps"][0];
    assert_eq!(here["tried"][0]["type"], "membership");
    assert_eq!(here["tried"][1]["role"], "viewer");
    assert_eq!(here["tried"][1]["verdict"], "lacks");
    assert!(here["tried"][1]["group"]["id"].is_string());
    assert!(here["roles"].as_array().unwrap().contains(&json!("owner")));
    assert!(said["may_grant"]["total"].as_u64().unwrap() > 0);
    let message = said["message"].as_str().unwrap();
    for part in [
        "in the role viewer, which lacks customers.change",
        "owner",
        "may grant that.",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let allowed = explained(&world, asked("user:#2", "customers.change", "customer:#1")).await;
    assert_eq!(allowed["decision"], true);
    assert_eq!(
        allowed["message"],
        "Ben Okafor may customers.change on customer:mill: role owner on customer:mill."
            .replace("customer:mill", &place(&allowed))
    );
    assert!(allowed["may_grant"].is_null());
}

fn place(said: &Value) -> String {
    format!("customer:{}", said["resource"]["short"].as_str().unwrap())
}

#[tokio::test]
async fn what_ran_out_is_told_with_its_end() {
    let world = World::new().await;
    world.pass(3_700);
    let said = explained(
        &world,
        asked("user:#11", "customers.revenue.view", "customer:#1"),
    )
    .await;
    assert_eq!(said["code"], "expired", "{said}");
    let tried = said["steps"][0]["tried"].as_array().unwrap();
    let ended = tried
        .iter()
        .find(|it| it["verdict"] == "does_not_count")
        .unwrap();
    assert_eq!(ended["role"], "cro");
    assert!(ended["expires_at"].is_string(), "{said}");
    assert!(
        said["message"]
            .as_str()
            .unwrap()
            .contains("role cro on customer:#1, until")
    );
}

#[tokio::test]
async fn it_is_for_callers_that_may_check_and_about_oneself() {
    let mut world = World::new().await;
    let ben = asked("user:#2", "customers.view", "customer:#1");
    for service in ["nobody", "reader", "keeper", "local"] {
        let answer = by(&world, service, "POST /explain", ben.clone()).await;
        is(&answer, 403, "forbidden");
    }
    // About itself everybody may ask, and is told of what it sees.
    let own = asked("service:local", "customers.change", "customer:#1");
    let said = by(&world, "local", "POST /explain", own).await;
    assert_eq!(said.at("/code"), "lacks", "{}", said.body);
    let places = said.json()["steps"].as_array().unwrap().len();
    assert_eq!(
        places, 1,
        "the reseller and the tenant are not seen: {}",
        said.body
    );
    for hidden in ["customer:#2", "customer:#99"] {
        let own = asked("service:local", "customers.change", hidden);
        let said = by(&world, "local", "POST /explain", own).await;
        assert_eq!(said.at("/code"), "unknown_resource", "{}", said.body);
        assert_eq!(said.at("/resource"), Value::Null);
    }
    // Who may check and no more learns no names.
    let may = ["tenants.access.check".to_owned()];
    world.caller_with("gate", ROOT, &may).await;
    let lacks = asked("user:#6", "customers.change", "customer:#1");
    let said = by(&world, "gate", "POST /explain", lacks).await;
    assert_eq!(said.at("/code"), "lacks", "{}", said.body);
    assert_eq!(said.at("/subject/name"), Value::Null);
    assert_eq!(said.at("/resource/name"), Value::Null);
    assert!(said.json()["may_grant"].is_null());
    assert!(
        !said.body.contains('李') && !said.body.contains("Mill"),
        "{}",
        said.body
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_field() {
    let world = World::new().await;
    for (body, error) in [
        (json!({}), "subject is required"),
        (asked("user:#1", "a..b", "tenant"), "permission "),
        (
            json!({"subject": "user:#1", "permission": "a", "resource": 7}),
            "resource must be",
        ),
        (
            json!({"subject": "user:#1", "permission": "a", "resource": "tenant", "x": 1}),
            "x is not known here",
        ),
    ] {
        let answer = admin(&world, "POST /explain", body).await;
        is(&answer, 400, "invalid");
        assert!(errors(&answer)[0].starts_with(error), "{}", answer.body);
    }
    let many: serde_json::Map<String, Value> =
        (0..17).map(|n| (format!("p{n}"), json!("x"))).collect();
    let mut body = asked("user:#1", "a", "tenant");
    body["parameters"] = many.into();
    let answer = admin(&world, "POST /explain", body).await;
    assert_eq!(errors(&answer), ["parameters must be at most 16"]);
    for (subject, resource, code) in [
        ("user:nobody", "tenant", "unknown_subject"),
        ("user:#1", "customer:nowhere", "unknown_resource"),
    ] {
        let said = explained(&world, asked(subject, "customers.view", resource)).await;
        assert_eq!(
            (said["decision"].as_bool(), &said["code"]),
            (Some(false), &json!(code))
        );
    }
}

#[tokio::test]
async fn an_unknown_name_is_told_and_refused_strictly() {
    let world = World::new().await;
    for (question, code, nearest, field) in [
        (
            asked("user:#6", "customers.chnge", "customer:#1"),
            "unknown_action",
            "customers.change",
            "permission",
        ),
        (
            asked("user:#6", "customers.change", "custmer:#1"),
            "unknown_type",
            "customer",
            "resource",
        ),
        (
            asked("usr:#6", "customers.change", "customer:#1"),
            "unknown_type",
            "user",
            "subject",
        ),
    ] {
        let said = explained(&world, question.clone()).await;
        assert_eq!(said["decision"], false);
        assert_eq!(said["code"], code, "{said}");
        assert_eq!(said["nearest"], nearest, "{said}");
        let message = said["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("the nearest is {nearest}")),
            "{message}"
        );
        let refused = admin(&world, "POST /explain?strict=true", question).await;
        is(&refused, 400, "invalid");
        assert!(errors(&refused)[0].starts_with(field), "{}", refused.body);
    }
    let mut part = asked("user:#6", "customers.change", "customer:#1");
    part["parameters"] = json!({"inboxID": "7"});
    assert_eq!(explained(&world, part).await["nearest"], "inboxId");
    let path = "GET /users/%236/resources?permission=customers.vew&strict=true";
    let refused = admin(&world, path, Value::Null).await;
    is(&refused, 400, "invalid");
    assert_eq!(
        errors(&refused),
        ["permission is no permission that the catalogue knows; the nearest is customers.view"]
    );
}
