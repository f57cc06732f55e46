//! The document, as it is served.

use serde_json::{Value, json};

use crate::ask::{ADMIN, ask};
use attache_testkit::shape;
use attache_testkit::world::World;

async fn document(world: &World) -> Value {
    let answer = world.get("/openapi/attache.json").send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

#[tokio::test]
async fn it_is_sound() {
    let world = World::new().await;
    shape::is_sound(&document(&world).await, "attache");
}

#[tokio::test]
async fn every_route_of_it_answers() {
    let world = World::new().await;
    let document = document(&world).await;
    for (what, _) in operations(&document) {
        let (method, path) = what.split_once(' ').unwrap();
        // Whatever stands there, something is served.
        let path = path.replace(['{', '}'], "");
        let answer = ask(&world, &method.to_uppercase(), &path)
            .by(ADMIN)
            .send()
            .await;
        assert!(answer.status != 405 && answer.status < 500, "{what}");
        assert!(!answer.body.contains("/problems/no-such-path"), "{what}");
    }
}

#[tokio::test]
async fn a_write_takes_headers_for_its_entry_and_a_question_takes_none() {
    let world = World::new().await;
    let document = document(&world).await;
    for (what, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array();
        let names = parameters.into_iter().flatten();
        let names = names.filter_map(|it| it["name"].as_str());
        let names = names.filter(|it| it.starts_with("Attache-") && *it != "Attache-At");
        let names: Vec<&str> = names.collect();
        let expected = match what.as_str() {
            "patch /tenants/{tenant}" | "post /explain" => &[][..],
            "post /tenants" => &["Attache-Reason"],
            what if what.starts_with("get ") => &[],
            _ => &[
                "Attache-Reason",
                "Attache-On-Behalf-Of",
                "Attache-Approved-By",
            ],
        };
        assert_eq!(names, expected, "{what}");
    }
}

#[tokio::test]
async fn every_operation_says_what_it_takes_and_gives() {
    let world = World::new().await;
    let document = document(&world).await;
    for (what, operation) in operations(&document) {
        assert!(operation["summary"].is_string(), "{what}");
        assert!(operation["tags"][0].is_string(), "{what}");
        if let Some(body) = operation.get("requestBody") {
            let kind = match what.as_str() {
                "post /import" => "application/zip",
                _ => "application/json",
            };
            assert!(body["content"][kind]["schema"].is_object(), "{what}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let status: u16 = status.parse().unwrap();
            let content = &response["content"];
            match status {
                // What is made is at its place, which needs another permission to be read.
                201 if what == "put /groups/{group}/users/{user}" => assert!(content.is_null()),
                204 | 304 => assert!(content.is_null(), "{what} {status}"),
                200 if what == "get /export" => {
                    assert!(content["application/zip"]["schema"].is_object());
                }
                200..300 => assert!(content["application/json"]["schema"].is_object(), "{what}"),
                _ => {
                    let schema = &content["application/problem+json"]["schema"];
                    assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{what}");
                }
            }
            assert!(
                response["headers"]["Attache-Revision"].is_object(),
                "{what} {status}"
            );
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let kind = parameter["schema"]["type"].to_string();
            assert!(!kind.contains("\"null\""), "{what}: {parameter}");
        }
    }
}

#[tokio::test]
async fn what_is_shown_is_what_the_document_says() {
    let (world, reads) = crate::reads::all().await;
    let document = document(&world).await;
    for read in reads {
        let shown = read.ask(&world).send().await.json();
        let answer = &document["paths"][read.route]["get"]["responses"]["200"];
        let schema = &answer["content"]["application/json"]["schema"];
        let said = shape::properties(&document, schema);
        let mut found = Vec::new();
        names(&shown, "", &mut found);
        // Parameters, keys and personal data have names of their own.
        let free = ["parameters.", "profiles.", "jwks."];
        found.retain(|name| !free.iter().any(|it| name.contains(it)));
        for name in found {
            assert!(said.contains(&name), "{}: {name}: {said:?}", read.route);
        }
    }
}

fn names(value: &Value, front: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            let front = format!("{front}[]");
            items.iter().for_each(|item| names(item, &front, found));
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = match front {
                    "" => name.clone(),
                    front => format!("{front}.{name}"),
                };
                names(value, &name, found);
                found.push(name);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn how_it_reads() {
    let world = World::new().await;
    let mut document = document(&world).await;
    // It changes with every release.
    document["info"]["version"] = json!("[version]");
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
}

#[tokio::test]
async fn nothing_is_made_of_parts_that_contradict_one_another() {
    let world = World::new().await;
    let document = document(&world).await;
    all_of(&document["components"], &mut |part| panic!("{part}"));
    let operations = &document["components"]["schemas"]["Operation"]["oneOf"];
    assert_eq!(operations.as_array().unwrap().len(), 21);
    for operation in operations.as_array().unwrap() {
        let operation = shape::resolved(&document, operation);
        assert_eq!(operation["additionalProperties"], false, "{operation}");
        assert!(operation["properties"]["op"]["enum"].is_array());
    }
}

fn all_of(value: &Value, each: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(fields) => {
            let parts = fields.get("allOf").and_then(Value::as_array);
            parts.into_iter().flatten().for_each(&mut *each);
            fields.values().for_each(|field| all_of(field, each));
        }
        Value::Array(items) => items.iter().for_each(|item| all_of(item, each)),
        _ => {}
    }
}
