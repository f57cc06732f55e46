//! Who attached, granted and put into a group, beside when.

use serde_json::{Value, json};

use crate::ask::{ADMIN, by, done, each, get};
use attache_testkit::world::{World, wishes};

/// Another service that holds everything.
const OTHER: &str = "second";
/// A service that may list the users of customers, and no others.
const LISTER: &str = "lister";

const MILL: &str = "/resources/customer:%231";

async fn world() -> World {
    let mut world = World::with_bodies_of(100_000).await;
    world
        .caller_with(OTHER, wishes::ROOT, &["*".to_owned()])
        .await;
    let may = ["customers.users.list".to_owned()];
    world.caller_with(LISTER, wishes::ROOT, &may).await;
    world
}

/// A service as facts name it.
async fn called(world: &World, service: &str) -> Value {
    let me = by(world, service, "GET /me", Value::Null).await;
    me.json()["caller"].clone()
}

async fn does(world: &World, service: &str, what: &str, body: Value) {
    let answer = by(world, service, what, body).await;
    let is_good = [200, 201, 204].contains(&answer.status);
    assert!(is_good, "{what}: {} {}", answer.status, answer.body);
}

/// Two fields of a thing.
fn both(thing: &Value, fields: [&str; 2]) -> [Value; 2] {
    fields.map(|field| thing[field].clone())
}

#[tokio::test]
async fn a_member_shows_who_attached_it_first() {
    let world = world().await;
    let (other, admin) = (called(&world, OTHER).await, called(&world, ADMIN).await);
    let path = format!("{MILL}/members/greta");
    let began = json!(world.now());
    does(&world, OTHER, &format!("PUT {path}"), json!({})).await;
    let fields = ["added_at", "added_by"];
    let first = both(&get(&world, &path).await, fields);
    assert_eq!(first, [began, other.clone()]);
    world.pass(60);
    let until = json!({"expires_at": "2030-01-01T00:00:00Z"});
    done(&world, &format!("PUT {path}"), until).await;
    assert_eq!(both(&get(&world, &path).await, fields), first);
    done(&world, &format!("PUT {path}"), json!({})).await;
    assert_eq!(both(&get(&world, &path).await, fields), first);
    done(&world, &format!("DELETE {path}"), Value::Null).await;
    done(&world, &format!("PUT {path}"), json!({})).await;
    let anew = [json!(world.now()), admin];
    assert_eq!(both(&get(&world, &path).await, fields), anew);
    let list = format!("{MILL}/members?text=greta");
    assert_eq!(each(&world, &list, "/added_by").await, [anew[1].clone()]);
}

#[tokio::test]
async fn whom_nobody_attached_shows_nobody_and_of_the_tenant_who_added_the_user() {
    let world = world().await;
    let path = "/resources/customer:%234/members?include=effective";
    for field in ["/added_at", "/added_by"] {
        let all = each(&world, path, field).await;
        assert!(all.len() == 3 && all.iter().all(Value::is_null), "{all:?}");
    }
    let root = "/resources/tenant/members?sort=number";
    let added = each(&world, root, "/added_by").await;
    assert!(added.iter().all(Value::is_string), "{added:?}");
    assert_eq!(added, each(&world, root, "/user/created_by").await);
}

#[tokio::test]
async fn a_grant_shows_who_granted_it_first() {
    let world = world().await;
    let other = called(&world, OTHER).await;
    let path = format!("{MILL}/grants");
    let new = json!({"subject": "group:#1", "role": "agent"});
    let first = [json!(world.now()), other];
    does(&world, OTHER, &format!("POST {path}"), new.clone()).await;
    world.pass(60);
    let mut until = new;
    until["expires_at"] = json!("2030-01-01T00:00:00Z");
    let now = done(&world, &format!("POST {path}"), until).await.json();
    let fields = ["granted_at", "granted_by"];
    assert_eq!(both(&now, fields), first);
    let one = format!("{path}/{}", now["id"].as_str().unwrap());
    assert_eq!(both(&get(&world, &one).await, fields), first);
    for list in [
        format!("{path}?subject=group:%231&role=agent"),
        "/grants?subject=group:%231&role=agent".to_owned(),
    ] {
        let by = each(&world, &list, "/granted_by").await;
        assert_eq!(by, [first[1].clone()], "{list}");
    }
}

