//! What an entry says besides what happened: through which door it came, why, and for whom. And
//! the door through which each fact came.

use serde_json::{Value, json};

use crate::ask::{ADMIN, ask, by, done, each, errors, get, is};
use attache_testkit::world::{Answer, World, ids, wishes};

const MILL: &str = "/resources/customer:%231";

/// What the one who holds everything is answered to a write with headers.
async fn said(world: &World, by: &str, what: &str, headers: &[(&str, &str)]) -> Answer {
    let (method, path) = what.split_once(' ').unwrap();
    let ask = ask(world, method, path).by(by);
    let ask = headers
        .iter()
        .fold(ask, |ask, (name, value)| ask.header(name, value));
    match method {
        "POST" => ask.json(&json!({})).send().await,
        _ => ask.send().await,
    }
}

async fn entry(world: &World, revision: u64) -> Value {
    get(world, &format!("/entries/{revision}")).await
}

#[tokio::test]
async fn an_entry_says_why_for_whom_and_who_approved_it() {
    let world = World::new().await;
    let headers = [
        ("Attache-Reason", "Zo%C3%AB joined: 100 %25 sure"),
        ("Attache-On-Behalf-Of", "greta"),
        ("Attache-Approved-By", "#1"),
    ];
    let put = format!("PUT {MILL}/members/greta");
    let answer = said(&world, ADMIN, &put, &headers).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let shown = entry(&world, answer.revision()).await;
    let fields = ["origin", "reason", "on_behalf_of", "approved_by"];
    let (greta, ada) = (ids::user(9).to_string(), ids::user(1).to_string());
    let expected = json!(["api", "Zo\u{eb} joined: 100 % sure", greta, ada]);
    assert_eq!(json!(fields.map(|field| &shown[field])), expected);

    let plain = done(&world, &format!("DELETE {MILL}/members/greta"), Value::Null).await;
    let shown = entry(&world, plain.revision()).await;
    let nothing = json!(["api", null, null, null]);
    assert_eq!(json!(fields.map(|field| &shown[field])), nothing);

    let (with, without) = (answer.revision(), plain.revision());
    for (query, expected) in [
        ("on_behalf_of=greta".to_owned(), vec![with]),
        (format!("on_behalf_of={greta}"), vec![with]),
        ("on_behalf_of=%231".to_owned(), vec![]),
        ("approved_by=%231".to_owned(), vec![with]),
        ("origin=api".to_owned(), vec![without, with]),
        ("origin=scim:entra".to_owned(), vec![]),
    ] {
        let found = each(&world, &format!("/entries?{query}"), "/revision").await;
        assert_eq!(found, expected, "{query}");
    }
    for (query, field) in [
        ("origin=A+B", "origin"),
        ("on_behalf_of=none", "on_behalf_of"),
    ] {
        let answer = by(&world, ADMIN, &format!("GET /entries?{query}"), Value::Null).await;
        is(&answer, 400, "invalid");
        assert!(errors(&answer)[0].starts_with(field), "{}", answer.body);
    }
}

#[tokio::test]
async fn users_in_filters_are_named_as_subjects_are() {
    // Nothing is found as a former name here.
    let world = World::limited(|limits| limits.former_names_in = 0).await;
    let headers = [
        ("Attache-On-Behalf-Of", "greta"),
        ("Attache-Approved-By", "greta"),
    ];
    let put = format!("PUT {MILL}/members/greta");
    let revision = said(&world, ADMIN, &put, &headers).await.revision();
    let (greta, group, deputy) = (ids::user(9), ids::group(1), ids::service(8));
    for field in ["on_behalf_of", "approved_by"] {
        for name in [
            "greta".to_owned(),
            "user:greta".to_owned(),
            "user:%239".to_owned(),
            format!("user:{greta}"),
        ] {
            let found = each(&world, &format!("/entries?{field}={name}"), "/revision").await;
            assert_eq!(found, [revision], "{field}={name}");
        }
        for other in [
            "service:deputy".to_owned(),
            "group:%231".to_owned(),
            format!("service:{deputy}"),
            format!("group:{group}"),
            "user:".to_owned(),
        ] {
            let what = format!("GET /entries?{field}={other}");
            let answer = by(&world, ADMIN, &what, Value::Null).await;
            is(&answer, 400, "invalid");
            assert_eq!(errors(&answer), [format!("{field} is no user")], "{other}");
        }
    }
}

