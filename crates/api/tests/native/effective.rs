//! The effective members of a resource: the users who see it. Lists, searches
//! and single checks say the same of everybody, everywhere.

use std::collections::{BTreeMap, BTreeSet};

use attache_core::catalogue::Pattern;
use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, each, errors, get, is};
use attache_testkit::world::World;
use attache_testkit::world::acme::{AN_HOUR, CONCIERGE, HUGO, LI, MILL};
use attache_testkit::world::wishes::{self, attach, catalogue, grant, role, user_of};

/// A world in which some hold what is of another kind, or of a part only.
async fn world() -> World {
    let world = World::new().await;
    let mut roles = world.state().await.catalogue().unwrap().clone();
    let may = ["workspaces.view".to_owned()];
    roles.roles.push(role(901, "foreman", "customer", &may));
    // Only for an inbox, and nothing that shows the chatbot besides.
    let external = roles.roles.iter_mut();
    let mut external = external.filter(|it| it.name.as_str() == "ExternalInboxUser");
    external.next().unwrap().permissions.clear();
    let chatbots = roles.kinds.iter_mut();
    let mut chatbots = chatbots.filter(|it| it.name.as_str() == "chatbot");
    chatbots.next().unwrap().members_may.clear();
    let inbox = attache_core::command::GrantRef {
        resource: wishes::at(CONCIERGE),
        subject: user_of(LI),
        role: "ExternalInboxUser".into(),
        parameters: [("inboxId", "7")].into_iter().collect(),
    };
    let inbox = attache_core::Command::Grant {
        grant: inbox,
        expires_at: None,
    };
    let foreman = [attach(MILL, HUGO), grant(MILL, user_of(HUGO), "foreman")];
    world.operate(&[catalogue(roles), inbox]).await;
    world.operate(&foreman).await;
    world
}

/// What a user may do on a resource, by AuthZEN, with an inbox and without.
async fn actions(world: &World, user: &str, (kind, id): (&str, &str)) -> [BTreeSet<String>; 2] {
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    for (properties, found) in [json!({}), json!({"inboxId": "7"})].iter().zip(&mut found) {
        let body = json!({
            "subject": {"type": "user", "id": user},
            "resource": {"type": kind, "id": id, "properties": properties},
        });
        let ask = world.post("/access/v1/search/action").by(ADMIN);
        let answer = ask.json(&body).send().await;
        let names = answer.each("/results", "name").into_iter();
        *found = names
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
    }
    found
}

async fn search(world: &World, action: &str, (kind, id): (&str, &str)) -> BTreeSet<String> {
    let body = json!({
        "subject": {"type": "user"},
        "action": {"name": action},
        "resource": {"type": kind, "id": id},
    });
    let ask = world.post("/access/v1/search/subject").by(ADMIN);
    let answer = ask.json(&body).send().await;
    let found = answer.each("/results", "id").into_iter();
    found.map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn covers(held: &Value, wanted: &str) -> bool {
    let wanted = Pattern::new(wanted).unwrap();
    let mut held = held.as_array().unwrap().iter();
    held.any(|it| Pattern::new(it.as_str().unwrap()).unwrap().covers(&wanted))
}

async fn compare(world: &World) {
    let users = get(world, "/users").await;
    let users: BTreeMap<String, String> = users["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| {
            let id = text(&user["id"]);
            (user["key"].as_str().map_or(id.clone(), str::to_owned), id)
        })
        .collect();
    let mut seen = BTreeMap::new();
    for id in users.values() {
        let path = format!("/users/{id}/resources");
        let resources = each(world, &path, "/resource/id").await;
        seen.insert(
            id.clone(),
            resources.iter().map(text).collect::<BTreeSet<_>>(),
        );
    }
    let resources = get(world, "/resources").await;
    for resource in resources["items"].as_array().unwrap() {
        let (kind, id) = (text(&resource["kind"]), text(&resource["id"]));
        let path = format!("/resources/{id}/members?include=effective");
        let list = get(world, &path).await;
        let items = list["items"].as_array().unwrap().iter();
        let listed: BTreeMap<String, &Value> =
            items.map(|it| (text(&it["user"]["id"]), it)).collect();
        assert!(listed.values().all(|it| it["access"] == "active"), "{list}");
        for user in users.values() {
            let is_listed = listed.contains_key(user);
            assert_eq!(seen[user].contains(&id), is_listed, "{user} {kind} {id}");
            let [whole, part] = actions(world, user, (&kind, &id)).await;
            let family = |name: &&String| *name == "*" || name.starts_with(&format!("{kind}s."));
            let may = whole.iter().chain(&part).any(|name| family(&name));
            assert_eq!(may, is_listed, "{user} {kind} {id}: {whole:?} {part:?}");
            if let Some(item) = listed.get(user) {
                let permissions = item["permissions"].as_array().unwrap();
                assert!(
                    permissions.iter().all(|it| whole.contains(&text(it))),
                    "{item}"
                );
                assert!(
                    whole.iter().all(|it| covers(&item["permissions"], it)),
                    "{item}"
                );
            }
        }
        for what in ["view", "get", "users.list", "users.add"] {
            let action = format!("{kind}s.{what}");
            let found = search(world, &action, (&kind, &id)).await;
            let found: BTreeSet<&String> = found.iter().map(|name| &users[name]).collect();
            let may = listed
                .iter()
                .filter(|(_, it)| covers(&it["permissions"], &action));
            assert_eq!(found, may.map(|(user, _)| user).collect(), "{action} {id}");
        }
    }
}

