//! Exactly these members.

use serde_json::{Value, json};

use crate::ask::{admin, by, done, each, errors, is};
use attache_testkit::world::{SYNC_USERS, World, ids, wishes};

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
    // In the words of the request, and else by the user's own name.
    let named = |number, user: &str| json!({"id": ids::user(number), "user": user});
    let attached = json!([named(9, "greta"), named(10, "#10")]);
    assert_eq!(real.at("/attached"), attached);
    let detached = json!([
        named(7, "crm-7"),
        named(8, "#8"),
        named(11, "#11"),
        named(13, "#13")
    ]);
    assert_eq!(real.at("/detached"), detached);
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
async fn keys_of_detached_users_are_for_callers_that_may_list_users() {
    let mut world = World::new().await;
    let may = ["add", "remove"].map(|what| format!("customers.users.{what}"));
    world.caller_with("syncer", wishes::ROOT, &may).await;
    let what = format!("{MILL}?dry_run=true");
    let answer = by(&world, "syncer", &what, most()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let first = json!({"id": ids::user(7), "user": ids::user(7)});
    assert_eq!(answer.at("/detached/0"), first);
    assert_eq!(answer.at("/attached/0/user"), "greta");
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
