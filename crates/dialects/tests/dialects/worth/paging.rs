//! Paging.

use serde_json::json;

use super::{ask, numbers, path_of};
use attache_testkit::world::acme::{ADA, BEN, CLEO, DORA, LI};
use attache_testkit::world::wishes::attach;
use attache_testkit::world::{World, acme, person};

#[tokio::test]
async fn pages_are_counted_from_one() {
    let world = World::new().await;
    for (query, expected) in [
        ("items_per_page=2", &[ADA, DORA][..]),
        ("items_per_page=2&page=1", &[ADA, DORA]),
        ("items_per_page=2&page=2", &[LI, BEN]),
        ("page=3&items_per_page=4", &[acme::IRIS, acme::KAI]),
        ("items_per_page=1&page=5", &[CLEO]),
    ] {
        assert_eq!(numbers(&world, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_page_has_100_items_if_it_is_left_out_and_1000_at_the_most() {
    let world = World::new().await;
    let many: Vec<_> = (1_000..2_100)
        .flat_map(|number| [person(number).add(), attach(acme::MINE, number)])
        .collect();
    world.operate(&many).await;
    for (query, items, pages) in [
        ("", 100, 11),
        ("page=11", 100, 11),
        ("items_per_page=1000", 1_000, 2),
        ("items_per_page=1000&page=2", 100, 2),
        ("items_per_page=999&page=2", 101, 2),
    ] {
        let path = format!("{}?{query}", path_of(acme::MINE));
        let answer = world.get(&path).by("reader").send().await;
        let records = answer.at("/data/records");
        assert_eq!(records.as_array().unwrap().len(), items, "{query}");
        assert_eq!(answer.at("/data/total_pages"), pages, "{query}");
        assert_eq!(answer.at("/data/total_items"), "1100", "{query}");
    }
}

#[tokio::test]
async fn all_pages_together_are_everybody_once() {
    let world = World::new().await;
    let whole = numbers(&world, "").await;
    for size in 1..=whole.len() + 1 {
        let mut together = Vec::new();
        for page in 1..=whole.len().div_ceil(size) {
            let query = format!("items_per_page={size}&page={page}");
            together.extend(numbers(&world, &query).await);
        }
        assert_eq!(together, whole, "{size} on a page");
    }
}

#[tokio::test]
async fn past_the_end_there_are_no_records_and_the_totals_are_still_right() {
    let world = World::new().await;
    for page in ["2", "9", "18446744073709551615"] {
        let answer = ask(&world, &format!("page={page}")).await;
        assert_eq!(answer.status, 200, "{page}");
        assert_eq!(answer.at("/data/records"), json!([]));
        assert_eq!(answer.at("/data/total_pages"), 1);
        assert_eq!(answer.at("/data/total_items"), "10");
    }
}

#[tokio::test]
async fn where_nothing_matches_there_are_no_pages() {
    let world = World::new().await;
    let answer = ask(&world, "first_name=Nobody").await;
    insta::assert_snapshot!(answer.body, @r#"{"status":"success","message":"Success","data":{"records":[],"total_pages":0,"total_items":"0"}}"#);
}
