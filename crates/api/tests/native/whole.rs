//! Lists that are had whole, in one answer: as lines of JSON, or as CSV.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, done, errors, get, is};
use crate::reads::{self, Read};
use attache_testkit::world::{Answer, World};

const LINES: &str = "application/x-ndjson";
const CSV: &str = "text/csv";

async fn lists() -> (World, Vec<Read>) {
    let (world, reads) = reads::all().await;
    let is_list = |read: &Read| read.is_list || read.route.ends_with("/ancestors");
    (world, reads.into_iter().filter(is_list).collect())
}

async fn whole(world: &World, read: &Read, query: &str, form: &str) -> Answer {
    let answer = read.ask_with(world, query).header("Accept", form);
    let answer = answer.send().await;
    assert_eq!(answer.status, 200, "{read:?} {query}: {}", answer.body);
    answer
}

async fn of_admin(world: &World, path: &str, form: &str) -> Answer {
    let asked = ask(world, "GET", path).by(ADMIN).header("Accept", form);
    asked.send().await
}

fn lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The head and the rows of a CSV, as a strict reader takes them.
fn rows(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = cells(reader.headers().unwrap());
    let rows = reader.records().map(|record| cells(&record.unwrap()));
    (head, rows.collect())
}

#[tokio::test]
async fn every_list_can_be_had_whole() {
    let (world, lists) = lists().await;
    assert!(lists.len() >= 15, "{lists:?}");
    for read in &lists {
        let page = whole(&world, read, "", "application/json").await;
        let items = page.at("/items");
        let items = items.as_array().unwrap();
        assert!(!items.is_empty(), "{read:?}");

        let answer = whole(&world, read, "", LINES).await;
        assert_eq!(answer.header("content-type"), Some(LINES));
        assert_eq!(&lines(&answer.body), items, "{read:?}");

        let table = whole(&world, read, "", CSV).await;
        let kind = "text/csv; charset=utf-8; header=present";
        assert_eq!(table.header("content-type"), Some(kind));
        let (head, rows) = rows(&table.body);
        assert_eq!(rows.len(), items.len(), "{read:?}");
        assert!(!head.is_empty(), "{read:?}");
        assert!(table.body.ends_with("\r\n"), "{read:?}");

        let total = items.len().to_string();
        for answer in [&answer, &table] {
            assert_eq!(answer.header("attache-total"), Some(&*total), "{read:?}");
            assert_eq!(answer.header("vary"), Some("accept"), "{read:?}");
            assert_eq!(
                answer.header("attache-revision"),
                page.header("attache-revision")
            );
        }
        assert_eq!(page.header("vary"), Some("accept"), "{read:?}");
        assert_eq!(page.header("attache-total"), None, "{read:?}");
    }
}

#[tokio::test]
async fn each_form_of_a_list_has_its_own_tag() {
    let (world, lists) = lists().await;
    let mut tagged = 0;
    for read in &lists {
        let mut tags = Vec::new();
        for form in ["application/json", LINES, CSV] {
            let answer = whole(&world, read, "", form).await;
            let Some(tag) = answer.header("etag").map(str::to_owned) else {
                continue;
            };
            let again = read.ask_with(&world, "").header("Accept", form);
            let again = again.header("If-None-Match", &tag).send().await;
            assert_eq!(again.status, 304, "{read:?}");
            assert_eq!(again.header("etag"), Some(&*tag));
            assert_eq!(again.header("vary"), Some("accept"));
            let other = read.ask_with(&world, "").header("Accept", form);
            let other = other.header("If-Match", "\"other\"").send().await;
            assert_eq!(other.status, 412, "{read:?}");
            tags.push(tag);
        }
        assert!(tags.is_empty() || tags.len() == 3, "{read:?}: {tags:?}");
        tagged += usize::from(!tags.is_empty());
        tags.sort();
        tags.dedup();
        assert!(tags.is_empty() || tags.len() == 3, "{read:?}: {tags:?}");
    }
    assert!(tagged >= 6, "{tagged}");
}

