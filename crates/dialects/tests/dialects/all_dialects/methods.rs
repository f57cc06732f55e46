//! A wrong method: 405 with `Allow`.

use std::collections::BTreeSet;

use super::golden::{golden, of_each};
use attache_apis::dialects;
use attache_testkit::examples::{Operation, all, speaks};
use attache_testkit::world::World;

const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE",
];

/// The first operation at every documented path, and the methods that the path takes.
fn paths() -> Vec<(Operation, BTreeSet<&'static str>)> {
    let mut paths: Vec<(Operation, BTreeSet<&'static str>)> = Vec::new();
    for operation in all() {
        let methods = match operation.method {
            "GET" => vec!["GET", "HEAD"],
            method => vec![method],
        };
        let is_there = |first: &Operation| first.example.path == operation.example.path;
        match paths.iter_mut().find(|(first, _)| is_there(first)) {
            Some((_, taken)) => taken.extend(methods),
            None => paths.push((operation, methods.into_iter().collect())),
        }
    }
    paths
}

#[tokio::test]
async fn a_wrong_method_is_405_with_allow_in_the_dialects_words() {
    let world = World::new().await;
    let revision = world.revision().await;
    for (operation, taken) in paths() {
        let path = &operation.path;
        for method in METHODS.iter().filter(|method| !taken.contains(*method)) {
            // With a credential and without one: there is nothing to guard.
            for ask in [
                world.ask(method, path),
                world.ask(method, path).by("keeper"),
            ] {
                let answer = ask.send().await;
                assert_eq!(answer.status, 405, "{method} {path}");
                let allow = answer.header("allow").unwrap();
                let allowed: BTreeSet<&str> = allow.split(',').map(str::trim).collect();
                assert_eq!(allowed, taken, "{method} {path}");
                if *method != "HEAD" {
                    speaks(operation.dialect, &answer);
                }
            }
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn how_405_reads() {
    let world = World::new().await;
    let id = "11111111-2222-4333-8444-555555555555";
    for operation in of_each(all().into_iter()) {
        let ask = world.ask("PUT", &operation.path);
        let answer = ask.header("X-Correlation-Id", id).send().await;
        golden(operation.dialect, "405", &answer.golden());
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let world = World::new().await;
    for operation in all().iter().filter(|operation| !operation.writes()) {
        let get = operation.send(&world).await;
        let mut head = operation.clone();
        head.method = "HEAD";
        let head = head.send(&world).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        assert_eq!(head.revision(), get.revision());
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
}

#[tokio::test]
async fn a_documents_path_takes_get_only() {
    let world = World::new().await;
    for dialect in dialects() {
        let path = format!("/openapi/{}.json", dialect.name);
        let answer = world.post(&path).send().await;
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    }
}