#[tokio::test]
async fn a_user_of_a_group_shows_who_put_it_there_first() {
    let world = world().await;
    let other = called(&world, OTHER).await;
    let path = "/groups/%231/users/greta";
    does(&world, OTHER, &format!("PUT {path}"), Value::Null).await;
    let user = get(&world, "/users/greta").await;
    let shown = get(&world, path).await;
    let mut expected = user.clone();
    expected["added_at"] = json!(world.now());
    expected["added_by"] = other;
    expected["origin"] = json!("api");
    assert_eq!(shown, expected, "a user, and two fields more");
    world.pass(60);
    done(&world, &format!("PUT {path}"), Value::Null).await;
    assert_eq!(get(&world, path).await, shown);
    let listed = get(&world, "/groups/%231/users").await;
    let listed = listed["items"].as_array().unwrap().clone();
    assert!(listed.contains(&shown), "{listed:?}");
    // A tag that was read before the user was taken out and put in again is old.
    let tag = by(&world, ADMIN, &format!("GET {path}"), Value::Null).await;
    let tag = tag.header("etag").unwrap().to_owned();
    done(&world, &format!("DELETE {path}"), Value::Null).await;
    done(&world, &format!("PUT {path}"), Value::Null).await;
    let ask = crate::ask::ask(&world, "DELETE", path).by(ADMIN);
    assert_eq!(ask.header("If-Match", &tag).send().await.status, 412);
}

#[tokio::test]
async fn an_explanation_shows_who_gave_what_was_tried() {
    let world = world().await;
    let other = called(&world, OTHER).await;
    let member = format!("PUT {MILL}/members/greta");
    does(&world, OTHER, &member, json!({})).await;
    let grant = json!({"subject": "user:greta", "role": "viewer"});
    does(&world, OTHER, &format!("POST {MILL}/grants"), grant).await;
    let asked = json!({
        "subject": "user:greta", "permission": "customers.change", "resource": "customer:#1",
    });
    let told = done(&world, "POST /explain", asked).await.json();
    let tried = told["steps"][0]["tried"].as_array().unwrap().clone();
    let at = json!(world.now());
    for (kind, fields, others) in [
        (
            "membership",
            ["added_at", "added_by"],
            ["granted_at", "granted_by"],
        ),
        (
            "grant",
            ["granted_at", "granted_by"],
            ["added_at", "added_by"],
        ),
    ] {
        let found = tried.iter().find(|it| it["type"] == kind).unwrap();
        assert_eq!(both(found, fields), [at.clone(), other.clone()], "{told}");
        assert_eq!(both(found, others), [Value::Null, Value::Null]);
    }
}

