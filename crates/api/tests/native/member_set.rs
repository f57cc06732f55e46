//! Exactly these members.

use serde_json::{Value, json};

use crate::ask::{admin, by, done, each, errors, is};
use attache_testkit::world::{SYNC_USERS, World, ids};

const MILL: &str = "PUT /resources/customer:%231/members";

fn most() -> Value {
    json!({"users": ["#1", "#2", "#3", "#4", "#5", "#6", "greta", "greta", "#10"]})
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_says_what_the_real_one_does() {
    let world = World::new().await;
    let before = world.revision().await;
    let dry = done(&world, &format!("{MILL}?dry_run=true"), most()).await;
    assert_eq!(world.revision().await, before);
    let real = done(&world, MILL, most()).await;
    assert_eq!(world.revision().await, before + 1);
    let mut expected = dry.json();
    assert_eq!(expected["dry_run"], true);
    expected["dry_run"] = json!(false);
    assert_eq!(real.json(), expected);
    assert_eq!(real.at("/attached"), json!([ids::user(9), ids::user(10)]));
    let detached = [7, 8, 11, 13].map(ids::user);
    assert_eq!(real.at("/detached"), json!(detached));
    assert_eq!(real.at("/unchanged"), 6);
    let path = "/resources/customer:%231/members?sort=number";
    let now = each(&world, path, "/user/number").await;
    assert_eq!(now, [1, 2, 3, 4, 5, 6, 9, 10]);
    let again = done(&world, MILL, most()).await;
    assert_eq!(
        (again.at("/attached"), again.at("/unchanged")),
        (json!([]), json!(8))
    );
}

#[tokio::test]
async fn many_are_not_detached_by_mistake() {
    let world = World::new().await;
    let before = world.revision().await;
    let few = json!({"users": ["#1"]});
    is(&admin(&world, MILL, few.clone()).await, 409, "mass-detach");
    let dry = done(&world, &format!("{MILL}?dry_run=true"), few.clone()).await;
    assert_eq!(dry.at("/needs_allow_mass_detach"), true);
    assert_eq!(dry.at("/detached").as_array().unwrap().len(), 9);
    let meant = format!("{MILL}?dry_run=true&allow_mass_detach=true");
    let dry = done(&world, &meant, few.clone()).await;
    assert_eq!(dry.at("/needs_allow_mass_detach"), false);
    assert_eq!(world.revision().await, before);
    let real = done(&world, &format!("{MILL}?allow_mass_detach=true"), few).await;
    assert_eq!(real.at("/unchanged"), 1);
}

#[tokio::test]
async fn who_is_no_user_is_named_by_its_place_dry_or_not() {
    let world = World::new().await;
    let before = world.revision().await;
    let users = json!({"users": ["greta", "nobody-known", "#2", "#999"]});
    for what in [MILL, &format!("{MILL}?dry_run=true")] {
        let answer = admin(&world, what, users.clone()).await;
        is(&answer, 400, "unknown-reference");
        assert_eq!(
            errors(&answer),
            ["users[1] is no user", "users[3] is no user"]
        );
    }
    let chatbot = "PUT /resources/chatbot:concierge/members";
    let answer = admin(&world, chatbot, json!({"users": ["greta", "#1"]})).await;
    is(&answer, 409, "not-in-parent");
    assert_eq!(
        errors(&answer),
        ["users[1] is not attached to the workspace"]
    );
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn what_else_cannot_be() {
    let world = World::new().await;
    let many: Vec<String> = (0..=SYNC_USERS).map(|it| format!("#{it}")).collect();
    for (what, body, error) in [
        (
            MILL.to_owned(),
            json!({"users": many}),
            "users must name at most 50 users",
        ),
        (MILL.to_owned(), json!({}), "users is required"),
        (
            MILL.to_owned(),
            json!({"users": [7]}),
            "users[0] must be a string, and is integer `7`",
        ),
        (
            format!("{MILL}?dry_run=yes"),
            most(),
            "dry_run must be true or false",
        ),
        (
            format!("{MILL}?dryrun=true"),
            most(),
            "dryrun is not known here; these are: dry_run",
        ),
    ] {
        let answer = admin(&world, &what, body).await;
        is(&answer, 400, "invalid");
        assert!(errors(&answer)[0].starts_with(error), "{}", answer.body);
    }
    for (service, status) in [("glance", 403), ("reader", 403), ("nobody", 404)] {
        for what in [MILL, &format!("{MILL}?dry_run=true")] {
            assert_eq!(by(&world, service, what, most()).await.status, status);
        }
    }
}

#[tokio::test]
async fn a_dry_run_is_known_only_where_there_is_one() {
    let world = World::new().await;
    let before = world.revision().await;
    for (what, body) in [
        ("POST /users?dry_run=true", json!({})),
        ("POST /bulk?dry_run=true", json!({"operations": []})),
        ("DELETE /users/greta?dry_run=true", Value::Null),
        (
            "PUT /resources/customer:%231/members/greta?dry_run=true",
            Value::Null,
        ),
    ] {
        let answer = admin(&world, what, body).await;
        is(&answer, 400, "invalid");
        assert_eq!(errors(&answer), ["dry_run is not known here"]);
    }
    assert_eq!(world.revision().await, before);
}
