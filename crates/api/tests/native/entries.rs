//! Entries: what happened, who caused it, when.

use serde_json::{Value, json};

use attache_core::Actor;
use attache_core::id::UserId;

use crate::ask::{ADMIN, CORRELATION, admin, ask, by, done, each, errors, get, is};
use attache_testkit::shape;
use attache_testkit::world::{World, ids, wishes};

#[tokio::test]
async fn the_newest_stands_first_and_all_are_there() {
    let world = World::new().await;
    let now = world.revision().await;
    let revisions = each(&world, "/entries", "/revision").await;
    let expected: Vec<u64> = (1..=now).rev().collect();
    assert_eq!(revisions, expected);
}

#[tokio::test]
async fn how_one_reads() {
    let world = World::new().await;
    let user = json!({"first_name": "Greta", "phone": "+1"});
    let revision = done(&world, "PATCH /users/greta", user).await.revision();
    let mut entry = get(&world, &format!("/entries/{revision}")).await;
    entry["id"] = json!("[id]");
    insta::assert_snapshot!(serde_json::to_string_pretty(&entry).unwrap());
}

#[tokio::test]
async fn filters_hold_together() {
    let world = World::new().await;
    world.pass(60);
    let made = done(&world, "POST /users", json!({"key": "nina"})).await;
    let nina = made.at("/id").as_str().unwrap().to_owned();
    world.pass(60);
    let attached = "PUT /resources/customer:%232/members/nina";
    let attached = done(&world, attached, Value::Null).await.revision();
    let added = made.revision();
    let deputy = format!("service:{}", ids::service(8));
    for (query, expected) in [
        ("subject=user:nina".to_owned(), vec![attached, added]),
        (format!("subject=user:{nina}"), vec![attached, added]),
        (
            "resource=customer:%232&subject=user:nina".to_owned(),
            vec![attached],
        ),
        (
            format!("correlation_id={CORRELATION}"),
            vec![attached, added],
        ),
        ("correlation_id=none-such".to_owned(), vec![]),
        (
            format!("actor={deputy}&subject=user:nina"),
            vec![attached, added],
        ),
        ("actor=attache".to_owned(), vec![]),
        ("from=2026-03-03T09:31:10Z".to_owned(), vec![attached]),
        (
            "from=2026-03-03T09:31:00Z&to=2026-03-03T09:32:00Z".to_owned(),
            vec![added],
        ),
        (
            "from=2026-03-03T10:31:00%2B01:00&to=2026-03-03T09:32:00Z".to_owned(),
            vec![added],
        ),
    ] {
        let found = each(&world, &format!("/entries?{query}"), "/revision").await;
        assert_eq!(found, expected, "{query}");
    }
    for (query, error) in [
        ("actor=nina", "actor must be user:<name>"),
        ("actor=group:%231", "actor must be user:<name>"),
        ("actor=user:none", "actor is no user or service"),
        ("from=yesterday", "from must be a time such as"),
        ("to=2026-03-03", "to must be a time such as"),
        ("resource=customer:none", "resource is no resource"),
        ("subject=user:none", "subject is no user, group or service"),
    ] {
        let answer = admin(&world, &format!("GET /entries?{query}"), Value::Null).await;
        is(&answer, 400, "invalid");
        assert!(errors(&answer)[0].starts_with(error), "{}", answer.body);
    }
}

#[tokio::test]
async fn what_is_gone_is_found_by_its_id() {
    let world = World::new().await;
    let chatbot = ids::resource("chatbot", 3);
    let hugo = ids::user(10);
    let resource = done(&world, "DELETE /resources/chatbot:lighthouse", Value::Null).await;
    let user = done(&world, "DELETE /users/%2310", Value::Null).await;
    for (query, gone) in [
        (format!("resource={chatbot}"), resource.revision()),
        (format!("subject=user:{hugo}"), user.revision()),
        (format!("subject={hugo}"), user.revision()),
    ] {
        let found = each(&world, &format!("/entries?{query}"), "/revision").await;
        assert_eq!(found[0], gone, "{query}");
        assert!(found.len() >= 2, "it was added once: {query}");
    }
}