#[tokio::test]
async fn lists_searches_and_checks_agree() {
    let world = world().await;
    compare(&world).await;
    world.pass(AN_HOUR);
    compare(&world).await;
}

const OF_THE_MILL: &str = "/resources/customer:%231/members?include=effective&sort=number";

#[tokio::test]
async fn inactive_users_are_listed_when_asked_for() {
    let world = World::new().await;
    let list = each(&world, OF_THE_MILL, "/user/number").await;
    assert!(!list.contains(&json!(3)), "Cleo is inactive: {list:?}");
    assert!(!list.contains(&json!(4)), "Dora is invited: {list:?}");
    for (query, expected) in [
        ("inactive=true", &[3, 4][..]),
        ("status=inactive", &[3]),
        ("status=invited", &[4]),
        ("inactive=true&status=inactive", &[3]),
    ] {
        let path = format!("{OF_THE_MILL}&{query}");
        let list = get(&world, &path).await;
        let items = list["items"].as_array().unwrap().iter();
        let marked = items.filter(|it| it["access"] != "active");
        let marked: Vec<(&Value, &Value)> = marked
            .map(|it| (&it["user"]["number"], &it["access"]))
            .collect();
        let inactive = json!("inactive");
        let expected: Vec<Value> = expected.iter().map(|it| json!(it)).collect();
        let expected: Vec<_> = expected.iter().map(|it| (it, &inactive)).collect();
        assert_eq!(marked, expected, "{query}");
    }
    let path = format!("{OF_THE_MILL}&status=inactive");
    let cleo = get(&world, &path).await;
    assert_eq!(cleo["total"], 1);
    assert_eq!(
        cleo["items"][0]["permissions"],
        json!([]),
        "it may do nothing"
    );
    assert_eq!(cleo["items"][0]["roles"], json!(["viewer"]));
}

#[tokio::test]
async fn expired_users_are_listed_when_asked_for() {
    let world = World::new().await;
    let path = format!("{OF_THE_MILL}&expired=true");
    let before = each(&world, OF_THE_MILL, "/user/number").await;
    assert_eq!(each(&world, &path, "/user/number").await, before);
    // Kai was attached for an hour.
    assert!(before.contains(&json!(13)), "{before:?}");
    world.pass(AN_HOUR);
    let after = each(&world, OF_THE_MILL, "/user/number").await;
    assert!(!after.contains(&json!(13)), "{after:?}");
    assert_eq!(each(&world, &path, "/user/number").await, before);
    let list = get(&world, &path).await;
    let kai = list["items"].as_array().unwrap().last().unwrap();
    assert_eq!(kai["access"], "expired");
    assert_eq!(kai["permissions"], json!([]));
    assert_eq!(kai["expires_at"], "2026-03-03T10:30:01.000Z");
    assert_eq!(kai["via"][0]["type"], "direct");
}

#[tokio::test]
async fn who_was_to_be_included_is_a_word_of_effective_lists() {
    let world = World::new().await;
    for name in ["inactive", "expired"] {
        let path = format!("GET /resources/customer:%231/members?{name}=true");
        let answer = admin(&world, &path, Value::Null).await;
        is(&answer, 400, "invalid");
        let error = format!("{name} goes with include=effective only");
        assert_eq!(errors(&answer), [error]);
    }
}

#[tokio::test]
async fn what_is_held_for_a_part_is_told_apart() {
    let world = world().await;
    let path = "/resources/chatbot:concierge/members?include=effective&sort=number";
    let list = get(&world, path).await;
    let items = list["items"].as_array().unwrap();
    let li = items.iter().find(|it| it["user"]["number"] == LI).unwrap();
    assert_eq!(
        li["permissions"],
        json!(["customers.users.list", "customers.view"])
    );
    let expected = json!([{
        "parameters": {"inboxId": "7"},
        "permissions": ["chatbots.conversations.*", "chatbots.inbox.answers.*"],
    }]);
    assert_eq!(li["scoped"], expected);
    // The foreman of the mill does not see its chatbots.
    assert!(!items.iter().any(|it| it["user"]["number"] == HUGO));
}
