//! Entries: what happened, who caused it, when.

use serde_json::{Value, json};

use crate::ask::{CORRELATION, admin, by, done, each, errors, get, is};
use attache_testkit::world::{World, ids};

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
        ("actor=nina", "actor must be user:<id>"),
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
    assert!(all.contains("token_created") && all.contains("\"hint\""));
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