#[tokio::test]
async fn a_filter_knows_the_same_users_whatever_it_asks_of_them() {
    let mut world = World::limited(|limits| limits.former_names_in = 0).await;
    // Number 2 is attached to that customer; Greta is not.
    let lists = ["customers.users.list".to_owned()];
    world.caller_with("lister", ("customer", 1), &lists).await;
    let reads = json!({"kind": "tenant", "label": "Entry reader",
        "permissions": ["tenants.entries.list"]});
    done(&world, "PUT /roles/entry-reader", reads).await;
    let grant = json!({"subject": "service:lister", "role": "entry-reader"});
    done(&world, "POST /resources/tenant/grants", grant).await;
    for field in ["subject", "on_behalf_of", "approved_by"] {
        for (name, status) in [("user:%232", 200), ("user:greta", 400)] {
            let what = format!("GET /entries?{field}={name}");
            let answer = by(&world, "lister", &what, Value::Null).await;
            assert_eq!(answer.status, status, "{what}: {}", answer.body);
        }
    }
    for (name, status) in [
        ("user:%232", 200),
        ("user:greta", 400),
        ("service:lister", 200),
        ("service:deputy", 400),
    ] {
        let what = format!("GET /entries?actor={name}");
        let answer = by(&world, "lister", &what, Value::Null).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_write_without_an_entry_refuses_what_it_cannot_say() {
    let world = World::new().await;
    for (header, value) in [
        ("Attache-Reason", "%"),
        ("Attache-Reason", "Moved"),
        ("Attache-On-Behalf-Of", "greta"),
        ("Attache-Approved-By", "greta"),
    ] {
        let change = ask(&world, "PATCH", "/tenants/acme").by_the_operator();
        let change = change
            .header(header, value)
            .json(&json!({"slug": "acme-2"}));
        let answer = change.send().await;
        is(&answer, 400, "invalid");
        let refused = format!("{header} must be left out: this write has no entry");
        assert_eq!(errors(&answer), [refused]);
    }
    let get = ask(&world, "GET", "/tenants/acme").by_the_operator();
    assert_eq!(get.send().await.status, 200, "nothing was changed");
    let create = ask(&world, "POST", "/tenants").by_the_operator();
    let create = create.header("Attache-On-Behalf-Of", "#1");
    let answer = create.json(&json!({"slug": "globex-2"})).send().await;
    is(&answer, 400, "invalid");
    assert_eq!(errors(&answer), ["Attache-On-Behalf-Of is no user"]);
}

#[tokio::test]
async fn a_reason_is_told_to_whom_profiles_are() {
    let mut world = World::new().await;
    let may = ["tenants.entries.list".to_owned()];
    world.caller_with("entry-reader", wishes::ROOT, &may).await;
    let put = format!("PUT {MILL}/members/greta");
    let answer = said(&world, ADMIN, &put, &[("Attache-Reason", "Ada asked")]).await;
    let what = format!("GET /entries/{}", answer.revision());
    let shown = by(&world, "entry-reader", &what, Value::Null).await.json();
    assert_eq!(
        (&shown["reason"], &shown["origin"]),
        (&Value::Null, &json!("api"))
    );
}

#[tokio::test]
async fn a_user_who_is_hidden_and_one_who_does_not_exist_are_answered_alike() {
    let mut world = World::new().await;
    // Adds to the first customer, and may list nobody.
    let may = ["customers.users.add".to_owned()];
    world.caller_with("adder", wishes::ROOT, &may).await;
    let revision = world.revision().await;
    let put = format!("PUT {MILL}/members/greta");
    for header in ["Attache-On-Behalf-Of", "Attache-Approved-By"] {
        let hidden = said(&world, "adder", &put, &[(header, "greta")]).await;
        let unknown = said(&world, "adder", &put, &[(header, "nobody")]).await;
        is(&hidden, 400, "invalid");
        assert_eq!(errors(&hidden), [format!("{header} is no user")]);
        assert_eq!(hidden.all_of_it(), unknown.all_of_it());
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn the_users_of_a_resource_are_known_to_who_may_list_them() {
    let mut world = World::new().await;
    let may = ["customers.users.add", "customers.users.list"].map(str::to_owned);
    world.caller_with("lister", ("customer", 1), &may).await;
    let put = format!("PUT {MILL}/members/greta");
    // Number 2 is attached to that customer; Greta is not, before the second request.
    let unknown = said(&world, "lister", &put, &[("Attache-On-Behalf-Of", "greta")]).await;
    is(&unknown, 400, "invalid");
    let known = said(&world, "lister", &put, &[("Attache-On-Behalf-Of", "#2")]).await;
    assert_eq!(known.status, 201, "{}", known.body);
    let itself = said(&world, "lister", &put, &[("Attache-On-Behalf-Of", "greta")]).await;
    assert_eq!(itself.status, 200, "she is attached now: {}", itself.body);
}

#[tokio::test]
async fn on_behalf_of_grants_nothing() {
    let mut world = World::new().await;
    let may = ["customers.users.list".to_owned()];
    world.caller_with("lister", wishes::ROOT, &may).await;
    // Number 1 holds everything.
    let delete = "DELETE /users/greta";
    let refused = said(&world, "lister", delete, &[("Attache-On-Behalf-Of", "#1")]).await;
    is(&refused, 403, "forbidden");
}

#[tokio::test]
async fn a_write_that_is_sent_again_is_replayed_when_the_user_that_it_names_is_gone() {
    let world = World::new().await;
    let headers = [
        ("Attache-On-Behalf-Of", "greta"),
        ("Idempotency-Key", "\"gone\""),
    ];
    let first = said(&world, ADMIN, "DELETE /users/greta", &headers).await;
    assert_eq!(first.status, 204, "{}", first.body);
    let again = said(&world, ADMIN, "DELETE /users/greta", &headers).await;
    assert_eq!(again.status, 204, "{}", again.body);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn reads_pass_over_what_writes_say() {
    let world = World::new().await;
    let get = ask(&world, "GET", "/users/greta").by(ADMIN);
    let get = get
        .header("Attache-On-Behalf-Of", "nobody")
        .header("Attache-Reason", "%");
    assert_eq!(get.send().await.status, 200);
}

#[tokio::test]
async fn dry_runs_and_bulks_refuse_what_cannot_be_said() {
    let world = World::new().await;
    let revision = world.revision().await;
    let nobody = [("Attache-On-Behalf-Of", "nobody")];
    for what in ["POST /bulk", &format!("PUT {MILL}/members?dry_run=true")] {
        let (method, path) = what.split_once(' ').unwrap();
        let ask = ask(&world, method, path).by(ADMIN);
        let ask = ask.header(nobody[0].0, nobody[0].1);
        let body = match method {
            "POST" => json!({"operations": [
                {"op": "add_member", "resource": "customer:#1", "user": "greta"}
            ]}),
            _ => json!({"users": ["greta"]}),
        };
        let answer = ask.json(&body).send().await;
        is(&answer, 400, "invalid");
        assert_eq!(
            errors(&answer),
            ["Attache-On-Behalf-Of is no user"],
            "{what}"
        );
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn facts_keep_the_door_through_which_they_came_first() {
    let world = World::new().await;
    let cli = [("Attache-Client", "cli")];
    let member = format!("{MILL}/members/greta");
    let put = format!("PUT {member}");
    assert_eq!(said(&world, ADMIN, &put, &cli).await.status, 201);
    let until = json!({"expires_at": "2030-01-01T00:00:00Z"});
    done(&world, &put, until).await;
    let grant = json!({"subject": "user:greta", "role": "viewer"});
    done(&world, &format!("POST {MILL}/grants"), grant).await;
    let shown = get(&world, &member).await;
    assert_eq!(shown["origin"], "cli");
    let mut via: Vec<String> = shown["via"]
        .as_array()
        .unwrap()
        .iter()
        .map(|via| format!("{} {}", via["role"], via["origin"]))
        .collect();
    via.sort();
    assert_eq!(via, ["\"viewer\" \"api\"", "null \"cli\""]);
    let grants = format!("{MILL}/grants?subject=user:greta");
    assert_eq!(each(&world, &grants, "/origin").await, ["api"]);
    let join = "/groups/%231/users/greta";
    said(&world, ADMIN, &format!("PUT {join}"), &cli).await;
    assert_eq!(get(&world, join).await["origin"], "cli");
    // Of the tenant: the door through which the user came.
    let made = said(&world, ADMIN, "POST /users", &cli).await.json();
    let root = format!("/resources/tenant/members/{}", made["id"].as_str().unwrap());
    assert_eq!(get(&world, &root).await["origin"], "cli");
    let question = json!({"subject": "user:greta", "permission": "customers.users.list",
        "resource": "customer:#1"});
    let explained = by(&world, ADMIN, "POST /explain", question).await;
    assert!(
        explained.body.contains("\"origin\":\"cli\""),
        "{}",
        explained.body
    );
    assert!(
        explained.body.contains("\"origin\":\"api\""),
        "{}",
        explained.body
    );
}
