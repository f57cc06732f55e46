//! The tenant's tree.

use serde_json::{Value, json};

use crate::ask::{admin, by, done, each, errors, get, is};
use attache_testkit::world::acme::FORGE_KEY;
use attache_testkit::world::{World, ids};

async fn names_by(world: &World, service: &str, path: &str) -> Vec<Value> {
    let answer = by(world, service, &format!("GET {path}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.each("/items", "name")
}

#[tokio::test]
async fn a_resource_is_named_in_many_ways() {
    let world = World::new().await;
    let forge = get(&world, "/resources/customer:%233").await;
    let id = ids::resource("customer", 3).to_string();
    for name in [
        &id,
        &format!("customer:{FORGE_KEY}"),
        &format!("customer:{id}"),
    ] {
        assert_eq!(get(&world, &format!("/resources/{name}")).await, forge);
    }
    let root = get(&world, "/resources/tenant").await;
    assert_eq!(root["parent"], Value::Null);
    assert_eq!(forge["parent"], root["id"]);
    for name in [
        "customer:",
        "customer:nothing",
        "chatbot:%233x",
        "nothing",
        "x:y:z",
    ] {
        let answer = admin(&world, &format!("GET /resources/{name}"), Value::Null).await;
        is(&answer, 404, "not-found");
    }
}

#[tokio::test]
async fn a_list_holds_what_the_caller_may_see() {
    let world = World::new().await;
    for (service, expected) in [
        ("nobody", vec![]),
        ("glance", vec!["Mill", "Concierge"]),
        ("outsider", vec!["Mine", "Lighthouse"]),
    ] {
        assert_eq!(
            names_by(&world, service, "/resources").await,
            expected,
            "{service}"
        );
    }
    assert_eq!(each(&world, "/resources", "/name").await.len(), 12);
    assert_eq!(
        each(&world, "/resources?kind=reseller", "/name").await,
        ["North", "South"]
    );
    assert_eq!(
        each(&world, "/resources?text=IGH", "/name").await,
        ["Night desk", "Lighthouse"]
    );
    let answer = admin(&world, "GET /resources?kind=planet", Value::Null).await;
    assert_eq!(errors(&answer), ["kind is no kind of this tenant"]);
}

#[tokio::test]
async fn above_and_below_are_seen_as_far_as_the_caller_may() {
    let world = World::new().await;
    let concierge = "/resources/chatbot:concierge/ancestors";
    for (service, expected) in [
        ("deputy", vec!["Harbor", "Mill", "North", "acme"]),
        ("glance", vec!["Mill"]),
        ("keeper", vec!["Harbor", "Mill"]),
        ("local", vec!["Mill"]),
    ] {
        assert_eq!(
            names_by(&world, service, concierge).await,
            expected,
            "{service}"
        );
    }
    let mill = "/resources/customer:%231/children";
    assert_eq!(names_by(&world, "deputy", mill).await, ["Harbor"]);
    let north = by(
        &world,
        "glance",
        "GET /resources/reseller:%231/children",
        Value::Null,
    )
    .await;
    is(&north, 404, "not-found");
    let root = "/resources/tenant/children?kind=customer";
    assert_eq!(each(&world, root, "/name").await, ["Forge"]);
    let answer = admin(&world, &format!("GET {concierge}?page_size=1"), Value::Null).await;
    let said = "page_size is not known here; these are: fields, for_spreadsheets";
    assert_eq!(errors(&answer), [said]);
}

#[tokio::test]
async fn a_resource_is_added_under_another() {
    let world = World::new().await;
    let new = json!({"kind": "workspace", "parent": "customer:#1", "key": "yard", "name": "Yard"});
    let made = done(&world, "POST /resources", new).await;
    assert_eq!(made.at("/parent"), ids::resource("customer", 1).to_string());
    assert_eq!(made.at("/number"), 3);
    let new = json!({"kind": "reseller", "name": "East"});
    let made = done(&world, "POST /resources", new).await;
    assert_eq!(
        made.at("/parent"),
        ids::tenant(1).to_string(),
        "the root if left out"
    );
}

#[tokio::test]
async fn one_that_cannot_be_is_named_by_its_field() {
    let world = World::new().await;
    let before = world.revision().await;
    for (body, status, error) in [
        (json!({"name": "X"}), 400, "kind is required"),
        (json!({"kind": "customer"}), 400, "name is required"),
        (json!({"kind": "planet", "name": "X"}), 400, "kind "),
        (json!({"kind": "chatbot", "name": "X"}), 400, ""),
        (json!({"kind": "tenant", "name": "X"}), 400, ""),
        (
            json!({"kind": "workspace", "key": "harbor", "name": "X"}),
            409,
            "key is taken",
        ),
        (
            json!({"kind": "customer", "parent": 7, "name": "X"}),
            400,
            "parent must be a string",
        ),
    ] {
        let answer = admin(&world, "POST /resources", body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        let errors = errors(&answer);
        assert!(errors[0].starts_with(error), "{body}: {errors:?}");
    }
    let nowhere = json!({"kind": "customer", "parent": "reseller:nowhere", "name": "X"});
    is(
        &admin(&world, "POST /resources", nowhere).await,
        404,
        "not-found",
    );
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn it_moves_with_all_that_is_below() {
    let world = World::new().await;
    let to = json!({"parent": "reseller:#2"});
    let moved = done(&world, "POST /resources/customer:%231/move", to.clone()).await;
    assert_eq!(
        moved.at("/parent"),
        ids::resource("reseller", 2).to_string()
    );
    let above = each(&world, "/resources/chatbot:concierge/ancestors", "/name").await;
    assert_eq!(above, ["Harbor", "Mill", "South", "acme"]);
    let before = world.revision().await;
    done(&world, "POST /resources/customer:%231/move", to).await;
    assert_eq!(world.revision().await, before, "it is there already");
    for (what, to) in [
        ("customer:%231", "customer:#1"),
        ("reseller:%231", "customer:#4"),
        ("tenant", "reseller:#1"),
        ("chatbot:concierge", "customer:#1"),
    ] {
        let what = format!("POST /resources/{what}/move");
        let answer = admin(&world, &what, json!({"parent": to})).await;
        assert!(
            [400, 409].contains(&answer.status),
            "{what}: {}",
            answer.body
        );
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn what_stands_below_is_in_the_way() {
    let world = World::new().await;
    let answer = admin(&world, "DELETE /resources/workspace:harbor", Value::Null).await;
    is(&answer, 409, "in-use");
    let expected = [1, 2].map(|it| json!({"resource": ids::resource("chatbot", it)}));
    assert_eq!(answer.at("/in_use_by"), json!(expected));
    for chatbot in ["chatbot:concierge", "chatbot:%232"] {
        done(&world, &format!("DELETE /resources/{chatbot}"), Value::Null).await;
    }
    done(&world, "DELETE /resources/workspace:harbor", Value::Null).await;
    is(
        &admin(&world, "GET /resources/workspace:harbor", Value::Null).await,
        404,
        "not-found",
    );
    let root = admin(&world, "DELETE /resources/tenant", Value::Null).await;
    assert!([400, 409].contains(&root.status), "{}", root.body);
}

#[tokio::test]
async fn its_name_and_key_change() {
    let world = World::new().await;
    let path = "/resources/workspace:harbor";
    let now = done(&world, &format!("PATCH {path}"), json!({"name": "Port"})).await;
    assert_eq!(
        (now.at("/name"), now.at("/key")),
        (json!("Port"), json!("harbor"))
    );
    let now = done(&world, &format!("PATCH {path}"), json!({"key": null})).await;
    assert_eq!(now.at("/key"), Value::Null);
    is(
        &admin(&world, &format!("GET {path}"), Value::Null).await,
        404,
        "not-found",
    );
    let refused = by(
        &world,
        "glance",
        "PATCH /resources/customer:%231",
        json!({"name": "X"}),
    )
    .await;
    is(&refused, 403, "forbidden");
    assert_eq!(refused.at("/permission"), "customers.change");
}