#[tokio::test]
async fn what_is_gone_or_renamed_is_found_by_the_name_that_it_had_last() {
    let uuid = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
    let world = World::new().await;
    let add = async |key: &str, kind: &str| {
        let parent = match kind {
            "workspace" => "customer:#1",
            _ => "tenant",
        };
        let new = json!({"kind": kind, "key": key, "name": "X", "parent": parent});
        let made = done(&world, "POST /resources", new).await;
        made.at("/id").as_str().unwrap().to_owned()
    };
    // A customer and a workspace had the key, both are gone, and the customer had another key
    // when it was added.
    let renamed = add("first", "customer").await;
    done(
        &world,
        "PATCH /resources/customer:first",
        json!({"key": "quay"}),
    )
    .await;
    let workspace = add("quay", "workspace").await;
    done(
        &world,
        "PATCH /resources/customer:quay",
        json!({"key": "later"}),
    )
    .await;
    done(&world, "DELETE /resources/workspace:quay", Value::Null).await;
    done(&world, "DELETE /resources/customer:later", Value::Null).await;
    let keyed = add("zoe\u{308}", "customer").await;
    done(
        &world,
        "PATCH /resources/customer:zo%C3%AB",
        json!({"key": null}),
    )
    .await;
    let id = |made: &attache_testkit::world::Answer| made.at("/id").as_str().unwrap().to_owned();
    let nina = id(&done(&world, "POST /users", json!({"key": "nina"})).await);
    done(&world, "PATCH /users/nina", json!({"key": "anna"})).await;
    done(&world, "DELETE /users/anna", Value::Null).await;
    // Somebody has the name today.
    let anna = id(&done(&world, "POST /users", json!({"key": "anna"})).await);
    let with_uuid = id(&done(&world, "POST /users", json!({"key": uuid})).await);
    done(&world, &format!("DELETE /users/{uuid}"), Value::Null).await;
    let group = json!({"key": "night", "name": "Night"});
    let group = id(&done(&world, "POST /groups", group).await);
    done(&world, "DELETE /groups/night", Value::Null).await;
    for (former, id) in [
        ("resource=customer:quay", &renamed),
        ("resource=customer:first", &renamed),
        ("resource=customer:later", &renamed),
        ("resource=workspace:quay", &workspace),
        ("resource=customer:zo%C3%AB", &keyed),
        ("resource=customer:zoe%CC%88", &keyed),
        ("subject=user:nina", &nina),
        ("subject=nina", &nina),
        ("subject=user:anna", &anna),
        (
            format!("subject=user:{}", uuid.to_lowercase()).as_str(),
            &with_uuid,
        ),
        ("subject=group:night", &group),
    ] {
        let by_name = each(&world, &format!("/entries?{former}"), "/revision").await;
        let (field, _) = former.split_once('=').unwrap();
        let by_id = each(&world, &format!("/entries?{field}={id}"), "/revision").await;
        assert_eq!(by_name, by_id, "{former}");
        assert!(!by_id.is_empty(), "{former}");
    }
    for nothing in [
        "resource=chatbot:quay",
        "subject=service:night",
        "actor=service:nina",
    ] {
        let answer = admin(&world, &format!("GET /entries?{nothing}"), Value::Null).await;
        is(&answer, 400, "invalid");
    }
    assert_eq!(
        each(&world, "/entries?actor=user:nina", "/revision").await,
        [""; 0]
    );
    let deputy = each(
        &world,
        "/entries?actor=service:deputy&subject=user:anna",
        "/revision",
    )
    .await;
    assert_eq!(deputy.len(), 1);
}

