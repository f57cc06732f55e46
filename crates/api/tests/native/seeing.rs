//! What a caller does not see does not exist for it: a resource is seen by the
//! holders of a permission of its kind's own family.

use serde_json::{Value, json};

use crate::ask::{CORRELATION, admin, ask, by, done, each, errors, get, is};
use attache_testkit::world::acme::{CONCIERGE, HARBOR, HUGO, MILL, NORTH};
use attache_testkit::world::wishes::{ROOT, attach, grant, service_named, user_of};
use attache_testkit::world::{Answer, World, ids};

/// A service that sees the workspaces of the mill, and nothing else.
const FOREMAN: &str = "foreman";

async fn world() -> World {
    let mut world = World::with_bodies_of(100_000).await;
    let may = ["workspaces.view", "workspaces.users.list"].map(str::to_owned);
    world.caller_with(FOREMAN, MILL, &may).await;
    world
}

async fn names(world: &World, service: &str, path: &str) -> Vec<Value> {
    let answer = by(world, service, &format!("GET {path}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    let names = answer.each("/items", "name");
    assert_eq!(answer.at("/total"), names.len(), "{path}");
    names
}

#[tokio::test]
async fn a_viewer_of_a_customer_does_not_see_what_is_below() {
    let mut world = World::new().await;
    let may = ["customers.view", "customers.users.list"].map(str::to_owned);
    world.caller_with("viewer-there", MILL, &may).await;
    assert_eq!(names(&world, "viewer-there", "/resources").await, ["Mill"]);
    let below = "/resources/customer:%231/children";
    assert_eq!(names(&world, "viewer-there", below).await, [""; 0]);
    for path in ["", "/children", "/ancestors", "/members", "/grants"] {
        let path = format!("GET /resources/workspace:harbor{path}");
        let answer = by(&world, "viewer-there", &path, Value::Null).await;
        is(&answer, 404, "not-found");
    }
}

#[tokio::test]
async fn a_resource_in_sight_does_not_tell_of_those_out_of_sight() {
    let world = world().await;
    assert_eq!(names(&world, FOREMAN, "/resources").await, ["Harbor"]);
    let harbor = by(
        &world,
        FOREMAN,
        "GET /resources/workspace:harbor",
        json!(null),
    )
    .await;
    assert_eq!(harbor.at("/parent"), Value::Null);
    let list = by(&world, FOREMAN, "GET /resources", Value::Null).await;
    assert_eq!(list.at("/items/0"), harbor.json());
    for path in ["ancestors", "children"] {
        let path = format!("/resources/workspace:harbor/{path}");
        assert_eq!(names(&world, FOREMAN, &path).await, [""; 0], "{path}");
    }
    let mill = ids::resource("customer", 1).to_string();
    let all = get(&world, "/resources/workspace:harbor").await;
    assert_eq!(all["parent"], mill);
}

#[tokio::test]
async fn via_names_no_resource_out_of_sight() {
    let world = world().await;
    let members = "/resources/workspace:harbor/members";
    let everything = format!("{members}?include=effective&page_size=100");
    let all = get(&world, &everything).await.to_string();
    let seen = by(&world, FOREMAN, &format!("GET {everything}"), json!(null)).await;
    let hidden = [MILL, NORTH].map(|(kind, number)| ids::resource(kind, number).to_string());
    let hidden = hidden.into_iter().chain([ids::tenant(1).to_string()]);
    for id in hidden {
        assert!(all.contains(&id) || id == ids::resource("reseller", 1).to_string());
        assert!(!seen.body.contains(&id), "{id}: {}", seen.body);
    }
    assert_eq!(
        seen.each("/items", "access").len(),
        get(&world, &everything).await["items"]
            .as_array()
            .unwrap()
            .len(),
        "who sees it is no secret, only through what"
    );
    // A filter by a role that is held out of sight finds nobody either.
    for role in ["owner", "admin", "auditor"] {
        for include in ["direct", "effective"] {
            let path = format!("{members}?include={include}&role={role}");
            let found = by(&world, FOREMAN, &format!("GET {path}"), json!(null)).await;
            assert_eq!(found.at("/total"), 0, "{path}");
        }
    }
    let owners = format!("{members}?include=effective&role=owner");
    assert_eq!(each(&world, &owners, "/user/number").await, [2]);
}

/// A request about something out of sight, and the same about nothing.
async fn same(world: &World, service: &str, what: &str, body: &Value) {
    let nothing = ids::NOTHING.to_string();
    let pairs = [
        ("customer:%231", "customer:%2399"),
        ("customer:#1", "customer:#99"),
        ("reseller:%231", "reseller:%2399"),
        ("reseller:#1", "reseller:#99"),
        ("chatbot:concierge", "chatbot:nothing"),
        (&ids::resource("customer", 1).to_string(), nothing.as_str()),
    ];
    let mut other = (what.to_owned(), body.to_string());
    for (there, not) in pairs {
        other = (other.0.replace(there, not), other.1.replace(there, not));
    }
    assert_ne!((what.to_owned(), body.to_string()), other);
    let there = by(world, service, what, body.clone()).await;
    let body = serde_json::from_str(&other.1).unwrap();
    let not = by(world, service, &other.0, body).await;
    let text = |answer: &Answer| answer.all_of_it().replace("%2399", "").replace("#99", "");
    assert_eq!(text(&there), text(&not), "{what} and {}", other.0);
    assert_eq!(there.status, 404, "{what}: {}", there.body);
}

#[tokio::test]
async fn a_resource_out_of_sight_is_answered_like_none() {
    let world = world().await;
    let before = world.revision().await;
    let id = ids::resource("customer", 1);
    for name in [
        "customer:%231",
        "reseller:%231",
        "chatbot:concierge",
        &id.to_string(),
    ] {
        for (what, body) in [
            ("GET", Value::Null),
            ("GET /children", Value::Null),
            ("GET /ancestors", Value::Null),
            ("GET /members", Value::Null),
            ("GET /members?include=effective", Value::Null),
            ("GET /members/%232", Value::Null),
            ("GET /grants", Value::Null),
            ("GET /grants/abc", Value::Null),
            ("PATCH", json!({"name": "X"})),
            ("DELETE", Value::Null),
            ("POST /move", json!({"parent": "tenant"})),
            ("PUT /members", json!({"users": ["greta"]})),
            ("PUT /members?dry_run=true", json!({"users": ["greta"]})),
            ("PUT /members/greta", Value::Null),
            ("DELETE /members/greta", Value::Null),
            (
                "POST /grants",
                json!({"subject": "user:#2", "role": "viewer"}),
            ),
            ("DELETE /grants/abc", Value::Null),
        ] {
            let (method, rest) = what.split_once(' ').unwrap_or((what, ""));
            let what = format!("{method} /resources/{name}{rest}");
            same(&world, FOREMAN, &what, &body).await;
        }
    }
    for operation in [
        json!({"op": "change_resource", "resource": "customer:#1", "name": "X"}),
        json!({"op": "add_member", "resource": "customer:#1", "user": "greta"}),
        json!({"op": "remove_resource", "resource": "reseller:#1"}),
        json!({"op": "add_resource", "kind": "workspace", "parent": "customer:#1", "name": "X"}),
    ] {
        let body = json!({"operations": [operation]});
        same(&world, FOREMAN, "POST /bulk", &body).await;
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn nothing_is_added_or_moved_below_what_is_out_of_sight() {
    let mut world = World::new().await;
    let may = ["workspaces.*".to_owned()];
    world.caller_with("builder", MILL, &may).await;
    let before = world.revision().await;
    let new = json!({"kind": "workspace", "parent": "customer:#1", "name": "Yard"});
    same(&world, "builder", "POST /resources", &new).await;
    let to = json!({"parent": "customer:#1"});
    same(
        &world,
        "builder",
        "POST /resources/workspace:harbor/move",
        &to,
    )
    .await;
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn what_is_in_the_way_is_named_as_far_as_it_is_seen() {
    let mut world = World::new().await;
    let may = ["workspaces.*".to_owned()];
    world.caller_with("builder", HARBOR, &may).await;
    let remove = "DELETE /resources/workspace:harbor";
    let answer = by(&world, "builder", remove, Value::Null).await;
    is(&answer, 409, "in-use");
    assert_eq!(answer.json().get("in_use_by"), None, "{}", answer.body);
    let detail = "The workspace is in use: what stands below it.";
    assert_eq!(answer.at("/detail"), detail, "no count");
    let own = grant(CONCIERGE, service_named("builder"), "ChatbotMember");
    world.operate(&[own]).await;
    let answer = by(&world, "builder", remove, Value::Null).await;
    let expected = json!([{"resource": ids::resource("chatbot", 1)}]);
    assert_eq!(answer.at("/in_use_by"), expected);
}

#[tokio::test]
async fn entries_are_filtered_by_resources_in_sight_only() {
    let mut world = World::new().await;
    let may = ["tenants.entries.list".to_owned()];
    world.caller_with("clerk", ROOT, &may).await;
    for (name, nothing) in [
        ("customer:%231", "customer:%2399"),
        ("workspace:harbor", "workspace:x"),
    ] {
        let send = |name: &str| {
            let path = format!("/entries?resource={name}");
            let ask = ask(&world, "GET", &path).by("clerk");
            ask.header("X-Correlation-Id", CORRELATION).send()
        };
        let (there, not) = (send(name).await, send(nothing).await);
        assert_eq!(there.all_of_it(), not.all_of_it(), "{name}");
        assert!(
            errors(&there)[0].starts_with("resource is no resource"),
            "{}",
            there.body
        );
    }
    // The entries themselves are all there, whatever they speak of.
    let id = ids::resource("customer", 1);
    let found = by(
        &world,
        "clerk",
        &format!("GET /entries?resource={id}"),
        json!(null),
    )
    .await;
    assert_ne!(found.at("/total"), 0);
}

#[tokio::test]
async fn what_another_sees_is_told_as_far_as_the_caller_sees_it() {
    let mut world = World::new().await;
    for (name, more) in [("people", "tenants.view"), ("surveyor", "customers.view")] {
        let may = ["tenants.users.list", more].map(str::to_owned);
        world.caller_with(name, ROOT, &may).await;
    }
    let path = "GET /users/%232/resources";
    let people = by(&world, "people", path, Value::Null).await;
    assert_eq!(people.at("/total"), 1, "{}", people.body);
    let surveyor = by(&world, "surveyor", path, Value::Null).await;
    let seen = surveyor.json();
    let items = seen["items"].as_array().unwrap();
    let names: Vec<&Value> = items.iter().map(|it| &it["resource"]["name"]).collect();
    assert_eq!(names, ["acme", "Mill", "Forge"]);
    // Where the mill stands is out of sight, and so is that it stands anywhere.
    assert_eq!(seen["items"][1]["resource"]["parent"], Value::Null);
    assert_eq!(
        seen["items"][2]["resource"]["parent"],
        ids::tenant(1).to_string()
    );
}

#[tokio::test]
async fn an_account_of_itself_ends_where_its_sight_ends() {
    let world = world().await;
    let send = async |path: &str, kind: &str, id: &str| {
        let body = json!({
            "subject": {"type": "service", "id": FOREMAN},
            "action": {"name": "workspaces.view"},
            "resource": {"type": kind, "id": id},
        });
        let answer = world.post(path).by(FOREMAN).json(&body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    };
    // It holds the permission on the mill, which it does not see.
    let evaluation = "/access/v1/evaluation";
    let mill = send(evaluation, "customer", "#1").await;
    let nothing = send(evaluation, "customer", "#99").await;
    assert_eq!(mill.body, nothing.body);
    assert_eq!(mill.at("/context/reason/code"), "unknown_resource");
    // It may on the harbor, and is not told of the mill that it may through.
    let harbor = send(evaluation, "workspace", "harbor").await;
    assert_eq!(harbor.at("/decision"), true);
    assert_eq!(harbor.at("/context/reason/code"), "allowed");
    assert_eq!(harbor.json()["context"]["reason"].get("via"), None);
    for (path, kind, found) in [
        ("/access/v1/search/resource", "customer", 0),
        ("/access/v1/search/resource", "workspace", 1),
        ("/access/v1/search/action", "customer", 0),
        ("/access/v1/search/action", "workspace", 2),
    ] {
        let answer = send(path, kind, "#1").await;
        assert_eq!(
            answer.at("/page/total"),
            found,
            "{path} {kind}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn each_shipped_role_sees_the_kinds_of_its_permissions() {
    let world = World::new().await;
    let kinds = ["tenant", "reseller", "customer", "workspace", "chatbot"];
    for (role, on, sees) in [
        ("admin", ROOT, &kinds[..]),
        ("customer-directory", ROOT, &["customer"]),
        ("membership-manager", ROOT, &["customer", "workspace"]),
        ("customer-reader", ROOT, &["reseller", "customer"]),
        ("chatbot-directory", ROOT, &["workspace", "chatbot"]),
        ("auditor", ROOT, &kinds),
        ("decision-point", ROOT, &["tenant"]),
        (
            "reseller-manager",
            NORTH,
            &["reseller", "customer", "workspace"],
        ),
        ("reseller-agent", NORTH, &["reseller", "customer"]),
        ("owner", MILL, &["customer", "workspace"]),
        ("cro", MILL, &["customer"]),
        ("manager", MILL, &["customer"]),
        ("agent", MILL, &["customer"]),
        ("viewer", MILL, &["customer"]),
        ("workspace-admin", HARBOR, &["workspace", "chatbot"]),
        ("workspace-member", HARBOR, &["workspace"]),
        ("ChatbotOwner", CONCIERGE, &["chatbot"]),
        ("ChatbotAdmin", CONCIERGE, &["chatbot"]),
        ("ChatbotEditor", CONCIERGE, &["chatbot"]),
        ("ChatbotMember", CONCIERGE, &["chatbot"]),
        ("InboxAdmin", CONCIERGE, &["chatbot"]),
        ("InboxUser", CONCIERGE, &["chatbot"]),
        ("ExternalInboxUser", CONCIERGE, &["chatbot"]),
        ("StatisticsViewer", CONCIERGE, &["chatbot"]),
    ] {
        world
            .operate(&[grant(on, service_named("nobody"), role)])
            .await;
        let answer = by(
            &world,
            "nobody",
            "GET /resources?page_size=100",
            json!(null),
        )
        .await;
        let mut seen = answer.each("/items", "kind");
        seen.dedup();
        let mut found: Vec<&str> = seen.iter().filter_map(Value::as_str).collect();
        found.sort_unstable();
        found.dedup();
        let mut expected = sees.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{role}");
        let grants = format!("/grants?subject=service:nobody&role={role}");
        let id = each(&world, &grants, "/id").await[0].clone();
        let on = each(&world, &grants, "/resource").await[0].clone();
        let revoke = format!(
            "DELETE /resources/{}/grants/{}",
            on.as_str().unwrap(),
            id.as_str().unwrap()
        );
        done(&world, &revoke, Value::Null).await;
    }
}

#[tokio::test]
async fn the_catalogue_is_for_all_who_hold_something_on_the_tenant() {
    let world = World::new().await;
    for path in [
        "/catalogue",
        "/kinds",
        "/kinds/customer",
        "/roles",
        "/roles/owner",
    ] {
        let what = format!("GET {path}");
        let reader = by(&world, "reader", &what, Value::Null).await;
        assert_eq!(reader.status, 200, "{path}: {}", reader.body);
        let local = by(&world, "local", &what, Value::Null).await;
        is(&local, 404, "not-found");
    }
    // Which is not to see the tenant.
    let tenant = by(&world, "reader", "GET /resources/tenant", Value::Null).await;
    is(&tenant, 404, "not-found");
}

#[tokio::test]
async fn a_member_without_a_permission_of_the_kind_does_not_see_it() {
    let world = world().await;
    let mut kind = get(&world, "/kinds/customer").await;
    kind["members_may"] = json!(["workspaces.view"]);
    done(&world, "PUT /kinds/customer", kind).await;
    world.operate(&[attach(MILL, HUGO)]).await;
    let hugo = format!("/users/{}/resources", ids::user(HUGO));
    assert_eq!(each(&world, &hugo, "/resource/name").await, ["acme"]);
    let mill = "/resources/customer:%231/members?include=effective&sort=number";
    let effective = each(&world, mill, "/user/number").await;
    assert!(!effective.contains(&json!(HUGO)), "{effective:?}");
    let direct = each(&world, "/resources/customer:%231/members", "/user/number").await;
    assert!(direct.contains(&json!(HUGO)), "it is attached: {direct:?}");
    world.operate(&[grant(MILL, user_of(HUGO), "cro")]).await;
    assert_eq!(
        each(&world, &hugo, "/resource/name").await,
        ["acme", "Mill"]
    );
    let again = each(&world, mill, "/user/number").await;
    assert!(again.contains(&json!(HUGO)), "{again:?}");
    let refused = admin(&world, "GET /resources/customer:%2399", Value::Null).await;
    is(&refused, 404, "not-found");
}
