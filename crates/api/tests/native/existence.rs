//! What a caller may not see does not exist for it: the same answer, to the byte.

use crate::ask::ask;
use crate::{reads, writes};
use attache_testkit::world::{World, ids};

/// The names that the tables give to things.
const NAMES: &[&str] = &[
    "greta",
    "glance",
    "brief",
    "reader",
    "owner",
    "everything",
    "customer",
];

/// The same path, where nothing is.
pub(crate) fn of_nothing(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let segment = |(place, text): (usize, &str)| {
        // The first one says what kind of thing it is.
        let is_name = place > 1 && NAMES.contains(&text);
        match text.split_once("%23") {
            Some((kind, _)) => format!("{kind}%23999999"),
            None if is_name => "nothing".to_owned(),
            None if text == "chatbot:lighthouse" => "chatbot:nothing".to_owned(),
            None if uuid::Uuid::parse_str(text).is_ok() => ids::NOTHING.to_owned(),
            None => text.to_owned(),
        }
    };
    let segments: Vec<String> = path.split('/').enumerate().map(segment).collect();
    let path = segments.join("/");
    match query {
        "" => path,
        query => format!("{path}?{}", query.replace("%2311", "%23999999")),
    }
}

async fn same(world: &World, method: &str, path: &str, body: &serde_json::Value) {
    let send = |path: &str| {
        let ask = ask(world, method, path).by("nobody");
        match body {
            serde_json::Value::Null => ask.send(),
            body => ask.json(body).send(),
        }
    };
    let nothing = of_nothing(path);
    let (there, not_there) = (send(path).await, send(&nothing).await);
    assert_eq!(
        there.all_of_it(),
        not_there.all_of_it(),
        "{method} {path} and {nothing}"
    );
}

#[tokio::test]
async fn a_caller_that_holds_nothing_cannot_tell_what_is_there() {
    let (world, reads) = reads::all().await;
    for read in reads {
        same(&world, "GET", &read.path, &serde_json::Value::Null).await;
        let answer = ask(&world, "GET", &read.path).by("nobody").send().await;
        let is_empty = answer.status == 200 && answer.json()["total"] == 0;
        let is_refused = [403, 404].contains(&answer.status);
        let is_own = read.path == "/me";
        assert!(
            is_empty || is_refused || is_own,
            "{read:?}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn nor_by_writing() {
    let (world, writes) = writes::all().await;
    let before = world.revision().await;
    for write in writes {
        same(&world, write.method, &write.path, &write.body).await;
        let answer = write.ask(&world).by("nobody").send().await;
        assert!(
            [403, 404].contains(&answer.status),
            "{write:?}: {}",
            answer.body
        );
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn a_filter_tells_nothing_either() {
    let world = World::new().await;
    // It sees the mill's users, and may not list groups and services.
    for (path, by) in [
        ("/grants?subject=user:%232", "nobody"),
        ("/grants?subject=group:%232", "nobody"),
        ("/grants?subject=service:reader", "nobody"),
        (
            "/resources/customer:%231/grants?subject=service:deputy",
            "local",
        ),
        (
            "/resources/customer:%231/grants?subject=group:%231",
            "local",
        ),
        (
            "/resources/customer:%231/grants?subject=user:%2310",
            "local",
        ),
        (
            "/resources/customer:%231/members?group=%231&text=nobody-at-all",
            "local",
        ),
    ] {
        let nothing = path.replace("%232", "%23999").replace("%2310", "%23999");
        let nothing = nothing.replace("group:%231", "group:%23999");
        let nothing = nothing.replace("group=%231", "group=%23999");
        let nothing = nothing
            .replace(":reader", ":none")
            .replace(":deputy", ":none");
        assert_ne!(path, nothing);
        let send = |path: &str| ask(&world, "GET", path).by(by).send();
        let (there, not_there) = (send(path).await, send(&nothing).await);
        assert_eq!(there.all_of_it(), not_there.all_of_it(), "{path} {nothing}");
        assert_eq!(there.status, 200, "{path}");
    }
}