#[tokio::test]
async fn users_who_are_gone_are_found_by_former_names_in_every_filter() {
    let world = World::new().await;
    // A key that reads as an id, too.
    let keys = ["nina", "6f9619ff-8b86-d011-b42d-00c04fc964ff"];
    for (number, key) in [100, 200].into_iter().zip(keys) {
        let made = done(&world, "POST /users", json!({"key": key})).await;
        let id = made.at("/id").as_str().unwrap().to_owned();
        let grant = json!({"subject": format!("user:{id}"), "role": "admin"});
        done(&world, "POST /resources/tenant/grants", grant).await;
        let user = Actor::User(UserId(id.parse().unwrap()));
        let group = wishes::group(number, None, "Night");
        world.write(ids::tenant(1), user, &[group]).await;
        let write = ask(&world, "POST", "/groups").by(ADMIN);
        let write = write
            .header("Attache-On-Behalf-Of", key)
            .header("Attache-Approved-By", key);
        let write = write.json(&json!({"name": "Late"})).send().await;
        assert_eq!(write.status, 201, "{}", write.body);
        done(&world, &format!("DELETE /users/{id}"), Value::Null).await;
        for field in ["subject", "actor", "on_behalf_of", "approved_by"] {
            let by_id = format!("/entries?{field}=user:{id}");
            let by_id = each(&world, &by_id, "/revision").await;
            assert!(!by_id.is_empty(), "{field}={id}");
            let by_key = format!("/entries?{field}=user:{key}");
            let by_key = each(&world, &by_key, "/revision").await;
            assert_eq!(by_key, by_id, "{field}={key}");
        }
    }
}

#[tokio::test]
async fn a_former_name_is_searched_for_in_so_many_entries() {
    let world = World::limited(|limits| limits.former_names_in = 2).await;
    done(&world, "POST /users", json!({"key": "nina"})).await;
    done(&world, "DELETE /users/nina", Value::Null).await;
    assert_eq!(
        each(&world, "/entries?subject=user:nina", "/revision")
            .await
            .len(),
        2
    );
    done(&world, "POST /users", json!({"key": "ira"})).await;
    let answer = admin(&world, "GET /entries?subject=user:nina", Value::Null).await;
    let none = "subject is no user, group or service, and was none in the newest 2 entries";
    assert_eq!(errors(&answer), [none]);
}

#[tokio::test]
async fn a_page_goes_on_where_the_last_one_ended_whatever_is_written() {
    let world = World::new().await;
    let whole = each(&world, "/entries", "/revision").await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get(&world, &format!("/entries?page_size=2{cursor}")).await;
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|it| it["revision"].clone()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
        done(&world, "POST /users", json!({})).await;
    }
    assert_eq!(seen, whole);
}

#[tokio::test]
async fn no_hash_of_a_token_is_shown() {
    let world = World::new().await;
    done(&world, "POST /services/nobody/tokens", Value::Null).await;
    let all = get(&world, "/entries").await.to_string();
    assert!(all.contains("token.created") && all.contains("\"hint\""));
    assert!(!all.contains("hash"), "{all}");
}

#[tokio::test]
async fn there_is_no_other() {
    let world = World::new().await;
    let next = world.revision().await + 1;
    let next = next.to_string();
    for name in [
        "0",
        "-1",
        "1.0",
        "x",
        "18446744073709551615",
        "99999999999999999999",
        &next,
    ] {
        let answer = admin(&world, &format!("GET /entries/{name}"), Value::Null).await;
        is(&answer, 404, "not-found");
    }
}

#[tokio::test]
async fn they_are_for_those_who_may_list_them() {
    let world = World::new().await;
    for what in ["GET /entries", "GET /entries/1"] {
        is(
            &by(&world, "local", what, Value::Null).await,
            403,
            "forbidden",
        );
    }
}

