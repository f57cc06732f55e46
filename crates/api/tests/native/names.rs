//! What can be a name, and what a name means.

use serde_json::{Value, json};

use crate::ask::{admin, done, each, errors, get, is};
use attache_testkit::world::World;

const UPPER: &str = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
const LOWER: &str = "6f9619ff-8b86-d011-b42d-00c04fc964ff";

/// The ways to give something a key, as requests and as an operation of a bulk.
fn ways(key: &str) -> Vec<(String, Value)> {
    let named = |name: &str| json!({"key": key, "name": name});
    let mut ways = vec![
        ("POST /users".to_owned(), json!({"key": key})),
        ("PATCH /users/greta".to_owned(), json!({"key": key})),
        ("POST /groups".to_owned(), named("Group")),
        ("PATCH /groups/%231".to_owned(), json!({"key": key})),
        ("POST /services".to_owned(), named("Service")),
        ("PATCH /services/keeper".to_owned(), json!({"key": key})),
        (
            "POST /resources".to_owned(),
            json!({"kind": "customer", "key": key, "name": "Customer"}),
        ),
        (
            "PATCH /resources/customer:%231".to_owned(),
            json!({"key": key}),
        ),
    ];
    ways.extend([
        (
            "POST /bulk".to_owned(),
            json!({"operations": [{"op": "add_user", "key": key}]}),
        ),
        (
            "POST /bulk".to_owned(),
            json!({"operations": [{"op": "change_user", "user": "greta", "key": key}]}),
        ),
    ]);
    ways
}

