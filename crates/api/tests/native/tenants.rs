//! Tenants, for the operator.

use serde_json::{Value, json};

use crate::ask::{ask, by, errors, is};
use attache_testkit::world::{Answer, World, acme, ids};

async fn operator(world: &World, what: &str, body: Value) -> Answer {
    let (method, path) = what.split_once(' ').unwrap();
    let ask = ask(world, method, path).by_the_operator();
    match body {
        Value::Null => ask.send().await,
        body => ask.json(&body).send().await,
    }
}

#[tokio::test]
async fn a_tenant_is_created_and_worked_for() {
    let world = World::new().await;
    let new = json!({
        "slug": "lantern", "name": "Lantern Talk", "domains": ["lantern.example"],
        "admin_email": "ada@lantern.example",
    });
    let made = operator(&world, "POST /tenants", new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let place = made.header("location").unwrap().to_owned();
    let found = world.get(&place).by_the_operator().send().await;
    assert_eq!(found.json(), made.json());
    let all = operator(&world, "GET /tenants", Value::Null).await;
    assert_eq!(all.each("/items", "slug"), ["acme", "globex", "lantern"]);
    assert_eq!(all.at("/total"), 3);
    let users = ask(&world, "GET", "/users").by_the_operator();
    let users = users.header("Attache-Tenant", "lantern").send().await;
    assert_eq!(users.each("/items", "email"), ["ada@lantern.example"]);
    let me = ask(&world, "GET", "/me").by_the_operator();
    let me = me.header("Attache-Tenant", "lantern").send().await;
    assert_eq!(me.at("/tenant_name"), "Lantern Talk");
}

#[tokio::test]
async fn a_page_of_tenants_ends_by_its_bytes_too() {
    let world = World::limited(|limits| limits.answer_bytes = 4_000).await;
    for slug in ["north", "south"] {
        let label = "x".repeat(60);
        let domain = |nth: u32| format!("{slug}-{nth}.{label}.{label}.{label}.example");
        let domains: Vec<String> = (0..15).map(domain).collect();
        let new = json!({"slug": slug, "name": "X", "domains": domains});
        let made = operator(&world, "POST /tenants", new).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let (mut seen, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = operator(
            &world,
            &format!("GET /tenants?page_size=100{cursor}"),
            Value::Null,
        )
        .await;
        assert_eq!(page.at("/total"), 4);
        let slugs = page.each("/items", "slug");
        assert!(
            slugs.len() == 1 || page.body.len() <= 4_000,
            "{}",
            page.body.len()
        );
        seen.extend(slugs);
        pages += 1;
        let Some(next) = page.at("/next").as_str().map(str::to_owned) else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["acme", "globex", "north", "south"]);
    assert!(pages > 1, "{pages}");
}

#[tokio::test]
async fn a_tenant_is_created_once_however_often_it_is_asked_for() {
    let world = World::new().await;
    let create = async |key: &str, name: &str| {
        let ask = ask(&world, "POST", "/tenants").by_the_operator();
        let ask = ask.header("Idempotency-Key", key);
        ask.json(&json!({"slug": "lantern", "name": name}))
            .send()
            .await
    };
    let first = create("\"a\"", "Lantern Talk").await;
    assert_eq!(first.status, 201, "{}", first.body);
    let again = create("\"a\"", "Lantern Talk").await;
    assert_eq!((again.status, again.json()), (201, first.json()));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    is(&create("\"a\"", "Other").await, 422, "request-differs");
    is(&create("\"b\"", "Lantern Talk").await, 409, "taken");
}

#[tokio::test]
async fn a_domain_is_kept_once_however_it_is_written() {
    let world = World::new().await;
    for (domains, kept) in [
        (
            json!(["other.example", "OTHER.example", "other.example."]),
            json!(["other.example"]),
        ),
        (
            json!(["b\u{fc}cher.example", "a.example", "xn--bcher-kva.example"]),
            json!(["xn--bcher-kva.example", "a.example"]),
        ),
    ] {
        let body = json!({"domains": domains});
        let now = operator(&world, "PATCH /tenants/acme", body).await;
        assert_eq!(now.at("/domains"), kept);
    }
    let new = json!({"slug": "new", "domains": ["new.example", "New.Example"]});
    let new = operator(&world, "POST /tenants", new).await;
    assert_eq!(new.at("/domains"), json!(["new.example"]));
}

#[tokio::test]
async fn a_tenant_changes_field_by_field() {
    let world = World::new().await;
    let now = operator(
        &world,
        "PATCH /tenants/acme",
        json!({"domains": ["new.example"]}),
    )
    .await;
    assert_eq!(
        (now.at("/slug"), now.at("/domains")),
        (json!("acme"), json!(["new.example"]))
    );
    let now = operator(&world, "PATCH /tenants/acme", json!({"slug": "acme-2"})).await;
    assert_eq!(now.at("/domains"), json!(["new.example"]));
    is(
        &operator(&world, "GET /tenants/acme", Value::Null).await,
        404,
        "not-found",
    );
    let by_id = format!("GET /tenants/{}", ids::tenant(1));
    assert_eq!(
        operator(&world, &by_id, Value::Null).await.json(),
        now.json()
    );
    // What acme's services do goes on.
    assert_eq!(
        by(&world, "deputy", "GET /me", Value::Null).await.status,
        200
    );
}

#[tokio::test]
async fn the_list_of_tenants_comes_in_pages() {
    let world = World::new().await;
    for at in 0..5 {
        let new = json!({"slug": format!("t{at}")});
        let made = operator(&world, "POST /tenants", new).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let what = format!("GET /tenants?page_size=3{cursor}");
        let page = operator(&world, &what, Value::Null).await;
        assert_eq!(page.at("/total"), 7, "{}", page.body);
        let slugs = page.json()["items"].as_array().unwrap().clone();
        found.extend(
            slugs
                .iter()
                .map(|row| row["slug"].as_str().unwrap().to_owned()),
        );
        match page.json()["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, ["acme", "globex", "t0", "t1", "t2", "t3", "t4"]);
    let of_another = by(&world, "deputy", "GET /groups?page_size=1", Value::Null).await;
    let foreign = of_another.json()["next"].as_str().unwrap_or("x").to_owned();
    let what = format!("GET /tenants?cursor={foreign}");
    let refused = operator(&world, &what, Value::Null).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[tokio::test]
async fn what_another_server_changed_is_kept() {
    let one = World::new().await;
    let two = one.beside().await;
    assert_eq!(
        operator(&two, "GET /tenants/acme", Value::Null)
            .await
            .status,
        200
    );
    let slug = operator(&one, "PATCH /tenants/acme", json!({"slug": "acme-2"})).await;
    assert_eq!(slug.status, 200, "{}", slug.body);
    let by_id = format!("PATCH /tenants/{}", ids::tenant(1));
    let now = operator(&two, &by_id, json!({"domains": []})).await;
    assert_eq!(
        (now.at("/slug"), now.at("/domains")),
        (json!("acme-2"), json!([]))
    );
}

#[tokio::test]
async fn what_is_taken_or_cannot_be_is_named() {
    let world = World::new().await;
    let long = "x".repeat(64);
    for (what, body, status, error) in [
        (
            "POST /tenants",
            json!({"slug": "acme"}),
            409,
            "slug is taken",
        ),
        (
            "POST /tenants",
            json!({"slug": "new", "domains": [acme::DOMAIN]}),
            409,
            "domain is taken",
        ),
        (
            "PATCH /tenants/globex",
            json!({"slug": "acme"}),
            409,
            "slug is taken",
        ),
        (
            "PATCH /tenants/globex",
            json!({"domains": ["acme.example"]}),
            409,
            "domain is taken",
        ),
        ("POST /tenants", json!({}), 400, "slug is required"),
        ("POST /tenants", json!({"slug": ""}), 400, "slug "),
        ("POST /tenants", json!({"slug": long}), 400, "slug "),
        ("POST /tenants", json!({"slug": "Ä"}), 400, "slug "),
        (
            "POST /tenants",
            json!({"slug": "new", "domains": ["ok.example", "x y"]}),
            400,
            "domains[1] ",
        ),
        (
            "PATCH /tenants/acme",
            json!({"domains": ["ok.example", "x\u{200b}.example"]}),
            400,
            "domains[1] ",
        ),
        (
            "POST /tenants",
            json!({"slug": "new", "admin_email": "x"}),
            400,
            "admin_email ",
        ),
        (
            "POST /tenants",
            json!({"slug": "new", "owner": "x"}),
            400,
            "owner is not known here",
        ),
        (
            "PATCH /tenants/globex",
            json!({"name": "x"}),
            400,
            "name is not known here",
        ),
    ] {
        let answer = operator(&world, what, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        let errors = errors(&answer);
        assert!(errors[0].starts_with(error), "{body}: {errors:?}");
    }
    let all = operator(&world, "GET /tenants", Value::Null).await;
    assert_eq!(all.at("/total"), 2);
    is(
        &operator(&world, "PATCH /tenants/nothing", json!({})).await,
        404,
        "not-found",
    );
}

#[tokio::test]
async fn a_tenants_own_token_is_not_enough() {
    let world = World::new().await;
    for (what, body) in [
        ("GET /tenants", Value::Null),
        ("GET /tenants/acme", Value::Null),
        ("POST /tenants", json!({"slug": "new"})),
        ("PATCH /tenants/acme", json!({"slug": "new"})),
    ] {
        for service in ["deputy", "nobody", "globex"] {
            is(
                &by(&world, service, what, body.clone()).await,
                403,
                "operator-only",
            );
        }
        let (method, path) = what.split_once(' ').unwrap();
        let made_up = format!("{}x", world.operator_token());
        let ask = ask(&world, method, path).header("Authorization", &format!("Bearer {made_up}"));
        is(&ask.send().await, 401, "unauthenticated");
    }
}

#[tokio::test]
async fn the_operator_says_for_whom_it_works() {
    let world = World::new().await;
    for (tenant, error) in [
        (
            None,
            "Attache-Tenant is required with the operator's credential",
        ),
        (Some("nothing"), "Attache-Tenant is no tenant's slug or id"),
        (Some(""), "Attache-Tenant is no tenant's slug or id"),
    ] {
        let mut ask = ask(&world, "GET", "/users").by_the_operator();
        if let Some(tenant) = tenant {
            ask = ask.header("Attache-Tenant", tenant);
        }
        let answer = ask.send().await;
        is(&answer, 400, "invalid");
        assert!(errors(&answer)[0].starts_with(error), "{}", answer.body);
    }
    let twice = ask(&world, "GET", "/users").by_the_operator();
    let twice = twice
        .header("Attache-Tenant", "acme")
        .header("Attache-Tenant", "acme");
    assert_eq!(errors(&twice.send().await), ["Attache-Tenant is repeated"]);
    let write = ask(&world, "POST", "/groups").by_the_operator();
    let write = write
        .header("Attache-Tenant", "acme")
        .json(&json!({"name": "Crew"}));
    let made = write.send().await;
    assert_eq!(made.status, 201, "{}", made.body);
    let entry = crate::ask::get(&world, &format!("/entries/{}", made.revision())).await;
    assert_eq!(entry["actor"], "operator");
}
