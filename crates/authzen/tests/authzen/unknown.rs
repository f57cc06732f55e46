//! Names that the catalogue does not know: told with a denial, counted, and refused strictly.

use serde_json::{Value, json};

use crate::ask::{
    ACTIONS, EVALUATION, EVALUATIONS, POINT, RESOURCES, SUBJECTS, answer, ask, decided, question,
    world,
};
use attache_testkit::world::World;
use attache_testkit::world::acme::HUGO;

const MILL: (&str, &str) = ("customer", "#1");

fn hugo() -> String {
    format!("#{HUGO}")
}

fn of_hugo(action: &str, resource: (&str, &str)) -> Value {
    question(("user", &hugo()), action, resource)
}

fn strictly(mut body: Value) -> Value {
    body["context"] = json!({"strict": true});
    body
}

/// The count of a metric for one label.
async fn counted(world: &World, what: &str) -> u64 {
    let metrics = world.get("/metrics").send().await.body;
    let name = format!("attache_questions_unknown_total{{what=\"{what}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap()
}

#[tokio::test]
async fn a_denial_names_what_is_unknown_and_the_nearest() {
    let world = world().await;
    for (body, code, nearest) in [
        (
            of_hugo("customers.vew", MILL),
            "unknown_action",
            json!("customers.view"),
        ),
        (
            of_hugo("customers.users.lst", MILL),
            "unknown_action",
            json!("customers.users.list"),
        ),
        (
            of_hugo("list the users", MILL),
            "unknown_action",
            json!(null),
        ),
        (
            of_hugo("customers.view", ("custmer", "#1")),
            "unknown_type",
            json!("customer"),
        ),
        (
            of_hugo("customers.view", ("spaceship", "#1")),
            "unknown_type",
            json!(null),
        ),
        (
            question(("usr", &hugo()), "customers.view", MILL),
            "unknown_type",
            json!("user"),
        ),
    ] {
        let said = answer(&world, EVALUATION, &body).await;
        let reason = &said["context"]["reason"];
        assert_eq!(said["decision"], false, "{body}");
        assert_eq!(reason["code"], code, "{said}");
        assert_eq!(reason["nearest"], nearest, "{said}");
        let message = reason["message"].as_str().unwrap();
        assert!(message.contains("knows"), "{message}");
    }
    let mut body = of_hugo("customers.view", MILL);
    body["resource"]["properties"] = json!({"inboxID": "7"});
    let (_, code) = decided(&world, &body).await;
    assert_eq!(code, "unknown_parameter");
    // What is meant for others is no slip.
    body["resource"]["properties"] = json!({"status": "archived"});
    let (_, code) = decided(&world, &body).await;
    assert_ne!(code, "unknown_parameter");
    assert_eq!(counted(&world, "action").await, 3);
    assert_eq!(counted(&world, "type").await, 3);
    assert_eq!(counted(&world, "parameter").await, 1);
}

#[tokio::test]
async fn a_strict_question_with_an_unknown_name_is_refused() {
    let world = world().await;
    let mut part = of_hugo("customers.view", MILL);
    part["resource"]["properties"] = json!({"status": "archived"});
    for (body, said) in [
        (
            of_hugo("customers.vew", MILL),
            "action.name is no permission that the catalogue knows; the nearest is customers.view.",
        ),
        (
            of_hugo("customers.view", ("custmer", "#1")),
            "resource.type is no type that the catalogue knows; the nearest is customer.",
        ),
        (
            part,
            "resource.properties.status is no parameter of a role.",
        ),
    ] {
        assert!(
            !answer(&world, EVALUATION, &body).await["decision"]
                .as_bool()
                .unwrap()
        );
        let refused = ask(&world, EVALUATION, POINT, &strictly(body)).await;
        assert_eq!((refused.status, &*refused.body), (400, said));
    }
    let known = strictly(of_hugo("customers.view", MILL));
    assert_eq!(ask(&world, EVALUATION, POINT, &known).await.status, 200);
}

#[tokio::test]
async fn each_of_several_is_refused_in_its_place() {
    let world = world().await;
    let body = json!({
        "subject": {"type": "user", "id": hugo()},
        "resource": {"type": "customer", "id": "#1"},
        "context": {"strict": true},
        "evaluations": [
            {"action": {"name": "customers.vew"}},
            {"action": {"name": "customers.view"}},
        ],
    });
    let said = answer(&world, EVALUATIONS, &body).await;
    let first = &said["evaluations"][0];
    assert_eq!(first["decision"], false);
    assert_eq!(first["context"]["error"]["status"], 400);
    assert!(
        said["evaluations"][1]["context"]["reason"].is_object(),
        "{said}"
    );
}

#[tokio::test]
async fn a_search_says_why_nothing_is_found() {
    let world = world().await;
    let (user, mill) = (
        json!({"type": "user", "id": hugo()}),
        json!({"type": "customer", "id": "#1"}),
    );
    for (path, body, code) in [
        (
            SUBJECTS,
            json!({"subject": {"type": "group"}, "action": {"name": "tenants.vew"}, "resource": {"type": "tenant", "id": "#1"}}),
            "unknown_action",
        ),
        (
            SUBJECTS,
            json!({"subject": {"type": "usr"}, "action": {"name": "customers.view"}, "resource": mill}),
            "unknown_type",
        ),
        (
            RESOURCES,
            json!({"subject": user, "action": {"name": "customers.view"}, "resource": {"type": "custmer"}}),
            "unknown_type",
        ),
        (
            ACTIONS,
            json!({"subject": user, "resource": {"type": "custmer", "id": "#1"}}),
            "unknown_type",
        ),
    ] {
        let said = answer(&world, path, &body).await;
        assert_eq!(said["results"], json!([]), "{said}");
        assert_eq!(said["context"]["reason"]["code"], code, "{said}");
        assert_eq!(ask(&world, path, POINT, &strictly(body)).await.status, 400);
    }
    let known = json!({"subject": {"type": "user"}, "action": {"name": "customers.view"}, "resource": mill});
    assert!(
        answer(&world, SUBJECTS, &known)
            .await
            .get("context")
            .is_none()
    );
}

/// The names of the catalogue are for those that may read it.
#[tokio::test]
async fn a_caller_that_may_not_read_the_catalogue_is_told_nothing_of_it() {
    let mut world = world().await;
    let may = ["customers.view".to_owned()];
    world.caller_with("clerk", ("customer", 1), &may).await;
    let own = |action: &str, kind: &str| {
        let about = world.ask("POST", EVALUATION).by("clerk");
        let body = question(("service", "clerk"), action, (kind, "#1"));
        (about, body)
    };
    for (action, kind, code) in [
        ("customers.vew", "customer", "lacks"),
        ("customers.view", "custmer", "unknown_resource"),
    ] {
        for strict in [false, true] {
            let (ask, body) = own(action, kind);
            let body = if strict { strictly(body) } else { body };
            let said = ask.json(&body).send().await;
            assert_eq!(said.status, 200, "{}", said.body);
            assert_eq!(said.at("/context/reason/code"), code, "{}", said.body);
        }
    }
}