#[tokio::test]
async fn names_are_shown_to_those_who_may_read_them_elsewhere() {
    let mut world = World::new().await;
    for (name, also) in [
        ("clerk", &[][..]),
        ("of-users", &["tenants.users.list"]),
        ("of-groups", &["tenants.groups.list"]),
        ("of-services", &["tenants.services.list"]),
        ("of-customers", &["customers.view"]),
        ("of-issuers", &["tenants.issuers.list"]),
    ] {
        let may = ["tenants.entries.list"].iter().chain(also);
        let may: Vec<String> = may.map(|&it| it.to_owned()).collect();
        world.caller_with(name, ("tenant", 1), &may).await;
    }
    let user = json!({"key": "nina", "first_name": "Nina", "email": "nina@mill.example",
        "external_auth_id": "auth0|5f3c"});
    done(&world, "POST /users", user).await;
    let facts = json!({"external_auth_id": "auth0|77d1"});
    done(&world, "PATCH /users/nina", facts).await;
    let mut terms = json!({"issuer": "https://login.mill.example", "audience": "first-audience"});
    let issuer = done(&world, "POST /issuers", terms.clone()).await;
    let issuer = format!("/issuers/{}", issuer.at("/id").as_str().unwrap());
    terms["audience"] = json!("second-audience");
    done(&world, &format!("PUT {issuer}"), terms).await;
    done(
        &world,
        "POST /groups",
        json!({"key": "early", "name": "Early shift"}),
    )
    .await;
    done(
        &world,
        "POST /services",
        json!({"key": "billing", "name": "Billing"}),
    )
    .await;
    done(&world, "POST /services/billing/tokens", json!({})).await;
    let customer = json!({"kind": "customer", "key": "dock", "name": "Dock"});
    done(&world, "POST /resources", customer).await;
    let gone = json!({"kind": "customer", "key": "pier", "name": "Pier"});
    done(&world, "POST /resources", gone).await;
    done(&world, "DELETE /resources/customer:pier", Value::Null).await;
    let texts = [
        ("nina", "of-users"),
        ("Nina", "of-users"),
        ("early", "of-groups"),
        ("Early shift", "of-groups"),
        ("billing", "of-services"),
        ("\"hint\"", "of-services"),
        ("dock", "of-customers"),
        ("Pier", "of-customers"),
        ("auth0|5f3c", "of-users"),
        ("auth0|77d1", "of-users"),
        ("\"email_verified\"", "of-users"),
        ("\"first_login\"", "of-users"),
        ("first-audience", "of-issuers"),
        ("second-audience", "of-issuers"),
        ("\"terms\"", "of-issuers"),
    ];
    for caller in [
        "clerk",
        "of-users",
        "of-groups",
        "of-services",
        "of-customers",
        "of-issuers",
    ] {
        let list = by(&world, caller, "GET /entries?page_size=10", Value::Null).await;
        let revisions = list.each("/items", "revision");
        let one = format!("GET /entries/{}", revisions.last().unwrap());
        let one = by(&world, caller, &one, Value::Null).await;
        assert_eq!(
            one.json(),
            list.at(&format!("/items/{}", revisions.len() - 1))
        );
        for (text, told) in texts {
            let is_shown = list.body.contains(text);
            assert_eq!(is_shown, caller == told, "{caller}: {text}: {}", list.body);
        }
        assert!(!list.body.contains("\"hash\""));
    }
}

#[tokio::test]
async fn a_subject_that_may_not_be_listed_is_named_by_its_id() {
    let mut world = World::new().await;
    let may = ["tenants.entries.list".to_owned()];
    world.caller_with("clerk", ("tenant", 1), &may).await;
    for (name, id) in [
        ("user:greta", format!("user:{}", ids::user(9))),
        ("service:reader", format!("service:{}", ids::service(2))),
    ] {
        let refused = by(
            &world,
            "clerk",
            &format!("GET /entries?subject={name}"),
            Value::Null,
        )
        .await;
        let said = "subject is no user, group or service, and was none in the newest";
        assert!(errors(&refused)[0].starts_with(said), "{}", refused.body);
        let found = by(
            &world,
            "clerk",
            &format!("GET /entries?subject={id}"),
            Value::Null,
        )
        .await;
        assert_ne!(found.at("/total"), 0, "{id}");
    }
}

#[tokio::test]
async fn served_entries_are_as_the_document_describes_them() {
    let (mut world, _) = crate::reads::all().await;
    let may = ["tenants.entries.list".to_owned()];
    world.caller_with("clerk", ("tenant", 1), &may).await;
    let document = world.get("/openapi/attache.json").send().await.json();
    let schema = json!({"$ref": "#/components/schemas/Entry"});
    for caller in [ADMIN, "clerk"] {
        let list = by(&world, caller, "GET /entries?page_size=1000", Value::Null).await;
        let entries = list.at("/items");
        let entries = entries.as_array().unwrap();
        assert!(entries.len() > 10, "{}", entries.len());
        for entry in entries {
            assert_eq!(shape::faults(&document, &schema, entry), [""; 0], "{entry}");
        }
    }
}
