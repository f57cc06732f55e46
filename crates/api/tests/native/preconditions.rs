//! Preconditions of writes (RFC 9110, 13.1.1 and 13.1.2): every write, every
//! precondition. What must not be written is not, and nothing is passed over.

use crate::ask::{ADMIN, ask, is};
use crate::writes::{self, Write};
use attache_testkit::world::{Ask, World};

/// Where a read shows what a write is addressed to: its own path, unless this says
/// another one. `None`: nothing is there that could be read.
fn shown_at(write: &Write) -> Option<String> {
    match write.route {
        "/bulk" => None,
        "/resources/{resource}/move" => Some(write.path.replace("/move", "")),
        _ => Some(write.path.clone()),
    }
}

/// What a write is addressed to, before it.
struct Before {
    is_there: bool,
    tag: Option<String>,
}

async fn before(world: &World, write: &Write) -> Before {
    let Some(path) = shown_at(write) else {
        return Before {
            is_there: false,
            tag: None,
        };
    };
    let shown = ask(world, "GET", &path).by(ADMIN).send().await;
    assert!(
        [200, 404].contains(&shown.status),
        "{write:?}: {}",
        shown.status
    );
    Before {
        is_there: shown.status == 200,
        tag: shown.header("etag").map(str::to_owned),
    }
}

fn with<'a>(world: &'a World, write: &Write, headers: &[(&str, &str)]) -> Ask<'a> {
    let ask = write.ask(world).by(ADMIN);
    headers
        .iter()
        .fold(ask, |ask, (name, value)| ask.header(name, value))
}

const MATCH: &str = "If-Match";
const NONE_MATCH: &str = "If-None-Match";

#[tokio::test]
async fn a_write_whose_precondition_does_not_hold_is_not_done() {
    let (world, writes) = writes::all().await;
    for write in writes {
        let Before { is_there, tag } = before(&world, &write).await;
        let tag = tag.unwrap_or_else(|| "\"none\"".to_owned());
        let weak = format!("W/{tag}");
        let several = format!("\"x\", {tag}");
        let mut unmet: Vec<Vec<(&str, &str)>> = vec![
            vec![(MATCH, "\"old\"")],
            vec![(MATCH, "\"old\", \"older\"")],
            vec![(MATCH, "\"old\""), (MATCH, "\"older\"")],
            vec![(MATCH, &weak)],
            vec![(MATCH, "\"\"")],
            vec![(MATCH, &tag), (NONE_MATCH, &tag)],
        ];
        match is_there {
            true => unmet.push(vec![(NONE_MATCH, "*")]),
            false => unmet.push(vec![(MATCH, "*")]),
        }
        if tag != "\"none\"" {
            unmet.push(vec![(NONE_MATCH, &tag)]);
            unmet.push(vec![(NONE_MATCH, &weak)]);
            unmet.push(vec![(NONE_MATCH, &several)]);
            unmet.push(vec![(NONE_MATCH, "\"x\""), (NONE_MATCH, &tag)]);
        }
        let revision = world.revision().await;
        for headers in unmet {
            let answer = with(&world, &write, &headers).send().await;
            is(&answer, 412, "changed");
            // Only who may do it is told whether what it saw is still so.
            let nobody = write
                .ask(&world)
                .by("nobody")
                .header(headers[0].0, headers[0].1);
            let status = nobody.send().await.status;
            assert!([403, 404].contains(&status), "{write:?}: {status}");
        }
        for malformed in ["old", "\"old", "*, \"old\"", "", "W/old"] {
            for name in [MATCH, NONE_MATCH] {
                let answer = with(&world, &write, &[(name, malformed)]).send().await;
                is(&answer, 400, "invalid");
                assert_eq!(answer.at("/errors/0/field"), name, "{write:?}");
            }
        }
        assert_eq!(world.revision().await, revision, "{write:?}");
        let answer = with(&world, &write, &[]).send().await;
        assert_eq!(answer.status, write.status, "{write:?}: {}", answer.body);
    }
}

