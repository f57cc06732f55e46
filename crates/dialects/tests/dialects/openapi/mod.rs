//! The document of each dialect, as it is served.

mod published;

use std::collections::BTreeSet;

use attache_apis::dialects;
use serde_json::{Value, json};

use crate::all_dialects::golden;
use attache_testkit::shape::{self, parameters, properties};
use attache_testkit::world::World;
use published::{Operation, published};

fn names() -> impl Iterator<Item = &'static str> {
    dialects().into_iter().map(|it| it.name)
}

async fn document(world: &World, name: &str) -> Value {
    let path = format!("/openapi/{name}.json");
    let answer = world.get(&path).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

fn operation<'a>(document: &'a Value, wanted: &Operation) -> &'a Value {
    let found = &document["paths"][&wanted.path][&wanted.method];
    assert!(found.is_object(), "{} {}", wanted.method, wanted.path);
    found
}

#[tokio::test]
async fn every_published_path_and_method_is_in_it() {
    let world = World::new().await;
    for dialect in dialects() {
        let (name, operations) = (dialect.name, published(dialect));
        let document = document(&world, name).await;
        for published in &operations {
            operation(&document, published);
        }
    }
}

#[tokio::test]
async fn nothing_else_is_in_it() {
    let world = World::new().await;
    for dialect in dialects() {
        let (name, operations) = (dialect.name, published(dialect));
        let document = document(&world, name).await;
        let paths = document["paths"].as_object().unwrap();
        let served: usize = paths
            .values()
            .map(|path| path.as_object().unwrap().len())
            .sum();
        assert_eq!(served, operations.len(), "{name}");
    }
}

#[tokio::test]
async fn every_published_parameter_is_in_it() {
    let world = World::new().await;
    for dialect in dialects() {
        let (name, operations) = (dialect.name, published(dialect));
        let document = document(&world, name).await;
        for published in &operations {
            let mut served = parameters(operation(&document, published));
            // attache's own, of every read.
            let is_read = published.method.eq_ignore_ascii_case("get");
            assert_eq!(served.remove("header Attache-At"), is_read, "{name}");
            let expected: BTreeSet<String> = published.parameters.iter().cloned().collect();
            assert_eq!(served, expected, "{name}");
        }
    }
}

#[tokio::test]
async fn every_published_property_of_a_good_answer_is_in_it() {
    let world = World::new().await;
    for dialect in dialects() {
        let (name, operations) = (dialect.name, published(dialect));
        let document = document(&world, name).await;
        for published in &operations {
            let operation = operation(&document, published);
            let answer = &operation["responses"][&published.status];
            let served = properties(&document, &answer["content"]["application/json"]["schema"]);
            for property in &published.answer {
                assert!(served.contains(property), "{name}: {property}: {served:?}");
            }
        }
    }
}

#[tokio::test]
async fn every_published_property_of_a_body_is_in_it_and_it_is_as_required() {
    let world = World::new().await;
    for dialect in dialects() {
        let (name, operations) = (dialect.name, published(dialect));
        let document = document(&world, name).await;
        for published in &operations {
            let body = &operation(&document, published)["requestBody"];
            assert_eq!(body.is_object(), !published.body.is_empty(), "{name}");
            if published.body.is_empty() {
                continue;
            }
            let served = properties(&document, &body["content"]["application/json"]["schema"]);
            for property in &published.body {
                assert!(served.contains(property), "{name}: {property}: {served:?}");
            }
            let required = body["required"].as_bool().unwrap_or_default();
            assert_eq!(
                required, published.body_required,
                "{name} {}",
                published.path
            );
        }
    }
}

#[tokio::test]
async fn every_published_status_is_in_it() {
    let world = World::new().await;
    for dialect in dialects() {
        let (name, operations) = (dialect.name, published(dialect));
        let document = document(&world, name).await;
        for published in &operations {
            let responses = &operation(&document, published)["responses"];
            for status in &published.other_statuses {
                assert!(responses[status].is_object(), "{name}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn a_parameter_is_given_or_left_out_and_never_null() {
    let world = World::new().await;
    for name in names() {
        let document = document(&world, name).await;
        for path in document["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                for parameter in operation["parameters"].as_array().unwrap() {
                    let kind = parameter["schema"]["type"].to_string();
                    assert!(!kind.contains("null"), "{name}: {parameter}");
                }
            }
        }
    }
}

#[tokio::test]
async fn it_is_sound() {
    let world = World::new().await;
    for name in names() {
        shape::is_sound(&document(&world, name).await, name);
    }
}

#[tokio::test]
async fn it_says_how_to_send_the_credential() {
    let world = World::new().await;
    for name in names() {
        let document = document(&world, name).await;
        let schemes = &document["components"]["securitySchemes"];
        assert_eq!(schemes["bearerAuth"]["type"], "http", "{name}");
        assert_eq!(schemes["bearerAuth"]["scheme"], "bearer", "{name}");
    }
}

#[tokio::test]
async fn how_each_reads() {
    let world = World::new().await;
    for dialect in dialects() {
        let mut document = document(&world, dialect.name).await;
        // It changes with every release.
        document["info"]["version"] = json!("[version]");
        let text = serde_json::to_string_pretty(&document).unwrap();
        golden(dialect, "document", &text);
    }
}
