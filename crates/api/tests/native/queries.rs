//! No operation passes over a parameter of the query that it does not know: neither a read, nor
//! a write.

use serde_json::{Value, json};

use crate::ask::{ask, errors, is};
use crate::{reads, writes};
use attache_testkit::world::World;

/// A parameter that no operation has.
const UNKNOWN: &str = "x=1";

/// Operations that stand in neither table: of the operator, or without an answer in JSON.
/// Those of no tenant are asked by the operator.
fn others() -> [(&'static str, &'static str, Value); 5] {
    [
        (
            "POST /tenants",
            "POST /tenants",
            json!({"slug": "new", "name": "New"}),
        ),
        (
            "PATCH /tenants/{tenant}",
            "PATCH /tenants/acme",
            json!({"slug": "acme-2"}),
        ),
        (
            "POST /invitations/accept",
            "POST /invitations/accept",
            json!({"token": "…"}),
        ),
        ("GET /export", "GET /export", Value::Null),
        (
            "POST /explain",
            "POST /explain",
            json!({"subject": "user:greta", "permission": "customers.view", "resource": "customer:#1"}),
        ),
    ]
}

/// Every operation of the document.
async fn documented(world: &World) -> Vec<String> {
    let document = world.get("/openapi/attache.json").send().await.json();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys();
        found.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    found
}

fn refused(answer: &attache_testkit::world::Answer, what: &str) {
    assert_eq!(answer.status, 400, "{what}: {}", answer.body);
    is(answer, 400, "invalid");
    let errors = errors(answer);
    assert!(
        errors[0].starts_with("x is not known here"),
        "{what}: {errors:?}"
    );
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_by_every_operation() {
    let mut asked = Vec::new();
    let (world, reads) = reads::all().await;
    for read in reads {
        let answer = read.ask_with(&world, UNKNOWN).send().await;
        refused(&answer, read.route);
        asked.push(format!("GET {}", read.route));
    }
    let (world, writes) = writes::all().await;
    let before = world.revision().await;
    for mut write in writes {
        write.path = format!("{}?{UNKNOWN}", write.path);
        let answer = write.ask(&world).by(crate::ask::ADMIN).send().await;
        refused(&answer, write.route);
        asked.push(format!("{} {}", write.method, write.route));
    }
    for (what, line, body) in others() {
        let (method, path) = line.split_once(' ').unwrap();
        let ask = ask(&world, method, &format!("{path}?{UNKNOWN}"));
        let ask = match path.starts_with("/tenants") {
            true => ask.by_the_operator(),
            false => ask.by(crate::ask::ADMIN),
        };
        let answer = match &body {
            Value::Null => ask.send().await,
            body => ask.json(body).send().await,
        };
        refused(&answer, what);
        asked.push(what.to_owned());
    }
    let import = ask(&world, "POST", &format!("/import?{UNKNOWN}"));
    let import = import.by(crate::ask::ADMIN);
    let files = [("users.csv", "key\nkim\n")];
    refused(&import.zipped(&files).send().await, "POST /import");
    asked.push("POST /import".to_owned());
    assert_eq!(world.revision().await, before);
    for operation in documented(&world).await {
        assert!(asked.contains(&operation), "{operation}");
    }
}

#[tokio::test]
async fn an_empty_name_is_told_as_such() {
    let world = World::new().await;
    for (path, said) in [
        ("/resources/:", "No such resource."),
        (
            "/users?fields=",
            "fields names \"\", which is no field here.",
        ),
        (
            "/users?fields=colour",
            "fields names \"colour\", which is no field here.",
        ),
    ] {
        let answer = crate::ask::admin(&world, &format!("GET {path}"), Value::Null).await;
        assert_eq!(answer.at("/detail"), said, "{path}");
    }
}

#[tokio::test]
async fn a_caller_without_a_credential_is_told_nothing_of_parameters() {
    let (world, reads) = reads::all().await;
    for read in reads {
        let answer = ask(&world, "GET", &format!("{}?{UNKNOWN}", read.route))
            .send()
            .await;
        is(&answer, 401, "unauthenticated");
    }
}
