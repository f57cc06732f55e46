//! Every operation of every API, asked about another time: each read of the state answers as it
//! answered then, each write refuses, and what is in no state says so.

use std::sync::Arc;

use attache_testkit::scene::Scene;
use attache_testkit::world::wishes::group;
use attache_testkit::world::{Answer, Ask};
use tokio::sync::Semaphore;

use crate::caller::{self, Caller};
use crate::rows::{Row, rows};

/// Reads of what is in no state of a tenant: refused.
const BESIDE: &[&str] = &[
    "GET /api/v1/entries",
    "GET /api/v1/entries/{revision}",
    "GET /api/v1/imports/{import}",
    "GET /api/v1/issuers/{issuer}/keys",
    "GET /api/v1/tenants",
    "GET /api/v1/tenants/{tenant}",
];

/// Documents, which are the same for everybody and at any time: the moment is ignored.
const DOCUMENTS: &[&str] = &["GET /.well-known/authzen-configuration"];

/// Writes that show their caller's credential in the body, and take none of a tenant.
const BY_ANYBODY: &[&str] = &["POST /api/v1/invitations/accept"];

const AT: &str = "Attache-At";

fn caller_of(row: &Row) -> Caller {
    match row.route().contains(" /api/v1/tenants") {
        true => Caller::Operator,
        false => Caller::Admin,
    }
}

async fn ask<'a>(scene: &'a Scene, row: &Row) -> Ask<'a> {
    let ask = row.ask(&scene.world).await;
    caller_of(row).with_credential(scene, ask)
}

fn must_be_as_of(row: &Row, answer: &Answer) {
    let route = row.route();
    assert_eq!(answer.status, 400, "{route}: {}", answer.body);
    assert_eq!(answer.header("attache-at"), None, "{route}");
    assert!(answer.body.contains(AT), "{route}: {}", answer.body);
    if route.contains(" /api/v1/") {
        assert_eq!(answer.at("/type"), "/problems/as-of", "{route}");
        assert_eq!(answer.at("/errors/0/field"), AT, "{route}");
    }
}

async fn check(row: Row) {
    let route = row.route();
    let scene = caller::scene(&row).await;
    let is_document = DOCUMENTS.contains(&route.as_str());
    let is_beside = BESIDE.contains(&route.as_str());
    if row.writes() || is_beside {
        // What it is about may have to be made first.
        drop(ask(&scene, &row).await);
        let before = scene.world.revision().await;
        for moment in ["revision=1", "2026-03-03T09:30:00Z", "nonsense"] {
            let asked = ask(&scene, &row).await.header(AT, moment);
            let answer = asked.send().await;
            must_be_as_of(&row, &answer);
            if row.writes() {
                assert!(
                    answer.body.contains("only reads"),
                    "{route}: {}",
                    answer.body
                );
            }
        }
        if row.writes() {
            assert_eq!(scene.world.revision().await, before, "{route} wrote");
        }
    } else {
        let then = ask(&scene, &row).await.send().await;
        let revision = scene.world.revision().await;
        let at = scene.world.now();
        scene.world.pass(60);
        scene.world.operate(&[group(77, None, "later")]).await;
        for moment in [format!("revision={revision}"), at.to_string()] {
            let past = ask(&scene, &row).await.header(AT, &moment).send().await;
            assert_eq!(
                past.status, then.status,
                "{route} at {moment}: {}",
                past.body
            );
            if is_document {
                continue;
            }
            assert_eq!(then.status, 200, "{route}: {}", then.body);
            assert_eq!(past.revision(), revision, "{route} at {moment}");
            let named = past.header("attache-at");
            assert_eq!(named, Some(&*at.to_string()), "{route} at {moment}");
            if is_a_zip(&then) {
                continue;
            }
            assert_eq!(shown(&past), shown(&then), "{route} at {moment}");
        }
        // At the tenant's first entry.
        let first = ask(&scene, &row)
            .await
            .header(AT, "revision=1")
            .send()
            .await;
        let is_known = [200, 400, 403, 404].contains(&first.status);
        assert!(is_known, "{route}: {} {}", first.status, first.body);
        if !is_document {
            assert_eq!(first.revision(), 1, "{route}");
        }
        if route.contains(" /api/v1/")
            && let Some(named) = row.with_parameter(&format!("revision={revision}"))
        {
            let past = ask(&scene, &named).await.send().await;
            assert_eq!(past.status, 200, "{route}: {}", past.body);
            assert_eq!(past.revision(), revision, "{route}");
            if !is_a_zip(&then) {
                assert_eq!(shown(&past), shown(&then), "{route}");
            }
        }
    }
    // Nothing is told before the credential is good.
    if !is_document && !BY_ANYBODY.contains(&route.as_str()) {
        let ask = row.ask(&scene.world).await.header(AT, "nonsense");
        let answer = Caller::NoCredential
            .with_credential(&scene, ask)
            .send()
            .await;
        assert_eq!(answer.status, 401, "{route}: {}", answer.body);
    }
}

/// The body, but for the end of the request's own token.
fn shown(answer: &Answer) -> String {
    let ends = answer.body.find(",\"expires_at\"");
    match answer.body.starts_with("{\"tenant\"") {
        true => answer.body[..ends.unwrap_or_default()].to_owned(),
        false => answer.body.clone(),
    }
}

fn is_a_zip(answer: &Answer) -> bool {
    answer.header("content-type") == Some("application/zip")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_read_is_answered_as_of_then_and_every_write_refuses() {
    let all = rows();
    let routes: Vec<String> = all.iter().map(Row::route).collect();
    for known in BESIDE.iter().chain(DOCUMENTS).chain(BY_ANYBODY) {
        assert!(routes.iter().any(|route| route == known), "{known}");
    }
    let turns = Arc::new(Semaphore::new(8));
    let checks = all.into_iter().map(|row| {
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

/// Each read of the state says in its document that it can be asked about another time, and
/// nothing else does.
#[test]
fn documents_say_what_can_be_asked_about_another_time() {
    for api in attache_apis::all() {
        let (name, prefix) = (api.name(), api.prefix());
        let document = api.document();
        let nested = document["servers"][0]["url"] == prefix;
        for (path, item) in document["paths"].as_object().unwrap() {
            let whole = if nested {
                format!("{prefix}{path}")
            } else {
                path.clone()
            };
            for (method, operation) in item.as_object().unwrap() {
                let route = format!("{} {whole}", method.to_uppercase());
                let Some(row) = rows().into_iter().find(|row| row.route() == route) else {
                    continue;
                };
                let parameters = operation["parameters"].as_array();
                let names = parameters.into_iter().flatten();
                let names: Vec<&str> = names.filter_map(|it| it["name"].as_str()).collect();
                let is_read = !row.writes()
                    && !BESIDE.contains(&route.as_str())
                    && !DOCUMENTS.contains(&route.as_str());
                assert_eq!(names.contains(&AT), is_read, "{name}: {route}");
                let in_query = is_read && name == "attache";
                for parameter in ["at", "revision"] {
                    let count = names.iter().filter(|it| **it == parameter).count();
                    let in_path = usize::from(whole.contains(&format!("{{{parameter}}}")));
                    assert_eq!(count, usize::from(in_query) + in_path, "{name}: {route}");
                }
                let shown = &operation["responses"]["200"]["headers"][AT];
                assert_eq!(shown.is_object(), is_read, "{name}: {route}");
            }
        }
    }
}