/// What was read whole can be replaced on the condition that it is still so.
#[tokio::test]
async fn a_tag_of_a_whole_list_is_a_precondition_of_its_write() {
    let world = World::new().await;
    let path = "/resources/customer:%231/members";
    let read = of_admin(&world, path, LINES).await;
    let tag = read.header("etag").unwrap().to_owned();
    let users = lines(&read.body);
    let users: Vec<&Value> = users.iter().map(|it| &it["user"]["id"]).collect();
    let body = json!({"users": users});
    let put = |tag: &str| {
        let put = ask(&world, "PUT", path).by(ADMIN);
        put.header("If-Match", tag).json(&body)
    };
    assert_eq!(put(&tag).send().await.status, 200);
    done(&world, "POST /groups", json!({"name": "Later"})).await;
    is(&put(&tag).send().await, 412, "changed");
}

#[tokio::test]
async fn what_goes_with_another_form_is_refused() {
    let (world, lists) = lists().await;
    for read in &lists {
        for (query, form, field) in [
            ("page_size=2", LINES, "page_size"),
            ("page_size=2", CSV, "page_size"),
            ("cursor=abc", CSV, "cursor"),
            ("for_spreadsheets=true", LINES, "for_spreadsheets"),
            (
                "for_spreadsheets=true",
                "application/json",
                "for_spreadsheets",
            ),
            ("for_spreadsheets=1", CSV, "for_spreadsheets"),
        ] {
            let answer = read.ask_with(&world, query).header("Accept", form);
            let answer = answer.send().await;
            is(&answer, 400, "invalid");
            assert!(errors(&answer)[0].starts_with(field), "{read:?} {query}");
        }
    }
}

#[tokio::test]
async fn fields_are_picked_in_every_form() {
    let world = World::new().await;
    let path = "/resources/customer:%231/members?include=effective&sort=number";
    let all = get(&world, path).await;
    let all = all["items"].as_array().unwrap();
    let path = format!("{path}&fields=user.id,roles");
    let expected: Vec<Value> = all
        .iter()
        .map(|it| json!({"user": {"id": it["user"]["id"]}, "roles": it["roles"]}))
        .collect();
    let page = get(&world, &path).await;
    assert_eq!(page["items"], json!(expected));
    assert_eq!(page["total"], all.len());
    assert_eq!(lines(&of_admin(&world, &path, LINES).await.body), expected);
    let (head, rows) = rows(&of_admin(&world, &path, CSV).await.body);
    assert_eq!(head, ["user.id", "roles"]);
    for (row, item) in rows.iter().zip(all) {
        let roles = item["roles"].as_array().unwrap();
        let roles: Vec<&str> = roles.iter().filter_map(Value::as_str).collect();
        assert_eq!(
            row,
            &[item["user"]["id"].as_str().unwrap(), &roles.join(";")]
        );
    }
    // A page of fewer fields goes on as it began.
    let first = get(&world, "/users?page_size=1&fields=id").await;
    assert_eq!(first["items"][0].as_object().unwrap().len(), 1);
    let next = first["next"].as_str().unwrap();
    let second = get(
        &world,
        &format!("/users?cursor={next}&fields=key&page_size=1"),
    )
    .await;
    assert!(second["items"][0].get("key").is_some());
}

