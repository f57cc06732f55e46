//! The catalogue: as a whole, and its roles and kinds one at a time.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, by, done, each, errors, get, is};
use attache_testkit::world::{World, ids};

async fn world() -> World {
    // The catalogue is a large body.
    World::with_bodies_of(100_000).await
}

#[tokio::test]
async fn what_is_read_can_be_written_back() {
    let world = world().await;
    let before = world.revision().await;
    let catalogue = get(&world, "/catalogue").await;
    let now = done(&world, "PUT /catalogue", catalogue.clone()).await;
    assert_eq!(now.json(), catalogue);
    assert_eq!(world.revision().await, before, "it was so already");
}

#[tokio::test]
async fn a_role_that_keeps_its_name_keeps_its_id() {
    let world = world().await;
    let before = get(&world, "/catalogue").await;
    let mut new = before.clone();
    for role in new["roles"].as_array_mut().unwrap() {
        role.as_object_mut().unwrap().remove("id");
    }
    new["permissions"] = json!([]);
    let now = done(&world, "PUT /catalogue", new).await;
    assert_eq!(now.at("/roles"), before["roles"]);
    assert_eq!(now.at("/permissions"), json!([]));
}

#[tokio::test]
async fn what_is_in_use_is_not_taken_out() {
    let world = world().await;
    let before = world.revision().await;
    let owner = json!({
        "resource": ids::resource("customer", 1),
        "subject": format!("user:{}", ids::user(2)),
        "role": "owner",
    });
    let answer = admin(&world, "DELETE /roles/owner", Value::Null).await;
    is(&answer, 409, "in-use");
    assert_eq!(answer.at("/in_use_by"), json!([owner]));
    let answer = admin(&world, "DELETE /kinds/reseller", Value::Null).await;
    is(&answer, 409, "in-use");
    let resellers = [1, 2].map(|it| json!({"resource": ids::resource("reseller", it)}));
    assert_eq!(answer.at("/in_use_by"), json!(resellers));
    let mut without = get(&world, "/catalogue").await;
    without["roles"]
        .as_array_mut()
        .unwrap()
        .retain(|it| it["name"] != "owner");
    let answer = admin(&world, "PUT /catalogue", without).await;
    is(&answer, 409, "in-use");
    assert_eq!(answer.at("/in_use_by"), json!([owner]));
    let other_kind = json!({"kind": "workspace", "label": "Owner"});
    is(
        &admin(&world, "PUT /roles/owner", other_kind).await,
        409,
        "in-use",
    );
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn roles_come_and_go() {
    let world = world().await;
    let helper = json!({"kind": "customer", "label": "Helper", "permissions": ["customers.view"]});
    let made = done(&world, "PUT /roles/helper", helper.clone()).await;
    let before = world.revision().await;
    let again = done(&world, "PUT /roles/helper", helper).await;
    assert_eq!(again.body, made.body);
    assert_eq!(world.revision().await, before, "it was so already");
    assert_eq!(get(&world, "/roles/helper").await, made.json());
    let of_reseller = each(&world, "/roles?kind=reseller", "/name").await;
    assert_eq!(of_reseller, ["reseller-manager", "reseller-agent"]);
    let answer = admin(&world, "GET /roles?kind=planet", Value::Null).await;
    assert_eq!(errors(&answer), ["kind is no kind of this tenant"]);
    done(&world, "DELETE /roles/helper", Value::Null).await;
    is(
        &admin(&world, "DELETE /roles/helper", Value::Null).await,
        404,
        "not-found",
    );
}

#[tokio::test]
async fn a_role_means_what_it_says_from_then_on() {
    let world = world().await;
    let may = || async {
        by(
            &world,
            "glance",
            "GET /resources/customer:%231",
            Value::Null,
        )
        .await
    };
    assert_eq!(may().await.status, 200);
    let nothing = json!({"kind": "customer", "label": "Glance", "permissions": []});
    done(&world, "PUT /roles/glance", nothing).await;
    is(&may().await, 404, "not-found");
}

#[tokio::test]
async fn kinds_come_and_go() {
    let world = world().await;
    let site = json!({"parents": ["customer"], "members_may": ["sites.view"]});
    let made = done(&world, "PUT /kinds/site", site).await;
    assert_eq!(made.at("/members_from_parent"), false);
    assert_eq!(get(&world, "/kinds/site").await, made.json());
    let new = json!({"kind": "site", "parent": "customer:#1", "name": "Site"});
    done(&world, "POST /resources", new).await;
    is(
        &admin(&world, "DELETE /kinds/site", Value::Null).await,
        409,
        "in-use",
    );
    done(&world, "DELETE /resources/site:%231", Value::Null).await;
    done(&world, "DELETE /kinds/site", Value::Null).await;
    is(
        &admin(&world, "GET /kinds/site", Value::Null).await,
        404,
        "not-found",
    );
}

#[tokio::test]
async fn what_cannot_be_is_named() {
    let world = world().await;
    let mut typo = get(&world, "/catalogue").await;
    typo["kinds"][1]["parent"] = json!(["tenant"]);
    let mut wrong = get(&world, "/catalogue").await;
    wrong["roles"][2]["permissions"][0] = json!(7);
    let role = |edit: Value| {
        let mut role = json!({"kind": "customer", "label": "X"});
        let edit = edit.as_object().unwrap().clone();
        role.as_object_mut().unwrap().extend(edit);
        role
    };
    for (what, body, error) in [
        ("PUT /catalogue", typo, "kinds[1].parent is not known here"),
        ("PUT /catalogue", wrong, "roles[2]"),
        (
            "PUT /catalogue",
            json!({"kinds": [], "roles": []}),
            "permissions is required",
        ),
        (
            "PUT /roles/x",
            role(json!({"permissions": ["a..b"]})),
            "permissions[0] ",
        ),
        (
            "PUT /roles/x",
            role(json!({"permission": []})),
            "permission is not known here",
        ),
        ("PUT /roles/x", role(json!({"kind": "planet"})), ""),
        (
            "PUT /roles/x",
            json!({"kind": "customer"}),
            "label is required",
        ),
        ("PUT /roles/x%20y", role(json!({})), ""),
        ("PUT /kinds/site", json!({"parents": ["planet"]}), ""),
        ("PUT /kinds/a%3Ab", json!({"parents": ["tenant"]}), ""),
    ] {
        let answer = admin(&world, what, body.clone()).await;
        is(&answer, 400, "invalid");
        let errors = errors(&answer);
        assert!(errors[0].starts_with(error), "{body}: {errors:?}");
    }
}

#[tokio::test]
async fn changing_it_takes_everything_and_reading_it_the_tenant() {
    let mut world = world().await;
    let most = ["tenants.*".to_owned(), "customers.*".to_owned()];
    world
        .caller_with("most", attache_testkit::world::wishes::ROOT, &most)
        .await;
    let helper = json!({"kind": "customer", "label": "Helper"});
    for (what, body) in [
        ("PUT /roles/helper", helper),
        ("DELETE /roles/everything", Value::Null),
        ("PUT /kinds/site", json!({"parents": ["tenant"]})),
        ("DELETE /kinds/chatbot", Value::Null),
        ("PUT /catalogue", get(&world, "/catalogue").await),
    ] {
        let answer = by(&world, "most", what, body.clone()).await;
        is(&answer, 403, "forbidden");
        assert_eq!(answer.at("/permission"), "*");
        is(&by(&world, "local", what, body).await, 404, "not-found");
    }
    for path in [
        "/catalogue",
        "/roles",
        "/roles/owner",
        "/kinds",
        "/kinds/customer",
    ] {
        let what = format!("GET {path}");
        assert_eq!(by(&world, "most", &what, Value::Null).await.status, 200);
        is(
            &by(&world, "local", &what, Value::Null).await,
            404,
            "not-found",
        );
    }
}

#[tokio::test]
async fn of_two_who_saw_the_same_one_is_told() {
    let world = world().await;
    let read = ask(&world, "GET", "/roles/glance").by(ADMIN).send().await;
    let tag = read.header("etag").unwrap();
    let put = |label: &str| {
        let ask = ask(&world, "PUT", "/roles/glance").by(ADMIN);
        let role = json!({"kind": "customer", "label": label, "permissions": ["customers.view"]});
        ask.header("If-Match", tag).json(&role).send()
    };
    assert_eq!(put("One").await.status, 200);
    is(&put("Two").await, 412, "changed");
    assert_eq!(get(&world, "/roles/glance").await["label"], "One");
}

#[tokio::test]
async fn a_role_of_80_000_permissions_is_refused_and_named_and_nothing_is_written() {
    let world = World::with_bodies_of(4_000_000).await;
    let before = world.revision().await;
    let permissions: Vec<String> = (0..80_000).map(|n| format!("things.n{n}")).collect();
    let big = json!({"kind": "customer", "label": "Big", "permissions": permissions});
    let answer = admin(&world, "PUT /roles/big", big.clone()).await;
    is(&answer, 400, "invalid");
    let said = errors(&answer);
    assert!(
        said[0].contains("roles.big.permissions must be")
            && said[0].ends_with("at most 1000, and would be 80000"),
        "{said:?}"
    );
    let kind = json!({"parents": vec!["customer"; 300], "members_may": permissions});
    let answer = admin(&world, "PUT /kinds/big", kind).await;
    let said = errors(&answer);
    assert!(
        said[0].contains("kinds.big.members_may must be"),
        "{said:?}"
    );
    let mut whole = get(&world, "/catalogue").await;
    whole["roles"].as_array_mut().unwrap().push({
        let mut big = big;
        big["name"] = json!("big");
        big
    });
    let answer = admin(&world, "PUT /catalogue", whole).await;
    is(&answer, 400, "invalid");
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn an_entry_holds_of_a_role_that_changes_that_role_alone() {
    let world = world().await;
    let helper = json!({"kind": "customer", "label": "Helper", "permissions": ["customers.view"]});
    done(&world, "PUT /roles/helper", helper).await;
    let mut whole = get(&world, "/catalogue").await;
    whole["kinds"][1]["members_may"] = json!([]);
    done(&world, "PUT /catalogue", whole).await;
    done(&world, "DELETE /roles/helper", Value::Null).await;
    let entries = get(&world, "/entries?page_size=3").await;
    let event = |place: usize| entries["items"][place]["events"][0].clone();
    assert_eq!(
        event(0),
        json!({
            "type": "catalogue.changed",
            "kinds": [],
            "roles": [],
            "permissions": [],
            "removed_kinds": [],
            "removed_roles": ["helper"],
            "removed_permissions": [],
            "added": [],
        })
    );
    assert_eq!(event(1)["kinds"].as_array().unwrap().len(), 1);
    assert_eq!(event(2)["roles"][0]["name"], "helper");
    assert_eq!(event(2)["added"], json!(["role:helper"]));
}