/// Does every write with preconditions that hold.
async fn all_are_done(met: impl Fn(&Before) -> Vec<(&'static str, String)>) {
    let (world, writes) = writes::all().await;
    for write in writes {
        let headers = met(&before(&world, &write).await);
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = with(&world, &write, &headers).send().await;
        assert_eq!(
            answer.status, write.status,
            "{write:?} {headers:?}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_write_to_what_is_as_it_was_seen_is_done() {
    all_are_done(|before| match &before.tag {
        Some(tag) => vec![(MATCH, format!("\"x\", {tag}"))],
        None if before.is_there => vec![(MATCH, "*".to_owned())],
        None => vec![(NONE_MATCH, "*".to_owned())],
    })
    .await;
}

#[tokio::test]
async fn a_write_to_what_has_none_of_the_tags_is_done() {
    all_are_done(|_| vec![(NONE_MATCH, "\"old\", W/\"older\"".to_owned())]).await;
}

/// There are no modification dates, so RFC 9110 (13.1.4) asks to ignore it.
#[tokio::test]
async fn if_unmodified_since_is_ignored() {
    let long_ago = "Sat, 01 Jan 2000 00:00:00 GMT";
    all_are_done(|_| vec![("If-Unmodified-Since", long_ago.to_owned())]).await;
}

#[tokio::test]
async fn a_precondition_comes_before_what_is_wrong_with_the_content() {
    let world = World::new().await;
    let users: Vec<String> = Vec::new();
    for (what, body) in [
        (
            "PUT /resources/customer:%231/members",
            serde_json::json!({"users": users}),
        ),
        (
            "PUT /resources/customer:%231/members",
            serde_json::json!({"users": ["no such user"]}),
        ),
        ("PATCH /users/greta", serde_json::json!({"key": "crm-7"})),
    ] {
        let (method, path) = what.split_once(' ').unwrap();
        let ask = ask(&world, method, path).by(ADMIN).json(&body);
        let answer = ask.header(MATCH, "\"old\"").send().await;
        is(&answer, 412, "changed");
    }
}

#[tokio::test]
async fn members_who_came_in_between_are_not_detached() {
    let world = World::new().await;
    let path = "/resources/customer:%231/members";
    let seen = ask(&world, "GET", path).by(ADMIN).send().await;
    let tag = seen.header("etag").unwrap().to_owned();
    let came = "PUT /resources/customer:%231/members/greta";
    crate::ask::done(&world, came, serde_json::Value::Null).await;
    for query in ["", "?dry_run=true", "?allow_mass_detach=true"] {
        let body = serde_json::json!({"users": ["#2"]});
        let ask = ask(&world, "PUT", &format!("{path}{query}"))
            .by(ADMIN)
            .json(&body);
        is(&ask.header(MATCH, &tag).send().await, 412, "changed");
    }
    let members = crate::ask::each(&world, path, "/user/key").await;
    assert!(members.contains(&serde_json::json!("greta")), "{members:?}");
}

#[tokio::test]
async fn a_write_that_was_done_is_answered_again_whatever_the_precondition() {
    let world = World::new().await;
    let tag = ask(&world, "GET", "/users/greta").by(ADMIN).send().await;
    let tag = tag.header("etag").unwrap().to_owned();
    let send = || {
        let ask = ask(&world, "PATCH", "/users/greta").by(ADMIN);
        let ask = ask.header(MATCH, &tag).header("Idempotency-Key", "\"one\"");
        ask.json(&serde_json::json!({"phone": "+1"})).send()
    };
    assert_eq!(send().await.status, 200);
    let again = send().await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (200, Some("true"))
    );
}

#[tokio::test]
async fn if_none_match_star_only_makes() {
    let world = World::new().await;
    let role = serde_json::json!({"kind": "customer", "label": "Helper"});
    let put = |name: &str| {
        let ask = ask(&world, "PUT", &format!("/roles/{name}")).by(ADMIN);
        ask.header(NONE_MATCH, "*").json(&role).send()
    };
    assert_eq!(put("helper").await.status, 201);
    for name in ["helper", "owner"] {
        is(&put(name).await, 412, "changed");
    }
}

#[tokio::test]
async fn preconditions_of_tenants() {
    let world = World::new().await;
    let send = |method: &str, path: &str, header: (&str, &str)| {
        let body = match method {
            "POST" => serde_json::json!({"slug": "new"}),
            _ => serde_json::json!({"domains": ["new.example"]}),
        };
        let ask = ask(&world, method, path).by_the_operator().json(&body);
        ask.header(header.0, header.1).send()
    };
    let seen = ask(&world, "GET", "/tenants/globex")
        .by_the_operator()
        .send()
        .await;
    let tag = seen.header("etag").unwrap().to_owned();
    for header in [(MATCH, "\"old\""), (NONE_MATCH, "*"), (NONE_MATCH, &tag)] {
        is(
            &send("PATCH", "/tenants/globex", header).await,
            412,
            "changed",
        );
    }
    for header in [(MATCH, "\"old\""), (NONE_MATCH, "*")] {
        is(&send("POST", "/tenants", header).await, 412, "changed");
    }
    for path in ["/tenants", "/tenants/globex"] {
        let method = if path == "/tenants" { "POST" } else { "PATCH" };
        is(&send(method, path, (MATCH, "old")).await, 400, "invalid");
    }
    let changed = send("PATCH", "/tenants/globex", (MATCH, &tag)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    is(
        &send("PATCH", "/tenants/globex", (MATCH, &tag)).await,
        412,
        "changed",
    );
    let now = changed.header("etag").unwrap();
    assert_eq!(
        send("PATCH", "/tenants/globex", (MATCH, now)).await.status,
        200
    );
    assert_eq!(send("POST", "/tenants", (MATCH, "*")).await.status, 201);
}
