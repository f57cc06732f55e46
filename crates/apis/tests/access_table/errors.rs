//! However long what a body holds, an answer has no more bytes than the limit of an error.

use attache_testkit::world::World;
use attache_testkit::world::wishes::ROOT;
use serde_json::{Value, json};

use crate::rows::rows;

/// Somebody who may do everything, and somebody who may see the tenant only.
const CALLERS: [&str; 2] = ["deputy", "glancer"];
/// How many elements a list gets: more than fit into an error.
const MANY: usize = 12_000;

async fn world() -> World {
    let mut world = World::limited(|limits| {
        limits.body_bytes = 2_000_000;
        limits.sync_users = MANY;
    })
    .await;
    let sees = ["tenants.view".to_owned()];
    world.caller_with("glancer", ROOT, &sees).await;
    world
}

/// Long names: one that a kind or key could begin like, one that JSON escapes.
fn long() -> [String; 2] {
    ["k".repeat(100_000), "\u{1}".repeat(40_000)]
}

/// The places of all values in a value, as pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{place}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                places(member, &format!("{at}/{}", name.replace('/', "~1")), found);
            }
        }
        _ => {}
    }
}

/// A body in many ways, each with something long in it.
fn long_ways(body: &Value) -> Vec<String> {
    let mut all = Vec::new();
    places(body, "", &mut all);
    let mut ways = Vec::new();
    for at in all {
        for long in long() {
            let mut changed = body.clone();
            let here = changed.pointer_mut(&at).unwrap();
            match here {
                Value::Object(members) => {
                    members.insert(long.clone(), json!(1));
                }
                other => *other = json!(long),
            }
            ways.push(changed.to_string());
            let mut changed = body.clone();
            *changed.pointer_mut(&at).unwrap() = json!(format!("{long}:x"));
            ways.push(changed.to_string());
        }
        let mut changed = body.clone();
        let here = changed.pointer_mut(&at).unwrap();
        if let Value::Array(items) = here {
            *items = (0..MANY).map(|nth| json!(format!("no-{nth}"))).collect();
            ways.push(changed.to_string());
        }
    }
    for long in long() {
        let key = json!(long);
        ways.push(format!("{{{key}:1,{key}:1}}"));
    }
    ways
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_error_is_larger_than_its_limit() {
    let world = world().await;
    let most = world.app.limits().error_bytes;
    let mut refused = 0;
    for row in rows() {
        // The shape of a catalogue stands in the bodies of its parts.
        let Some(body) = row.sent().filter(|_| !row.route().ends_with("/catalogue")) else {
            continue;
        };
        for body in long_ways(body) {
            for caller in CALLERS {
                let ask = row.ask_with(&world, &body).await;
                let ask = match row.route().contains("/tenants") {
                    true => ask.by_the_operator(),
                    false => ask.by(caller),
                };
                let answer = ask.send().await;
                let begins: String = body.chars().take(200).collect();
                assert!(
                    answer.body.len() <= most && answer.status < 500,
                    "{} {begins}: {} {}",
                    row.route(),
                    answer.status,
                    answer.body.len()
                );
                refused += usize::from(answer.status >= 400);
            }
        }
    }
    assert!(refused > 500, "{refused}");
}

#[tokio::test]
async fn many_faults_are_as_many_as_fit() {
    let world = world().await;
    let most = world.app.limits().error_bytes;
    let nobody: Vec<String> = (0..MANY).map(|nth| format!("no-{nth}")).collect();
    for (method, path, body) in [
        (
            "PUT",
            "/api/v1/resources/customer:%231/members",
            json!({"users": nobody}),
        ),
        (
            "POST",
            "/third-party/v1/customers/1/users",
            json!({"user_ids": nobody}),
        ),
    ] {
        let answer = world.ask(method, path).by("deputy").json(&body).send();
        let answer = answer.await;
        assert!(answer.status >= 400, "{path}: {}", answer.status);
        let length = answer.body.len();
        // The room is used.
        assert!((most / 2..=most).contains(&length), "{path}: {length}");
        assert!(answer.body.contains("more faults"), "{path}");
    }
}
