//! Whatever is sent, nothing breaks.

use serde_json::Value;

use crate::ask::{ADMIN, ask, problem};
use attache_testkit::world::World;

/// What stands in a path in place of a name.
fn odd_segments() -> Vec<String> {
    let mut segments: Vec<String> = [
        "%00",
        "%23",
        "%2399999999999",
        "%23-1",
        "%230",
        "%234294967295",
        "%2F",
        "%2E%2E",
        "..;",
        "%25",
        "%E2%80%AE",
        "%F0%9F%A6%80",
        "%C3%A4",
        "customer:",
        ":",
        "::",
        ":x",
        "customer:%23",
        "customer:%00",
        "customer::x",
        "tenant:%231",
        "tenant",
        "user:greta",
        "%20",
        "%22",
        "'",
        "0195e000-0000-7000-8000-002000000001",
        "00000000-0000-0000-0000-000000000000",
        "*",
        "-1",
        "%7B%7D",
        "null",
        "%0A",
        "%FF",
        "a%CC%81",
    ]
    .iter()
    .map(|&text| text.to_owned())
    .collect();
    segments.push("x".repeat(4_000));
    segments.push(format!("customer:{}", "%E2%82%AC".repeat(500)));
    segments
}

fn bodies() -> Vec<String> {
    let deep = 200;
    vec![
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "1".to_owned(),
        "\"\"".to_owned(),
        "{}".to_owned(),
        "{\"\":null}".to_owned(),
        "1e999".to_owned(),
        "{\"key\":\"\\ud800\"}".to_owned(),
        format!("{}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep)),
        "{\"operations\":[null]}".to_owned(),
        "{\"users\":[\"\",\"#\",\"#-1\",\"::\"]}".to_owned(),
        "{\"subject\":\"::\",\"role\":\"\",\"parameters\":{\"\":\"\"}}".to_owned(),
        "{\"expires_at\":\"+999999-01-01T00:00:00Z\"}".to_owned(),
        "{\"expires_at\":\"9999-12-31T23:59:59.999999999Z\"}".to_owned(),
        "{\"kind\":\"\",\"name\":\"x\",\"parent\":\"::\"}".to_owned(),
        "{\"kinds\":[],\"roles\":[],\"permissions\":[]}".to_owned(),
    ]
}

/// Every operation, as a method and a path with names in braces.
async fn operations(world: &World) -> Vec<(String, String)> {
    let document = world.get("/openapi/attache.json").send().await.json();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            found.push((method.to_uppercase(), path.clone()));
        }
    }
    found
}

/// Where a name can stand, put this.
fn filled(path: &str, with: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| match segment.starts_with('{') {
            true => with,
            false => segment,
        });
    segments.collect::<Vec<_>>().join("/")
}

/// The same with the names of things that exist, each where its kind can stand.
fn of_existing(path: &str, resource: &str, other: &str) -> String {
    filled(&path.replace("{resource}", resource), other)
}

async fn holds(world: &World, method: &str, path: &str, body: &str) {
    for operator in [false, true] {
        let mut ask = ask(world, method, path);
        ask = match operator {
            true => ask.by_the_operator().header("Attache-Tenant", "acme"),
            false => ask.by(ADMIN),
        };
        if method != "GET" {
            ask = ask.text(body);
        }
        let answer = ask.send().await;
        assert!(
            answer.status < 500,
            "{method} {path} {body}: {}",
            answer.body
        );
        if answer.status >= 400 {
            problem(&answer);
        }
    }
}

#[tokio::test]
async fn odd_names_in_paths() {
    let world = World::new().await;
    for (method, path) in operations(&world).await {
        if !path.contains('{') {
            continue;
        }
        for segment in odd_segments() {
            // A move to where it stands, which changes nothing.
            let body = r##"{"parent":"tenant"}"##;
            holds(&world, &method, &filled(&path, &segment), body).await;
        }
    }
}

#[tokio::test]
async fn odd_bodies() {
    let world = World::new().await;
    for (method, path) in operations(&world).await {
        if method == "GET" {
            continue;
        }
        for body in bodies() {
            holds(
                &world,
                &method,
                &of_existing(&path, "customer:%232", "greta"),
                &body,
            )
            .await;
            if path.contains("{resource}") {
                holds(
                    &world,
                    &method,
                    &of_existing(&path, "tenant", "greta"),
                    &body,
                )
                .await;
            }
        }
    }
}

#[tokio::test]
async fn odd_queries() {
    let world = World::new().await;
    let document = world.get("/openapi/attache.json").send().await.json();
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = attache_testkit::shape::parameters(&item["get"]);
        let takes_a_subject = parameters.contains("query subject");
        let path = of_existing(path, "customer:%231", "%232");
        let names = parameters.iter().filter_map(|it| it.strip_prefix("query "));
        for name in names {
            for segment in odd_segments() {
                holds(&world, "GET", &format!("{path}?{name}={segment}"), "").await;
                if takes_a_subject {
                    let path = format!("{path}?subject={segment}&{name}={segment}");
                    holds(&world, "GET", &path, "").await;
                }
            }
        }
    }
}

#[tokio::test]
async fn the_largest_number_is_the_last_one() {
    let world = World::new().await;
    let largest = serde_json::json!({"number": u32::MAX});
    let taken = crate::ask::admin(&world, "POST /users", largest).await;
    assert!(taken.status < 500, "{}", taken.body);
    let next = crate::ask::admin(&world, "POST /users", Value::Object(Default::default())).await;
    assert!(next.status < 500, "{}", next.body);
}