#[tokio::test]
async fn what_is_made_shows_who_made_it_and_when() {
    let world = world().await;
    let other = called(&world, OTHER).await;
    let made = [json!(world.now()), other];
    let fields = ["created_at", "created_by"];
    let issuer = json!({"issuer": "https://login.acme.example", "audience": "attache"});
    for (what, body) in [
        ("POST /groups", json!({"key": "new", "name": "New"})),
        ("POST /services", json!({"key": "new", "name": "New"})),
        ("POST /services/new/tokens", json!({})),
        (
            "POST /resources",
            json!({"kind": "customer", "key": "new", "name": "New"}),
        ),
        ("POST /issuers", issuer),
        ("PUT /kinds/room", json!({"parents": ["customer"]})),
        ("PUT /roles/new", json!({"kind": "room", "label": "New"})),
        ("POST /users", json!({"key": "new"})),
    ] {
        let shown = by(&world, OTHER, what, body).await;
        assert_eq!(shown.status, 201, "{what}: {}", shown.body);
        assert_eq!(both(&shown.json(), fields), made, "{what}");
    }
    // A later change does not change who made it.
    world.pass(60);
    for (what, body) in [
        ("PATCH /groups/new", json!({"name": "Newer"})),
        ("PATCH /services/new", json!({"name": "Newer"})),
        ("PATCH /resources/customer:new", json!({"name": "Newer"})),
        (
            "PUT /kinds/room",
            json!({"parents": ["customer", "tenant"]}),
        ),
        ("PUT /roles/new", json!({"kind": "room", "label": "Newer"})),
    ] {
        let shown = done(&world, what, body).await.json();
        assert_eq!(both(&shown, fields), made, "{what}");
    }
    let state = world.state().await;
    let issuer = state.issuers().next().unwrap().id;
    for path in [
        "/groups/new",
        "/services/new",
        "/resources/customer:new",
        "/kinds/room",
        "/roles/new",
        &format!("/issuers/{issuer}"),
    ] {
        assert_eq!(both(&get(&world, path).await, fields), made, "{path}");
    }
    for list in [
        "/groups?text=new",
        "/services?text=new",
        "/services/new/tokens",
        "/resources?text=new",
        "/issuers",
        "/roles?kind=room",
    ] {
        assert_eq!(
            each(&world, list, "/created_by").await,
            [made[1].clone()],
            "{list}"
        );
        assert_eq!(
            each(&world, list, "/created_at").await,
            [made[0].clone()],
            "{list}"
        );
    }
}

#[tokio::test]
async fn a_role_or_kind_is_new_where_it_comes_back_and_no_newer_where_all_are_set() {
    let world = world().await;
    let (other, admin) = (called(&world, OTHER).await, called(&world, ADMIN).await);
    let fields = ["created_at", "created_by"];
    let body = json!({"kind": "customer", "label": "New"});
    let first = [json!(world.now()), other];
    does(&world, OTHER, "PUT /roles/new", body.clone()).await;
    world.pass(60);
    // What is shown can be sent back, in another order too.
    let mut all = get(&world, "/catalogue").await;
    all["roles"].as_array_mut().unwrap().reverse();
    done(&world, "PUT /catalogue", all.clone()).await;
    let shown = get(&world, "/roles/new").await;
    assert_eq!(both(&shown, fields), first);
    done(&world, "PUT /roles/new", shown).await;
    assert_eq!(both(&get(&world, "/roles/new").await, fields), first);
    // Those that the tenant began with are as old as the tenant, and the operator's.
    let owner = get(&world, "/roles/owner").await;
    let customer = get(&world, "/kinds/customer").await;
    assert_eq!(both(&owner, fields), both(&customer, fields));
    assert_eq!(owner["created_by"], "operator");
    assert_eq!(
        owner["created_at"],
        get(&world, "/resources/tenant").await["created_at"]
    );
    done(&world, "DELETE /roles/new", Value::Null).await;
    world.pass(60);
    let anew = [json!(world.now()), admin];
    done(&world, "PUT /roles/new", body).await;
    assert_eq!(both(&get(&world, "/roles/new").await, fields), anew);
}

/// An id, as of who added a user: all that may list the users are shown it.
#[tokio::test]
async fn ids_of_givers_are_shown_to_all_that_are_shown_the_facts() {
    let world = world().await;
    let path = format!("GET {MILL}/members/%231");
    let member = by(&world, LISTER, &path, Value::Null).await.json();
    assert!(member["user"]["created_by"].is_string(), "{member}");
    assert!(member["added_by"].is_string(), "{member}");
    let users = by(&world, LISTER, "GET /users", Value::Null).await;
    assert_eq!(users.status, 403);
}
