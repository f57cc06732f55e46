//! What a user can see, and why.

use serde_json::{Value, json};

use crate::ask::{admin, by, each, errors, get, is};
use attache_testkit::world::{World, ids};

#[tokio::test]
async fn it_is_complete_and_says_why() {
    let world = World::new().await;
    let seen = get(&world, "/users/%236/resources").await;
    let items = seen["items"].as_array().unwrap();
    let names: Vec<&Value> = items.iter().map(|it| &it["resource"]["name"]).collect();
    assert_eq!(names, ["acme", "Mill", "Harbor", "Concierge"]);
    let of_mill: Vec<&Value> = items[1]["via"].as_array().unwrap().iter().collect();
    let types: Vec<&Value> = of_mill.iter().map(|via| &via["type"]).collect();
    assert!(
        types.contains(&&json!("direct")) && types.contains(&&json!("group")),
        "{types:?}"
    );
    let group = of_mill.iter().find(|via| via["type"] == "group").unwrap();
    assert_eq!(group["group"], ids::group(2).to_string());
    assert_eq!(group["role"], "viewer");
}

#[tokio::test]
async fn it_is_filtered_by_kind_and_permission() {
    let world = World::new().await;
    for (query, expected) in [
        ("kind=customer", vec!["Mill", "Forge"]),
        (
            "permission=customers.users.list",
            vec!["Mill", "Harbor", "Concierge"],
        ),
        (
            "permission=customers.users.list&kind=customer",
            vec!["Mill"],
        ),
        ("permission=chatbots.apikey.keep", vec!["Concierge"]),
        ("permission=chatbots.get&kind=customer", vec![]),
        ("permission=nothing.at.all", vec![]),
    ] {
        let path = format!("/users/%232/resources?{query}");
        assert_eq!(
            each(&world, &path, "/resource/name").await,
            expected,
            "{query}"
        );
    }
    for (query, error) in [
        ("kind=planet", "kind is no kind of this tenant"),
        ("permission=", "permission "),
        ("permission=a..b", "permission "),
    ] {
        let what = format!("GET /users/%232/resources?{query}");
        let answer = admin(&world, &what, Value::Null).await;
        assert!(errors(&answer)[0].starts_with(error), "{}", answer.body);
    }
}

#[tokio::test]
async fn who_is_inactive_reaches_nothing() {
    let world = World::new().await;
    assert_eq!(
        each(&world, "/users/%233/resources", "/resource/name").await,
        [""; 0]
    );
}

#[tokio::test]
async fn it_is_for_those_who_may_list_the_users() {
    let mut world = World::new().await;
    let may = ["tenants.users.list", "customers.view"].map(str::to_owned);
    let root = attache_testkit::world::wishes::ROOT;
    world.caller_with("people", root, &may).await;
    let what = "GET /users/%232/resources";
    let seen = by(&world, "people", what, Value::Null).await;
    // The tenant and two customers: it does not see the rest.
    assert_eq!(seen.at("/total"), 3, "{}", seen.body);
    for service in ["reader", "local"] {
        is(
            &by(&world, service, what, Value::Null).await,
            403,
            "forbidden",
        );
    }
}
