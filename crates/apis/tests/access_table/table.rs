//! The table.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use attache_http::DOCUMENTS;
use tokio::sync::Semaphore;

use crate::caller::{self, ALL};
use crate::rows::{Row, rows};
use crate::shape;
use attache_testkit::world::World;

/// The method and path of every route that a document names.
async fn documented(world: &World) -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for (_, place) in DOCUMENTS {
        let document = world.get(place).send().await.json();
        let server = document["servers"][0]["url"].as_str().unwrap();
        let server = server.trim_end_matches('/');
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                routes.insert(format!("{} {server}{path}", method.to_uppercase()));
            }
        }
    }
    routes
}

#[tokio::test]
async fn every_route_has_a_row() {
    let world = World::new().await;
    let rows = rows();
    let in_table: BTreeSet<String> = rows.iter().map(Row::route).collect();
    assert_eq!(in_table.len(), rows.len(), "a route stands twice");
    assert_eq!(in_table, documented(&world).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_answered_what() {
    // Each row has servers of its own: not all of them at the same time.
    let turns = Arc::new(Semaphore::new(8));
    let rows = rows().into_iter().map(|row| {
        let turns = turns.clone();
        tokio::spawn(async move {
            let _turn = turns.acquire().await.unwrap();
            let takes = match row.takes {
                [] => "nothing".to_owned(),
                takes => takes.join(", "),
            };
            let mut text = format!("{}   takes {takes}\n", row.route());
            let mut scene = caller::scene(&row).await;
            for caller in ALL {
                if row.writes() && caller.may_change() {
                    scene = caller::scene(&row).await;
                }
                let answer = caller.ask(&scene, &row).await;
                assert!(answer.status < 500, "{}: {}", row.route(), answer.body);
                writeln!(text, "  {:<21} {}", caller.name(), shape::of(&answer)).unwrap();
            }
            text
        })
    });
    let mut table = String::new();
    for row in rows.collect::<Vec<_>>() {
        table.push_str(&row.await.unwrap());
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}
