//! The list of users: order, filters, pages while others write.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, done, each, errors, get};
use attache_testkit::world::acme::{ADA_KEY, GRETA};
use attache_testkit::world::{World, ids};

async fn numbers(world: &World, query: &str) -> Vec<u64> {
    let found = each(world, &format!("/users?{query}"), "/number").await;
    found
        .iter()
        .map(|number| number.as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn it_stands_in_the_order_that_is_asked_for() {
    let world = World::new().await;
    let all: Vec<u64> = (1..=13).collect();
    assert_eq!(numbers(&world, "").await, all);
    for sort in ["number", "name", "email", "created_at"] {
        let up = numbers(&world, &format!("sort={sort}")).await;
        let mut sorted = up.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, all, "{sort}: nobody is lost");
        let down = numbers(&world, &format!("sort=-{sort}")).await;
        let mut sorted = down.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, all, "-{sort}");
        assert_ne!(up, down, "{sort}");
    }
    let names = each(&world, "/users?sort=name", "/first_name").await;
    let place = |name: &str| names.iter().position(|it| it == name).unwrap();
    assert!(place("Ada") < place("Ben") && place("Ben") < place("Cleo"));
    assert!(
        place("eve") < place("Greta"),
        "whatever its case: {names:?}"
    );
}

#[tokio::test]
async fn filters_hold_together() {
    let world = World::new().await;
    for (query, expected) in [
        ("status=inactive", vec![3]),
        ("status=invited", vec![4]),
        ("email=BEN@mill.EXAMPLE", vec![2]),
        ("email=ben@mill", vec![]),
        ("text=adeyemi", vec![3, 13]),
        ("text=mill.example", vec![2, 4, 6]),
        ("text=crm-7", vec![7]),
        ("text=adeyemi&status=active", vec![13]),
        ("text=%E6%9D%8E", vec![6]),
        ("text=nothing-at-all", vec![]),
        ("text=%25", vec![]),
        ("text=_", vec![]),
    ] {
        assert_eq!(numbers(&world, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn one_user_is_found_by_its_key_or_its_id_at_the_identity_provider() {
    let world = World::new().await;
    const ID: &str = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
    for (user, id) in [("greta", "auth0|5F7c"), ("%233", ID)] {
        let body = json!({ "external_auth_id": id });
        done(&world, &format!("PATCH /users/{user}"), body).await;
    }
    let bare = ID.replace('-', "").to_uppercase();
    for (query, expected) in [
        ("key=greta".to_owned(), vec![9]),
        // As a UUID, however it is written.
        (format!("key={}", ADA_KEY.to_uppercase()), vec![1]),
        ("key=Greta".to_owned(), vec![]),
        ("key=gret".to_owned(), vec![]),
        ("key=".to_owned(), vec![]),
        // A key, and neither a number nor an id.
        ("key=%239".to_owned(), vec![]),
        (format!("key={}", ids::user(GRETA)), vec![]),
        ("external_auth_id=auth0%7C5F7c".to_owned(), vec![9]),
        ("external_auth_id=auth0%7C5f7c".to_owned(), vec![]),
        ("external_auth_id=auth0".to_owned(), vec![]),
        ("external_auth_id=".to_owned(), vec![]),
        ("external_auth_id=greta".to_owned(), vec![]),
        (format!("external_auth_id={ID}"), vec![3]),
        (format!("external_auth_id={bare}"), vec![3]),
        (format!("external_auth_id={ID}&status=active"), vec![]),
        (format!("external_auth_id={ID}&key=greta"), vec![]),
        ("key=greta&text=greta&sort=-name".to_owned(), vec![9]),
    ] {
        assert_eq!(numbers(&world, &query).await, expected, "{query}");
        // Whole, and as a page.
        let whole = ask(&world, "GET", &format!("/users?{query}")).by(ADMIN);
        let whole = whole.header("Accept", "application/x-ndjson").send().await;
        assert_eq!(whole.body.lines().count(), expected.len(), "{query}");
    }
    // A caller who may not list users is not told whether there is such a user.
    for id in ["auth0%7C5F7c", "auth0%7Cnobody"] {
        let path = format!("/users?external_auth_id={id}");
        let answer = ask(&world, "GET", &path).by("local").send().await;
        assert_eq!(answer.status, 403, "{}", answer.body);
    }
}

#[tokio::test]
async fn what_is_no_filter_is_named() {
    let world = World::new().await;
    for (query, error) in [
        ("sort=age", "sort must be one of name, -name, email"),
        (
            "status=asleep",
            "status must be one of active, inactive, invited",
        ),
        ("number=9", "number is not known here"),
        ("key=greta&key=greta", "key is repeated"),
        ("text=a&text=b", "text is repeated"),
    ] {
        let answer = admin(&world, &format!("GET /users?{query}"), Value::Null).await;
        assert!(errors(&answer)[0].starts_with(error), "{}", answer.body);
    }
}

#[tokio::test]
async fn who_stays_is_met_once_whatever_is_written_in_between() {
    for sort in ["number", "-number", "name", "-name", "created_at", "-email"] {
        let world = World::new().await;
        let whole = numbers(&world, &format!("sort={sort}")).await;
        let mut seen = Vec::new();
        let mut cursor = String::new();
        let mut round = 0;
        loop {
            let path = format!("/users?sort={sort}&page_size=2{cursor}");
            let page = get(&world, &path).await;
            let items = page["items"].as_array().unwrap();
            seen.extend(items.iter().map(|it| it["number"].as_u64().unwrap()));
            let Some(next) = page["next"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
            // The last one that was seen goes, and others come at both ends.
            if round < 3 {
                let last = seen.last().copied().filter(|last| *last != 1);
                if let Some(last) = last {
                    done(&world, &format!("DELETE /users/%23{last}"), Value::Null).await;
                }
                for name in ["Aaa", "Zzz"] {
                    done(&world, "POST /users", json!({"first_name": name})).await;
                }
            }
            round += 1;
        }
        let before: Vec<u64> = seen.iter().copied().filter(|it| *it <= 13).collect();
        assert_eq!(before, whole, "{sort}");
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{sort}: {seen:?}");
    }
}

#[tokio::test]
async fn the_total_is_of_the_filter() {
    let world = World::new().await;
    let ask = ask(&world, "GET", "/users?page_size=1&text=adeyemi").by(ADMIN);
    let answer = ask.send().await;
    assert_eq!(answer.at("/total"), 2);
    assert_eq!(answer.each("/items", "number"), [3]);
}