#[tokio::test]
async fn an_unknown_field_is_named_with_the_nearest() {
    let (world, lists) = lists().await;
    for read in &lists {
        for form in ["application/json", LINES, CSV] {
            let answer = read
                .ask_with(&world, "fields=no.such")
                .header("Accept", form);
            let answer = answer.send().await;
            is(&answer, 400, "invalid");
            let error = &errors(&answer)[0];
            assert!(error.starts_with("fields names \"no.such\""), "{error}");
        }
    }
    let answer = of_admin(&world, "/users?fields=emial", LINES).await;
    assert!(
        errors(&answer)[0].ends_with("the nearest is email"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn filters_and_the_order_count_in_a_whole_list() {
    let world = World::new().await;
    for query in ["sort=-name", "status=inactive", "text=a&sort=email"] {
        let path = format!("/users?{query}");
        let page = get(&world, &path).await;
        let whole = of_admin(&world, &path, LINES).await;
        assert_eq!(json!(lines(&whole.body)), page["items"], "{query}");
    }
    let nobody = of_admin(&world, "/users?text=nobody-is-called-so", CSV).await;
    let (head, found) = rows(&nobody.body);
    assert_eq!(head[0], "id");
    assert!(found.is_empty());
    assert_eq!(nobody.header("attache-total"), Some("0"));
    let nobody = of_admin(&world, "/users?text=nobody-is-called-so", LINES).await;
    assert_eq!(nobody.body, "");
}

#[tokio::test]
async fn a_spreadsheet_is_given_no_formula() {
    let world = World::new().await;
    let user = json!({"key": "evil", "first_name": "=HYPERLINK(\"x\")", "phone": "+49 30 5550"});
    done(&world, "POST /users", user).await;
    let path = "/users?text=evil&fields=first_name,phone";
    let plain = of_admin(&world, path, CSV).await;
    let (_, found) = rows(&plain.body);
    assert_eq!(found, [["=HYPERLINK(\"x\")", "+49 30 5550"]]);
    let guarded = of_admin(&world, &format!("{path}&for_spreadsheets=true"), CSV).await;
    assert_eq!(
        guarded.body,
        "\u{feff}\"first_name\",\"phone\"\r\n\"'=HYPERLINK(\"\"x\"\")\",\"'+49 30 5550\"\r\n"
    );
}

#[tokio::test]
async fn a_large_entry_takes_several_lines() {
    let world = World::limited(|limits| {
        limits.answer_bytes = 2_000;
        limits.body_bytes = 1_000_000;
    })
    .await;
    let operations: Vec<Value> = (0..100)
        .map(|nth| json!({"op": "add_group", "key": format!("g-{nth}"), "name": "Crew"}))
        .collect();
    done(&world, "POST /bulk", json!({"operations": operations})).await;
    let last = world.revision().await;
    let found = lines(&of_admin(&world, "/entries", LINES).await.body);
    let of_last = found.iter().filter(|line| line["revision"] == last);
    let parts: Vec<&Value> = of_last.collect();
    assert!(parts.len() > 3, "{}", parts.len());
    let events = parts.iter().flat_map(|it| it["events"].as_array().unwrap());
    assert_eq!(events.count(), 100);
    let (more, end) = parts.split_at(parts.len() - 1);
    assert!(more.iter().all(|it| it["more_events"]["total"] == 100));
    assert!(end[0].get("more_events").is_none());
    // Every revision is there, the newest first.
    let mut revisions: Vec<u64> = found
        .iter()
        .map(|it| it["revision"].as_u64().unwrap())
        .collect();
    revisions.dedup();
    assert_eq!(revisions, (1..=last).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_hidden_filter_finds_nobody_in_every_form() {
    let mut world = World::new().await;
    let may = ["customers.users.list".to_owned()];
    world.caller_with("lister", ("customer", 1), &may).await;
    for query in ["group=%231", "group=none", "role=no-such-role"] {
        let path = format!("/resources/customer:%231/members?{query}");
        for form in [LINES, CSV] {
            let asked = ask(&world, "GET", &path).by("lister");
            let answer = asked.header("Accept", form).send().await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.header("attache-total"), Some("0"));
            assert!(answer.header("etag").is_some());
        }
    }
    let answer = admin(&world, "GET /users?fields=", Value::Null).await;
    is(&answer, 400, "invalid");
}