#[tokio::test]
async fn a_key_that_reads_as_another_name_is_refused() {
    let world = World::new().await;
    let before = world.revision().await;
    for key in [
        "#10",
        "#010",
        "user:ada",
        "group:ada",
        "service:ada",
        "tenant:1",
        "customer:mill",
        "tenant",
        ".",
        "..",
        "",
        "a\u{200b}b",
        "a\u{202e}b",
        "a\nb",
        "\u{3164}",
        "\u{2800}",
    ] {
        for (way, body) in ways(key) {
            let answer = admin(&world, &way, body.clone()).await;
            is(&answer, 400, "invalid");
            let errors = errors(&answer);
            let said = errors[0].split(' ').next().unwrap();
            assert!(said.ends_with("key"), "{way} {body}: {errors:?}");
        }
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn a_key_of_digits_is_no_number() {
    let world = World::new().await;
    let made = done(&world, "POST /users", json!({"key": "2"})).await;
    assert_eq!(get(&world, "/users/2").await, made.json());
    assert_eq!(get(&world, "/users/%232").await["number"], 2);
    done(&world, "DELETE /users/2", Value::Null).await;
    for gone in ["GET /users/2", "GET /users/%23002", "GET /users/%23%2B2"] {
        is(&admin(&world, gone, Value::Null).await, 404, "not-found");
    }
    // Nor anywhere else that a text names something.
    for body in [
        json!([{"op": "remove_user", "user": "2"}]),
        json!([{"op": "add_member", "resource": "customer:#1", "user": "2"}]),
        json!([{"op": "add_member", "resource": "customer:1", "user": "#2"}]),
        json!([{"op": "add_group_user", "group": "1", "user": "#2"}]),
        json!([{"op": "move_resource", "resource": "customer:#1", "parent": "reseller:1"}]),
    ] {
        let answer = admin(&world, "POST /bulk", json!({"operations": body})).await;
        assert!(
            [400, 404, 409].contains(&answer.status),
            "{body}: {}",
            answer.body
        );
    }
    for query in [
        "/entries?subject=user:3",
        "/entries?resource=customer:1",
        "/entries?resource=",
        "/entries?subject=",
    ] {
        is(
            &admin(&world, &format!("GET {query}"), Value::Null).await,
            400,
            "invalid",
        );
    }
}

#[tokio::test]
async fn an_empty_name_is_not_the_tenant() {
    let world = World::new().await;
    for operation in [
        json!({"op": "grant", "resource": "", "subject": "user:greta", "role": "admin"}),
        json!({"op": "move_resource", "resource": "customer:#1", "parent": ""}),
        json!({"op": "add_resource", "kind": "customer", "name": "X", "parent": ""}),
        json!({"op": "remove_user", "user": ""}),
    ] {
        let answer = admin(&world, "POST /bulk", json!({"operations": [operation]})).await;
        assert!(
            [400, 404, 409].contains(&answer.status),
            "{operation}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn uuids_are_compared_as_uuids() {
    let world = World::new().await;
    let made = done(&world, "POST /users", json!({"key": UPPER})).await;
    assert_eq!(made.at("/key"), UPPER, "kept as it was written");
    let simple = LOWER.replace('-', "");
    let braced = format!("%7B{LOWER}%7D");
    let urn = format!("urn:uuid:{LOWER}");
    for name in [UPPER, LOWER, &simple, &braced, &urn] {
        assert_eq!(get(&world, &format!("/users/{name}")).await, made.json());
    }
    for key in [LOWER, &simple] {
        let answer = admin(&world, "POST /users", json!({"key": key})).await;
        is(&answer, 409, "taken");
    }
    // The id of a thing is found in capitals too, and is no key of another.
    let id = get(&world, "/users/greta").await["id"]
        .as_str()
        .unwrap()
        .to_uppercase();
    assert_eq!(get(&world, &format!("/users/{id}")).await["key"], "greta");
    let answer = admin(&world, "POST /users", json!({"key": id})).await;
    is(&answer, 409, "taken");
    let customer = json!({"kind": "customer", "key": UPPER, "name": "Mill"});
    let made = done(&world, "POST /resources", customer).await;
    for name in [LOWER, UPPER] {
        let found = get(&world, &format!("/resources/customer:{name}")).await;
        assert_eq!(found["id"], made.at("/id"));
    }
    let path = format!("/auth/api/v1/customers/{LOWER}/users");
    let answer = world.get(&path).by(crate::ask::ADMIN).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn texts_are_in_one_normal_form_and_found_in_every() {
    let world = World::new().await;
    let new = json!({
        "key": "zoe\u{308}", "first_name": "Zoe\u{308}", "last_name": "A\u{30a}ngstro\u{308}m",
        "email": "zoe\u{308}@mill.example",
    });
    let made = done(&world, "POST /users", new).await;
    assert_eq!(made.at("/key"), "zoë");
    assert_eq!(made.at("/first_name"), "Zoë");
    assert_eq!(made.at("/last_name"), "Ångström");
    assert_eq!(made.at("/email"), "zoë@mill.example");
    for name in ["zo%C3%AB", "zoe%CC%88"] {
        assert_eq!(get(&world, &format!("/users/{name}")).await, made.json());
    }
    let answer = admin(&world, "POST /users", json!({"key": "zoë"})).await;
    is(&answer, 409, "taken");
    for (what, body, field) in [
        (
            "POST /users",
            json!({"first_name": "Ad\u{202e}a"}),
            "first_name",
        ),
        ("POST /users", json!({"last_name": "\u{3164}"}), "last_name"),
        ("POST /users", json!({"phone": "+49\u{200b}1"}), "phone"),
        (
            "POST /users",
            json!({"email": "a\u{200d}b@mill.example"}),
            "email",
        ),
        (
            "POST /users",
            json!({"email": "mi\u{212a}e@mill.example"}),
            "email",
        ),
        (
            "PATCH /users/greta",
            json!({"first_name": "\u{2800}"}),
            "first_name",
        ),
        ("POST /groups", json!({"name": "\u{301}\u{301}"}), "name"),
        ("PATCH /groups/%231", json!({"name": "a\u{2066}b"}), "name"),
        ("POST /services", json!({"name": "Port\u{ad}al"}), "name"),
        ("PATCH /services/keeper", json!({"name": "\u{a0}"}), "name"),
        (
            "POST /resources",
            json!({"kind": "customer", "name": "Mill\u{200e}"}),
            "name",
        ),
        (
            "PATCH /resources/customer:%231",
            json!({"name": "\u{feff}Mill"}),
            "name",
        ),
    ] {
        let answer = admin(&world, what, body.clone()).await;
        is(&answer, 400, "invalid");
        assert!(
            errors(&answer)[0].starts_with(field),
            "{what} {body}: {}",
            answer.body
        );
    }
    for name in ["علی\u{200c}رضا", "Team 👩\u{200d}🚀", "葛\u{e0100}城"] {
        done(&world, "POST /groups", json!({"name": name})).await;
    }
}

#[tokio::test]
async fn a_proof_belongs_to_the_address_that_was_proven() {
    let world = World::new().await;
    let new = json!({"key": "nina", "email": "nina@bücher.example", "email_verified": true});
    done(&world, "POST /users", new).await;
    let change = async |body: Value| {
        let answer = done(&world, "PATCH /users/nina", body).await;
        answer.at("/email_verified").as_bool().unwrap()
    };
    assert!(
        change(json!({"email": "Nina@xn--bcher-kva.example"})).await,
        "the same"
    );
    assert!(change(json!({"first_name": "Nina"})).await);
    assert!(!change(json!({"email": "nina@mill.example"})).await);
    assert!(change(json!({"email": "nina@forge.example", "email_verified": true})).await);
    assert!(!change(json!({"email": null})).await);
    assert!(change(json!({"email_verified": true, "email": "nina@mill.example"})).await);
    let change = json!({"op": "change_user", "user": "nina", "email": "n@mill.example"});
    done(&world, "POST /bulk", json!({"operations": [change]})).await;
    assert_eq!(get(&world, "/users/nina").await["email_verified"], false);
}

#[tokio::test]
async fn addresses_are_filtered_as_they_are_compared_at_sign_in() {
    let world = World::new().await;
    let new = json!({"key": "nina", "email": "Ünal@Bücher.example"});
    done(&world, "POST /users", new).await;
    for email in [
        "%C3%BCnal@b%C3%BCcher.example",
        "%C3%9CNAL@XN--BCHER-KVA.example",
        "u%CC%88nal@bu%CC%88cher.example.",
    ] {
        let found = each(&world, &format!("/users?email={email}"), "/key").await;
        assert_eq!(found, ["nina"], "{email}");
    }
    for email in ["unal@b%C3%BCcher.example", "%C3%BCnal@bucher.example", ""] {
        let found = each(&world, &format!("/users?email={email}"), "/key").await;
        assert!(!found.contains(&json!("nina")), "{email}");
    }
}

#[tokio::test]
async fn whoever_only_adds_users_shuts_nobody_out() {
    let mut world = World::new().await;
    let registrar = ["tenants.users.add", "tenants.users.remove"].map(str::to_owned);
    world
        .caller_with(
            "registrar",
            attache_testkit::world::wishes::ROOT,
            &registrar,
        )
        .await;
    let proven = json!({"email_verified": true, "email": "ada@acme.example"});
    done(&world, "PATCH /users/%231", proven).await;
    let before = world.revision().await;
    for email in ["ada@acme.example", "ADA@Acme.example"] {
        let new = json!({"email": email, "email_verified": true});
        let answer = crate::ask::by(&world, "registrar", "POST /users", new.clone()).await;
        is(&answer, 403, "exceeds");
        let operation = json!({"op": "add_user", "email": email, "email_verified": true});
        let bulk = json!({"operations": [operation]});
        let answer = crate::ask::by(&world, "registrar", "POST /bulk", bulk).await;
        is(&answer, 403, "exceeds");
    }
    assert_eq!(world.revision().await, before);
    let new = json!({"email": "ada@acme.example"});
    let answer = crate::ask::by(&world, "registrar", "POST /users", new).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}
