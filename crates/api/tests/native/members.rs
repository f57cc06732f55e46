//! Members: who is attached, who reaches it, through what.

use serde_json::{Value, json};

use crate::ask::{admin, by, done, each, errors, get, is};
use attache_testkit::world::{World, ids};

const MILL: &str = "/resources/customer:%231/members";

async fn numbers(world: &World, query: &str) -> Vec<Value> {
    each(
        world,
        &format!("{MILL}?sort=number&{query}"),
        "/user/number",
    )
    .await
}

#[tokio::test]
async fn filters_hold_together() {
    let world = World::new().await;
    let attached = vec![1, 2, 3, 4, 5, 6, 7, 8, 11, 13];
    for (query, expected) in [
        ("", attached.clone()),
        ("include=direct", attached),
        ("include=effective", vec![1, 2, 5, 6, 7, 8, 11, 13]),
        (
            "include=effective&inactive=true",
            vec![1, 2, 3, 4, 5, 6, 7, 8, 11, 13],
        ),
        ("include=effective&role=viewer", vec![6, 11]),
        ("role=owner", vec![2]),
        // To Cleo herself, and to the accounts.
        ("role=viewer", vec![3, 6, 11]),
        ("role=admin", vec![1]),
        ("group=%232", vec![6, 11]),
        ("status=inactive", vec![3]),
        ("text=adeyemi", vec![3, 13]),
        ("text=adeyemi&status=active", vec![13]),
        ("role=viewer&group=%231", vec![6]),
    ] {
        assert_eq!(numbers(&world, query).await, expected, "{query}");
    }
    for (query, error) in [
        ("role=king", "role is no role of this tenant"),
        ("group=%2399", "group is no group"),
        ("include=all", "include must be one of direct, effective"),
        ("sort=age", "sort must be one of name"),
    ] {
        let answer = admin(&world, &format!("GET {MILL}?{query}"), Value::Null).await;
        assert!(errors(&answer)[0].starts_with(error), "{}", answer.body);
    }
}

#[tokio::test]
async fn effective_are_those_too_who_are_not_attached() {
    let world = World::new().await;
    let path = "/resources/customer:%234/members";
    assert_eq!(each(&world, path, "/user/number").await, [0; 0]);
    let path = format!("{path}?include=effective&sort=number");
    assert_eq!(each(&world, &path, "/user/number").await, [1, 7, 8]);
    assert_eq!(
        each(&world, &path, "/added_at").await,
        [Value::Null, Value::Null, Value::Null]
    );
    let via = each(&world, &path, "/via/0/type").await;
    assert_eq!(via, ["admin", "ancestor", "ancestor"]);
}

#[tokio::test]
async fn how_members_of_each_sort_read() {
    let world = World::new().await;
    // The admin, an owner, one of an agency above, one of two groups.
    let mut golden = String::new();
    for user in [1, 2, 7, 11] {
        let mut member = get(&world, &format!("{MILL}/%23{user}")).await;
        member["user"] = member["user"]["number"].clone();
        golden += &serde_json::to_string_pretty(&member).unwrap();
        golden += "\n";
    }
    insta::assert_snapshot!(golden);
}

#[tokio::test]
async fn the_list_shows_each_as_it_is_shown_alone() {
    let world = World::new().await;
    let list = get(&world, MILL).await;
    for member in list["items"].as_array().unwrap() {
        let id = member["user"]["id"].as_str().unwrap();
        assert_eq!(&get(&world, &format!("{MILL}/{id}")).await, member);
    }
    let not = admin(&world, &format!("GET {MILL}/greta"), Value::Null).await;
    is(&not, 404, "not-found");
}

#[tokio::test]
async fn a_user_is_attached_and_detached() {
    let world = World::new().await;
    let greta = format!("{MILL}/greta");
    let before = world.revision().await;
    let now = done(&world, &format!("PUT {greta}"), Value::Null).await;
    assert_eq!(now.at("/expires_at"), Value::Null);
    assert_eq!(now.at("/via/0/type"), "direct");
    done(&world, &format!("PUT {greta}"), json!({})).await;
    assert_eq!(world.revision().await, before + 1, "it was so already");
    for _ in 0..2 {
        done(&world, &format!("DELETE {greta}"), Value::Null).await;
    }
    assert_eq!(world.revision().await, before + 2);
    is(
        &admin(&world, &format!("GET {greta}"), Value::Null).await,
        404,
        "not-found",
    );
    for method in ["PUT", "DELETE"] {
        let what = format!("{method} {MILL}/nobody-known");
        is(&admin(&world, &what, Value::Null).await, 404, "not-found");
    }
}

#[tokio::test]
async fn detaching_takes_the_roles_along() {
    let world = World::new().await;
    done(&world, &format!("DELETE {MILL}/%232"), Value::Null).await;
    let now = done(&world, &format!("PUT {MILL}/%232"), Value::Null).await;
    assert_eq!(now.at("/roles"), json!([]));
}

