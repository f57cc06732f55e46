//! Names of people and things: how they are sorted, and what a search finds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::ask::{admin, done, each, errors, get, is};
use attache_testkit::world::World;

const NAMES: [&str; 9] = [
    "Zoë", "emil", "Øyvind", "Émile", "Emil", "İpek", "Straße", "Élodie", "Pia",
];

async fn people(names: &[&str]) -> World {
    let world = World::new().await;
    for name in names {
        done(
            &world,
            "POST /users",
            json!({"first_name": name, "last_name": "Q"}),
        )
        .await;
    }
    world
}

/// The first names of those whose last name is Q.
async fn listed(world: &World, query: &str) -> Vec<String> {
    let users = get(world, &format!("/users?{query}")).await;
    let users = users["items"].as_array().unwrap();
    let ours = users.iter().filter(|user| user["last_name"] == "Q");
    ours.map(|user| user["first_name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn names_sort_by_letters_then_accents_then_id_whatever_their_case() {
    let world = people(&NAMES).await;
    let expected = [
        "Élodie", "emil", "Emil", "Émile", "İpek", "Øyvind", "Pia", "Straße", "Zoë",
    ];
    assert_eq!(listed(&world, "sort=name").await, expected);
    let down = listed(&world, "sort=-name").await;
    let mut expected = expected;
    expected.reverse();
    // Those that are equal stay in the order of their ids.
    expected.swap(6, 7);
    assert_eq!(down, expected);
}

#[tokio::test]
async fn pages_by_name_follow_one_another() {
    let world = people(&NAMES).await;
    for sort in ["name", "-name"] {
        let whole = listed(&world, &format!("sort={sort}")).await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let query = format!("sort={sort}&page_size=1{cursor}");
            seen.extend(listed(&world, &query).await);
            let page = get(&world, &format!("/users?{query}")).await;
            let Some(next) = page["next"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, whole, "{sort}");
    }
}

#[tokio::test]
async fn a_cursor_by_name_of_an_older_version_is_refused_and_others_go_on() {
    let world = people(&NAMES).await;
    for (list, sort, value, status) in [
        ("/users", "name", json!({"Text": "emil q"}), 400),
        ("/users", "-name", json!({"Text": "emil q"}), 400),
        (
            "/resources/tenant/members",
            "name",
            json!({"Text": "emil q"}),
            400,
        ),
        ("/users", "email", json!({"name": "Emil Q"}), 400),
        ("/users", "email", json!({"Text": "emil@mill.example"}), 200),
        ("/users", "number", json!({"Number": 3}), 200),
        ("/users", "name", json!({"name": "Emil Q"}), 200),
    ] {
        let path = format!("{list}?sort={sort}&page_size=1");
        let page = get(&world, &path).await;
        let next = page["next"].as_str().unwrap();
        let next = URL_SAFE_NO_PAD.decode(next).unwrap();
        let mut cursor: Value = serde_json::from_slice(&next).unwrap();
        cursor["after"]["value"] = value;
        let cursor = URL_SAFE_NO_PAD.encode(cursor.to_string());
        let path = format!("GET {path}&cursor={cursor}");
        let answer = admin(&world, &path, Value::Null).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        if status == 400 {
            is(&answer, 400, "invalid");
            let errors = errors(&answer);
            assert!(
                errors[0].starts_with("cursor is of an older version"),
                "{errors:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_search_of_users_finds_names_without_case_and_accents() {
    let world = people(&NAMES).await;
    for (text, expected) in [
        ("emile", &["Émile"][..]),
        ("E%CC%81MIL", &["emil", "Émile", "Emil"]),
        ("ipek", &["İpek"]),
        ("strasse", &["Straße"]),
        ("STRA%E1%BA%9EE", &["Straße"]),
        ("oyv", &["Øyvind"]),
        ("zoe+q", &["Zoë"]),
        ("%EF%BD%90%EF%BD%89%EF%BD%81", &["Pia"]),
        ("%CC%81", &[]),
    ] {
        for list in ["/users", "/resources/tenant/members"] {
            let field = match list {
                "/users" => "/first_name",
                _ => "/user/first_name",
            };
            let path = format!("{list}?sort=number&text={text}");
            let found = each(&world, &path, field).await;
            assert_eq!(found, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn an_address_that_differs_by_an_accent_is_another() {
    let world = World::new().await;
    for email in ["emile@mill.example", "émile@mill.example"] {
        done(&world, "POST /users", json!({"email": email})).await;
    }
    let found = each(&world, "/users?email=EMILE@mill.example", "/email").await;
    assert_eq!(found, ["emile@mill.example"]);
    // A search is for people who look: it finds both.
    let found = each(&world, "/users?text=emile@", "/email").await;
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn searches_of_resources_groups_and_services_fold_too() {
    let world = World::new().await;
    let (name, key) = ("Café Łódź & Söhne", "Straße-1");
    let body = json!({"name": name, "key": key});
    for list in ["/groups", "/services"] {
        done(&world, &format!("POST {list}"), body.clone()).await;
    }
    let body = json!({"name": name, "key": key, "kind": "customer"});
    done(&world, "POST /resources", body).await;
    for list in ["/groups", "/services", "/resources"] {
        for text in ["cafe+lodz", "SOHNE", "strasse-1", "Cafe%CC%81"] {
            let found = each(&world, &format!("{list}?text={text}"), "/name").await;
            assert_eq!(found, [name], "{list} {text}");
        }
        let found = each(&world, &format!("{list}?text=cafe-lodz"), "/name").await;
        assert!(found.is_empty(), "{list}");
    }
}

#[tokio::test]
async fn a_cursor_shows_no_name_and_no_address() {
    let world = people(&NAMES).await;
    for list in ["/users", "/resources/tenant/members"] {
        for sort in ["name", "-name", "email", "-email"] {
            let path = format!("{list}?sort={sort}&page_size=1");
            let page = get(&world, &path).await;
            let next = page["next"].as_str().unwrap();
            assert_eq!(get(&world, &path).await["next"], next, "the same each time");
            let cursor = URL_SAFE_NO_PAD.decode(next).unwrap();
            let cursor = String::from_utf8(cursor).unwrap();
            let sealed: Value = serde_json::from_str(&cursor).unwrap();
            let value = &sealed["after"]["value"];
            assert!(value["sealed"].is_string(), "{cursor}");
            assert_eq!(value.as_object().unwrap().len(), 1, "{cursor}");
            // It opens for its own list only.
            let other = format!("/users?sort={sort}&page_size=1&status=active");
            let mut moved: Value = {
                let next = get(&world, &other).await["next"].clone();
                let next = URL_SAFE_NO_PAD.decode(next.as_str().unwrap()).unwrap();
                serde_json::from_slice(&next).unwrap()
            };
            moved["after"] = sealed["after"].clone();
            let moved = URL_SAFE_NO_PAD.encode(moved.to_string());
            let answer = admin(&world, &format!("GET {other}&cursor={moved}"), Value::Null).await;
            is(&answer, 400, "invalid");
            assert_eq!(errors(&answer), ["cursor is none that attache gave"]);
        }
    }
}

#[tokio::test]
async fn a_cursor_by_name_is_good_on_every_server() {
    let world = people(&NAMES).await;
    let other = world.beside().await;
    let path = "/users?sort=name&page_size=1";
    let next = get(&world, path).await["next"].clone();
    let rest = format!("{path}&cursor={}", next.as_str().unwrap());
    assert_eq!(get(&world, &rest).await, get(&other, &rest).await);
}
