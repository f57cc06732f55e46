//! Permissions before bodies: the large body of a write is not read if the caller lacks
//! a permission that the write needs with any body. What is asked early is what the core asks.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;

use crate::caller::{Caller, scene_with_bodies_of};
use crate::rows::{Row, rows};
use attache_testkit::world::Answer;

/// More than is read before the permission is looked at.
const LARGE: usize = 70_000;
/// More than is sent.
const BODY_BYTES: usize = 100_000;

/// Routes whose permissions only the body tells, and what tells them.
const TOLD_BY_BODY: &[(&str, &str)] = &[
    // One of two permissions suffices.
    ("PUT /api/v1/users/{user}", "whether there is such a user"),
    ("POST /api/v1/resources", "the kind, and the parent"),
    (
        "PUT /api/v1/resources/{resource}/members/{user}",
        "an earlier end",
    ),
    ("POST /api/v1/resources/{resource}/grants", "an earlier end"),
    ("POST /api/v1/bulk", "the operations"),
];

/// Routes whose body is no JSON, or that are for the operator alone.
const OTHERS: &[&str] = &[
    "POST /api/v1/import",
    "POST /api/v1/tenants",
    "PATCH /api/v1/tenants/{tenant}",
];

/// Every write of attache's own API that takes a permission.
fn writes() -> Vec<Row> {
    let own = |row: &Row| {
        row.writes()
            && row.route().contains(" /api/v1/")
            && !row.takes.is_empty()
            && !OTHERS.contains(&row.route().as_str())
    };
    rows().into_iter().filter(own).collect()
}

/// What is wrong, without the name of the request.
fn problem(answer: &Answer) -> (u16, Value) {
    let mut problem = answer.json();
    if let Some(problem) = problem.as_object_mut() {
        problem.remove("correlation_id");
        problem.remove("instance");
    }
    (answer.status, problem)
}

async fn check(row: Row) {
    let route = row.route();
    let scene = scene_with_bodies_of(&row, BODY_BYTES).await;
    let large = "x".repeat(LARGE);
    let is_told_by_body = TOLD_BY_BODY.iter().any(|(known, _)| *known == route);
    let without = Caller::WithoutPermission.sends(&scene, &row, &large).await;
    if is_told_by_body {
        assert_eq!(without.status, 400, "{route}: {}", without.body);
    } else {
        // The core's own answer, which names the permission.
        let decided = Caller::WithoutPermission.ask(&scene, &row).await;
        let is_refused = [403, 404].contains(&decided.status);
        assert!(is_refused, "{route}: {}", decided.body);
        assert_eq!(problem(&without), problem(&decided), "{route}");
    }
    // What suffices for the core suffices before.
    let with = Caller::WithPermission.sends(&scene, &row, &large).await;
    assert_eq!(with.status, 400, "{route}: {}", with.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_asked_before_a_large_body_is_read_is_what_the_core_asks() {
    let writes = writes();
    let routes: Vec<String> = writes.iter().map(Row::route).collect();
    for (route, _) in TOLD_BY_BODY {
        assert!(routes.iter().any(|it| it == route), "{route}");
    }
    let turns = Arc::new(Semaphore::new(8));
    let checks = writes.into_iter().map(|row| {
        let turns = turns.clone();
        tokio::spawn(async move {
            let _turn = turns.acquire().await.unwrap();
            check(row).await;
        })
    });
    for check in checks.collect::<Vec<_>>() {
        check.await.unwrap();
    }
}
