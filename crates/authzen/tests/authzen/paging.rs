//! Pages: each result once, whatever is written in between.

use serde_json::{Value, json};

use crate::ask::{ACTIONS, POINT, RESOURCES, SUBJECTS, answer, ask, question, world};
use attache_testkit::world::acme::{MILL, NAMELESS};
use attache_testkit::world::{World, ids, person, wishes};

const SEE: &str = "customers.view";

fn members() -> Value {
    question(("user", ""), SEE, ("customer", "#1"))
}

fn tokens(answer: &Value) -> &str {
    answer["page"]["next_token"].as_str().unwrap()
}

/// All results, page by page.
async fn all(world: &World, path: &str, body: &Value, limit: usize, resend: bool) -> Vec<Value> {
    let mut seen = Vec::new();
    let mut body = body.clone();
    body["page"] = json!({"limit": limit});
    loop {
        let answer = answer(world, path, &body).await;
        let results = answer["results"].as_array().unwrap();
        assert_eq!(answer["page"]["count"], results.len());
        seen.extend(results.iter().cloned());
        if tokens(&answer).is_empty() {
            assert_eq!(answer["page"]["total"], seen.len());
            return seen;
        }
        assert_eq!(results.len(), limit);
        body["page"] = json!({"token": tokens(&answer)});
        if resend {
            body["page"]["limit"] = json!(limit);
        }
    }
}

#[tokio::test]
async fn pages_give_what_one_answer_gives() {
    let world = world().await;
    for (path, body) in [
        (SUBJECTS, members()),
        (RESOURCES, question(("user", "#1"), SEE, ("customer", ""))),
        (
            ACTIONS,
            question(("user", "#2"), "", ("chatbot", "concierge")),
        ),
    ] {
        let whole = answer(&world, path, &body).await;
        let whole = whole["results"].as_array().unwrap();
        assert!(whole.len() > 3, "{path}");
        for limit in [1, 2, 3, whole.len(), 5_000] {
            for resend in [false, true] {
                assert_eq!(&all(&world, path, &body, limit, resend).await, whole);
            }
        }
    }
}

#[tokio::test]
async fn a_write_between_two_pages_repeats_nothing_and_passes_nothing_over() {
    let world = world().await;
    let whole = answer(&world, SUBJECTS, &members()).await["results"].clone();
    let whole = whole.as_array().unwrap();
    let mut body = members();
    body["page"] = json!({"limit": 4});
    let first = answer(&world, SUBJECTS, &body).await;
    let last = first["results"][3]["id"].as_str().unwrap().to_owned();
    // The first of the first page and the last go, and somebody comes.
    let last_number = if last == "crm-7" { 7 } else { NAMELESS };
    let gone = [2, last_number].map(|user| attache_core::Command::RemoveMember {
        resource: wishes::at(MILL),
        user: attache_core::Ref::Number(user),
    });
    world.operate(&gone).await;
    world
        .operate(&[person(60).add(), wishes::attach(MILL, 60)])
        .await;
    body["page"] = json!({"token": tokens(&first)});
    let mut rest = Vec::new();
    while body["page"]["token"] != "" {
        let next = answer(&world, SUBJECTS, &body).await;
        rest.extend(next["results"].as_array().unwrap().iter().cloned());
        body["page"]["token"] = next["page"]["next_token"].clone();
    }
    let mut expected = whole[4..].to_vec();
    expected.push(json!({"type": "user", "id": ids::user(60)}));
    assert_eq!(rest, expected);
}

#[tokio::test]
async fn a_token_is_of_its_request() {
    let world = world().await;
    let mut body = members();
    body["page"] = json!({"limit": 2});
    let token = tokens(&answer(&world, SUBJECTS, &body).await).to_owned();
    let with = |edit: &dyn Fn(&mut Value)| {
        let mut body = members();
        body["page"] = json!({"token": token});
        edit(&mut body);
        body
    };
    let same = with(&|_| {});
    assert_eq!(ask(&world, SUBJECTS, POINT, &same).await.status, 200);
    for (by, path, body) in [
        (
            POINT,
            SUBJECTS,
            with(&|body| body["page"]["limit"] = json!(3)),
        ),
        (
            POINT,
            SUBJECTS,
            with(&|body| body["action"]["name"] = json!("customers.add")),
        ),
        (
            POINT,
            SUBJECTS,
            with(&|body| body["resource"]["id"] = json!("#2")),
        ),
        (
            POINT,
            SUBJECTS,
            with(&|body| body["subject"]["type"] = json!("service")),
        ),
        (POINT, SUBJECTS, with(&|body| body["context"] = json!({}))),
        (POINT, RESOURCES, same.clone()),
        (POINT, ACTIONS, same.clone()),
        ("globex", SUBJECTS, same.clone()),
        (
            POINT,
            SUBJECTS,
            with(&|body| body["page"]["token"] = json!("abc")),
        ),
        (
            POINT,
            SUBJECTS,
            with(&|body| body["page"]["token"] = json!("ä")),
        ),
        (
            POINT,
            SUBJECTS,
            with(&|body| body["page"]["token"] = json!(1)),
        ),
        (POINT, SUBJECTS, with(&|body| body["page"] = json!("x"))),
        (
            POINT,
            SUBJECTS,
            with(&|body| body["page"] = json!({"limit": 0})),
        ),
        (
            POINT,
            SUBJECTS,
            with(&|body| body["page"] = json!({"limit": "2"})),
        ),
    ] {
        let answer = ask(&world, path, by, &body).await;
        assert_eq!(answer.status, 400, "{path} {body}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_else_stands_in_a_page_is_ignored() {
    let world = world().await;
    let mut body = members();
    body["page"] = json!({"limit": 2, "token": "", "properties": {"x": 1}, "more": true});
    let answer = answer(&world, SUBJECTS, &body).await;
    assert_eq!(answer["page"]["count"], 2);
}

#[tokio::test]
async fn pages_end_by_their_bytes() {
    let whole_world = world().await;
    let mut small = World::limited(|limits| limits.answer_bytes = 250).await;
    let permissions = ["tenants.access.*".to_owned()];
    small.caller_with(POINT, wishes::ROOT, &permissions).await;
    for (path, body) in [
        (SUBJECTS, members()),
        (RESOURCES, question(("user", "#1"), SEE, ("customer", ""))),
        (
            ACTIONS,
            question(("user", "#2"), "", ("chatbot", "concierge")),
        ),
    ] {
        let whole = answer(&whole_world, path, &body).await;
        let (mut seen, mut pages, mut body) = (Vec::new(), 0, body);
        loop {
            let page = answer(&small, path, &body).await;
            let results = page["results"].as_array().unwrap();
            assert_eq!(page["page"]["count"], results.len());
            assert_eq!(page["page"]["total"], whole["page"]["total"]);
            seen.extend(results.iter().cloned());
            pages += 1;
            if tokens(&page).is_empty() {
                break;
            }
            body["page"] = json!({"token": tokens(&page)});
        }
        assert_eq!(&seen, whole["results"].as_array().unwrap(), "{path}");
        assert!(pages > 1, "{path}");
    }
}
