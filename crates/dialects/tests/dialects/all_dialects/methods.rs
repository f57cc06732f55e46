//! A wrong method: 405 with `Allow`.

use std::collections::BTreeSet;

use super::operations::{Dialect, all};
use super::words::speaks;
use attache_testkit::world::World;

const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE",
];

/// Every path, and the methods that it takes.
fn paths() -> Vec<(Dialect, String, BTreeSet<&'static str>)> {
    let mut paths: Vec<(Dialect, String, BTreeSet<&'static str>)> = Vec::new();
    for operation in all() {
        let methods = match operation.method {
            "GET" => vec!["GET", "HEAD"],
            method => vec![method],
        };
        match paths
            .iter_mut()
            .find(|(_, path, _)| *path == operation.path)
        {
            Some((.., taken)) => taken.extend(methods),
            None => {
                let methods = methods.into_iter().collect();
                paths.push((operation.dialect, operation.path, methods));
            }
        }
    }
    paths
}

#[tokio::test]
async fn a_wrong_method_is_405_with_allow_in_the_dialects_words() {
    let world = World::new().await;
    let revision = world.revision().await;
    for (dialect, path, taken) in paths() {
        for method in METHODS.iter().filter(|method| !taken.contains(*method)) {
            // With a credential and without one: there is nothing to guard.
            for ask in [
                world.ask(method, &path),
                world.ask(method, &path).by("keeper"),
            ] {
                let answer = ask.send().await;
                assert_eq!(answer.status, 405, "{method} {path}");
                let allow = answer.header("allow").unwrap();
                let allowed: BTreeSet<&str> = allow.split(',').map(str::trim).collect();
                assert_eq!(allowed, taken, "{method} {path}");
                if *method != "HEAD" {
                    speaks(dialect, &answer);
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
    let mut golden = String::new();
    let mut seen = Vec::new();
    for (dialect, path, _) in paths() {
        if !seen.contains(&dialect) {
            seen.push(dialect);
            let ask = world.ask("PUT", &path).header("X-Correlation-Id", id);
            let answer = ask.send().await;
            golden.push_str(&format!("{dialect:?} {}\n", answer.golden()));
        }
    }
    insta::assert_snapshot!(golden);
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
    for name in attache_dialects::NAMES {
        let path = format!("/openapi/{name}.json");
        let answer = world.post(&path).send().await;
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    }
}