#[tokio::test]
async fn a_membership_ends_at_its_time() {
    let world = World::new().await;
    let greta = format!("{MILL}/greta");
    for end in ["2026-03-03T10:00:00Z", "2026-03-03T10:30:00Z"] {
        let now = done(&world, &format!("PUT {greta}"), json!({"expires_at": end})).await;
        assert_eq!(now.at("/expires_at").as_str().unwrap()[..16], end[..16]);
    }
    let now = done(&world, &format!("PUT {greta}"), json!({"expires_at": null})).await;
    assert_eq!(now.at("/expires_at"), Value::Null);
    let soon = json!({"expires_at": "2026-03-03T10:30:00Z"});
    done(&world, &format!("PUT {greta}"), soon).await;
    world.pass(3_600);
    is(
        &admin(&world, &format!("GET {greta}"), Value::Null).await,
        404,
        "not-found",
    );
    let again = done(&world, &format!("PUT {greta}"), Value::Null).await;
    assert_eq!(again.at("/expires_at"), Value::Null, "anew");
    for (end, error) in [
        (json!("2026-03-03T09:00:00Z"), "expires_at "),
        (json!("tomorrow"), "expires_at "),
        (json!(7), "expires_at "),
    ] {
        let answer = admin(&world, &format!("PUT {greta}"), json!({"expires_at": end})).await;
        is(&answer, 400, "invalid");
        assert!(errors(&answer)[0].starts_with(error), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_chatbots_members_are_of_its_workspace() {
    let world = World::new().await;
    let what = "PUT /resources/chatbot:concierge/members/%231";
    is(
        &admin(&world, what, Value::Null).await,
        409,
        "not-in-parent",
    );
    let what = "PUT /resources/chatbot:concierge/members/greta";
    for status in [201, 200] {
        assert_eq!(admin(&world, what, Value::Null).await.status, status);
    }
}

#[tokio::test]
async fn each_needs_the_permission_of_its_kind() {
    let world = World::new().await;
    for (what, permission) in [
        (format!("GET {MILL}"), "customers.users.list"),
        (format!("GET {MILL}/%232"), "customers.users.list"),
        (format!("PUT {MILL}/greta"), "customers.users.add"),
        (format!("DELETE {MILL}/%235"), "customers.users.remove"),
    ] {
        let answer = by(&world, "glance", &what, Value::Null).await;
        is(&answer, 403, "forbidden");
        assert_eq!(answer.at("/permission"), permission);
        is(
            &by(&world, "nobody", &what, Value::Null).await,
            404,
            "not-found",
        );
    }
    let last_longer = format!("PUT {MILL}/%2313");
    let local = by(&world, "local", &last_longer, Value::Null).await;
    assert_eq!(local.status, 200, "Kai holds nothing there: {}", local.body);
    assert!(
        get(&world, MILL)
            .await
            .to_string()
            .contains(&ids::user(13).to_string())
    );
}

#[tokio::test]
async fn a_membership_shows_its_own_number_and_when_it_last_changed() {
    let world = World::new().await;
    let greta = format!("{MILL}/greta");
    let first = done(&world, &format!("PUT {greta}"), Value::Null)
        .await
        .json();
    assert_eq!(first["updated_at"], json!(world.now()));
    world.pass(60);
    let until = json!({"expires_at": "2030-01-01T00:00:00Z"});
    let longer = done(&world, &format!("PUT {greta}"), until).await.json();
    assert_eq!(longer["number"], first["number"]);
    assert_eq!(longer["updated_at"], json!(world.now()));
    world.pass(60);
    let role = json!({"subject": "user:greta", "role": "viewer"});
    done(&world, "POST /resources/customer:%231/grants", role).await;
    let with_role = get(&world, &greta).await;
    assert_eq!(with_role["updated_at"], json!(world.now()));
    assert_eq!(with_role["added_at"], first["added_at"]);
    done(&world, &format!("DELETE {greta}"), Value::Null).await;
    let again = done(&world, &format!("PUT {greta}"), Value::Null)
        .await
        .json();
    let next = first["number"].as_u64().map(|number| number + 1);
    assert_eq!(again["number"].as_u64(), next);

    let numbers = each(&world, MILL, "/number").await;
    let mut own: Vec<u64> = numbers.iter().filter_map(Value::as_u64).collect();
    own.sort_unstable();
    own.dedup();
    assert_eq!(own.len(), numbers.len(), "{numbers:?}");
    for (path, field) in [
        ("/resources/tenant/members", "/number"),
        (
            "/resources/customer:%234/members?include=effective",
            "/number",
        ),
        (
            "/resources/customer:%234/members?include=effective",
            "/updated_at",
        ),
    ] {
        let none = each(&world, path, field).await;
        assert!(none.iter().all(Value::is_null), "{path}: {none:?}");
    }
    let root = each(&world, "/resources/tenant/members", "/updated_at").await;
    assert!(root.iter().all(Value::is_string), "{root:?}");
}
