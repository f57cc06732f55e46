//! The table.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::caller::{self, ALL};
use crate::rows::{Row, rows};
use crate::shape;

/// The method and path of every route of every API, from what is served.
fn served() -> BTreeSet<String> {
    let routes = attache_apis::all().into_iter().flat_map(|api| api.routes());
    routes
        .map(|route| format!("{} {}", route.method, route.path))
        .collect()
}

#[test]
fn every_route_has_a_row() {
    let rows = rows();
    let in_table: BTreeSet<String> = rows.iter().map(Row::route).collect();
    assert_eq!(in_table.len(), rows.len(), "a route is repeated");
    assert_eq!(in_table, served());
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
