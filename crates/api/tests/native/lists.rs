//! What holds for every list: its parameters, its pages, its cursors.

use serde_json::Value;

use crate::ask::{ADMIN, ask, errors, is};
use crate::reads::{self, Read};
use attache_testkit::world::World;

async fn page(world: &World, read: &Read, query: &str) -> Value {
    let answer = read.ask_with(world, query).send().await;
    assert_eq!(answer.status, 200, "{read:?} {query}: {}", answer.body);
    answer.json()
}

async fn lists() -> (World, Vec<Read>) {
    let (world, reads) = reads::all().await;
    (world, reads.into_iter().filter(|it| it.is_list).collect())
}

#[tokio::test]
async fn pages_give_what_one_answer_gives() {
    let (world, lists) = lists().await;
    for read in lists {
        let whole = page(&world, &read, "").await;
        let items = whole["items"].as_array().unwrap();
        assert_eq!(whole["total"], items.len(), "{read:?}");
        assert_eq!(whole["next"], Value::Null, "{read:?}");
        assert!(!items.is_empty(), "{read:?}");
        for size in [1, 2, items.len()] {
            let mut seen: Vec<Value> = Vec::new();
            let mut cursor = String::new();
            loop {
                let query = format!("page_size={size}{cursor}");
                let part = page(&world, &read, &query).await;
                assert_eq!(part["total"], whole["total"], "{read:?}");
                let found = part["items"].as_array().unwrap();
                seen.extend(found.iter().cloned());
                let Some(next) = part["next"].as_str() else {
                    break;
                };
                assert_eq!(found.len(), size, "{read:?}");
                cursor = format!("&cursor={next}");
            }
            assert_eq!(&seen, items, "{read:?} {size}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_query_is_named() {
    let (world, lists) = lists().await;
    for read in lists {
        for (query, field) in [
            ("page_size=0", "page_size must be a whole number from 1"),
            ("page_size=1001", "page_size must be a whole number from 1"),
            ("page_size=-1", "page_size must be a whole number"),
            ("page_size=99999999999999999999999", "page_size must"),
            ("page_size=", "page_size must be a whole number"),
            ("page_size=2&page_size=2", "page_size is repeated"),
            ("pagesize=2", "pagesize is not known here; these are: page"),
            ("cursor=abc", "cursor is none that attache gave"),
            ("cursor=%C3%A4", "cursor is none that attache gave"),
            ("cursor=", "cursor is none that attache gave"),
        ] {
            let answer = read.ask_with(&world, query).send().await;
            is(&answer, 400, "invalid");
            let errors = errors(&answer);
            assert_eq!(errors.len(), 1, "{read:?} {query}: {errors:?}");
            assert!(errors[0].starts_with(field), "{read:?}: {errors:?}");
        }
        let answer = read.ask_with(&world, "a=1&b=2&a=1").send().await;
        assert_eq!(errors(&answer).len(), 3, "each of them is named");
    }
}

#[tokio::test]
async fn a_cursor_is_of_its_list() {
    let (world, lists) = lists().await;
    let mut cursors = Vec::new();
    for read in &lists {
        let first = page(&world, read, "page_size=1").await;
        if let Some(next) = first["next"].as_str() {
            cursors.push((read.path.clone(), next.to_owned()));
        }
    }
    assert!(cursors.len() >= 12, "{cursors:?}");
    for read in &lists {
        for (of, cursor) in &cursors {
            let answer = read.ask_with(&world, &format!("cursor={cursor}"));
            let answer = answer.send().await;
            if *of == read.path {
                assert_eq!(answer.status, 200, "{read:?}: {}", answer.body);
                continue;
            }
            is(&answer, 400, "invalid");
            assert!(
                errors(&answer)[0].starts_with("cursor is "),
                "{read:?} {of}"
            );
        }
    }
}

#[tokio::test]
async fn a_cursor_is_of_its_tenant_and_its_filters() {
    let world = World::new().await;
    let first = ask(&world, "GET", "/users?page_size=1&sort=name").by(ADMIN);
    let next = first.send().await.at("/next");
    let next = next.as_str().unwrap();
    for (by, query, status) in [
        (ADMIN, "&sort=name", 200),
        (ADMIN, "&sort=name&page_size=3", 200),
        (ADMIN, "", 400),
        (ADMIN, "&sort=-name", 400),
        (ADMIN, "&sort=name&status=active", 400),
        (ADMIN, "&sort=name&text=a", 400),
        ("globex", "&sort=name", 400),
    ] {
        let path = format!("/users?cursor={next}{query}");
        let answer = ask(&world, "GET", &path).by(by).send().await;
        assert_eq!(answer.status, status, "{by} {query}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_cursor_that_was_made_up_breaks_nothing() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let (world, lists) = lists().await;
    for read in lists {
        let first = page(&world, &read, "page_size=1").await;
        let Some(next) = first["next"].as_str() else {
            continue;
        };
        let bytes = URL_SAFE_NO_PAD.decode(next).unwrap();
        let mut cursor: Value = serde_json::from_slice(&bytes).unwrap();
        for after in [
            "0",
            "18446744073709551615",
            "4294967295",
            "\"\"",
            "null",
            "{}",
        ] {
            cursor["after"] = serde_json::from_str(after).unwrap();
            let made_up = URL_SAFE_NO_PAD.encode(cursor.to_string());
            let answer = read.ask_with(&world, &format!("cursor={made_up}"));
            let status = answer.send().await.status;
            assert!([200, 400].contains(&status), "{read:?} {after}: {status}");
        }
    }
}
