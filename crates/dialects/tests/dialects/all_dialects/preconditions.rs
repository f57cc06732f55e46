//! Preconditions of writes (RFC 9110, 13.1.1 and 13.1.2).

use attache_http::description::Target;
use attache_testkit::examples::{Operation, all, speaks, writing};
use attache_testkit::world::World;

/// The tag of what a read shows at the path of a write, or else of another list.
async fn tag(world: &World, operation: &Operation) -> String {
    let is_near = |it: &Operation| it.dialect.name == operation.dialect.name && !it.writes();
    let mut lists: Vec<Operation> = all().into_iter().filter(is_near).collect();
    if operation.example.target == Target::List {
        lists.retain(|it| it.path == operation.path);
    }
    let list = lists.first().unwrap().send(world).await;
    list.header("etag").unwrap().to_owned()
}

#[tokio::test]
async fn a_write_whose_precondition_does_not_hold_is_not_done() {
    let world = World::new().await;
    for operation in writing() {
        let tag = tag(&world, &operation).await;
        let weak = format!("W/{tag}");
        let mut unmet = vec![("If-Match", "\"old\""), ("If-Match", &weak)];
        match operation.example.target {
            Target::Nothing => unmet.push(("If-Match", "*")),
            Target::List | Target::Thing => unmet.push(("If-None-Match", "*")),
        }
        match operation.example.target {
            Target::List => unmet.extend([("If-None-Match", &*tag), ("If-None-Match", &weak)]),
            Target::Thing | Target::Nothing => unmet.push(("If-Match", &tag)),
        }
        let revision = world.revision().await;
        for (name, value) in unmet {
            let send = |by| operation.ask(&world).by(by).header(name, value).send();
            let answer = send("keeper").await;
            assert_eq!(
                answer.status, 412,
                "{operation:?} {name}: {value} {}",
                answer.body
            );
            speaks(operation.dialect, &answer);
            // Only who may do it is told whether it holds.
            let status = send("nobody").await.status;
            assert!([403, 404].contains(&status), "{operation:?}: {status}");
        }
        for malformed in ["old", "\"old", "*, \"old\"", ""] {
            for name in ["If-Match", "If-None-Match"] {
                let ask = operation.ask(&world).by("keeper").header(name, malformed);
                let answer = ask.send().await;
                assert_eq!(answer.status, 400, "{operation:?} {name}: {malformed}");
                speaks(operation.dialect, &answer);
            }
        }
        assert_eq!(world.revision().await, revision, "{operation:?}");
        assert_eq!(operation.send(&world).await.status, operation.status);
    }
}

#[tokio::test]
async fn a_write_whose_preconditions_hold_is_done() {
    let world = World::new().await;
    for operation in writing() {
        let tag = tag(&world, &operation).await;
        let (name, value) = match operation.example.target {
            Target::List => ("If-Match", tag),
            Target::Thing => ("If-Match", "*".to_owned()),
            Target::Nothing => ("If-None-Match", "*".to_owned()),
        };
        let revision = world.revision().await;
        let ask = operation.ask(&world).by("keeper").header(name, &value);
        let answer = ask.header("If-None-Match", "\"old\"");
        let answer = match name {
            "If-Match" => answer.send().await,
            _ => {
                operation
                    .ask(&world)
                    .by("keeper")
                    .header(name, &value)
                    .send()
                    .await
            }
        };
        assert_eq!(
            answer.status, operation.status,
            "{operation:?}: {}",
            answer.body
        );
        assert_eq!(world.revision().await, revision + 1, "{operation:?}");
    }
}

/// ChatCaptain answers with 2xx what cannot be done; a precondition comes before that.
#[tokio::test]
async fn what_could_not_be_done_anyway_has_preconditions_too() {
    let world = World::new().await;
    let users = "/v1/workspaces/harbor/chatbots/concierge/users";
    for (method, path, body) in [
        (
            "POST",
            users.to_owned(),
            Some(serde_json::json!({"userId": "nobody-known"})),
        ),
        ("DELETE", format!("{users}/nobody-known"), None),
        ("DELETE", format!("{users}/greta/roles/ChatbotEditor"), None),
        ("DELETE", format!("{users}/greta/roles/NoSuchRole"), None),
        (
            "POST",
            format!("{users}/nobody-known/roles"),
            Some(serde_json::json!({"role": "ChatbotMember", "params": {}})),
        ),
    ] {
        let ask = world
            .ask(method, &path)
            .by("keeper")
            .header("If-Match", "\"old\"");
        let ask = match &body {
            Some(body) => ask.json(body),
            None => ask,
        };
        let answer = ask.send().await;
        assert_eq!(answer.status, 412, "{method} {path}: {}", answer.body);
    }
}
