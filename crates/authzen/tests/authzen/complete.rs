//! Every result of a search is allowed by an evaluation, and whatever an
//! evaluation allows is found: compared for everybody, everywhere.

use std::collections::{BTreeMap, BTreeSet};

use attache_core::State;
use serde_json::{Value, json};

use crate::ask::{ACTIONS, EVALUATION, RESOURCES, SUBJECTS, answer, world_with_an_inbox};
use attache_testkit::world::World;
use attache_testkit::world::acme::AN_HOUR;

/// The last two are held for an inbox, by some.
const WANTED: [&str; 6] = [
    "tenants.view",
    "customers.view",
    "customers.users.list",
    "chatbots.get",
    "chatbots.conversations.*",
    "chatbots.inbox.answers.*",
];
const SUBJECT_TYPES: [&str; 3] = ["user", "group", "service"];

type Name = (String, String);

fn subjects(state: &State) -> Vec<Name> {
    let users = state.users().map(|row| ("user", row.user.id.to_string()));
    let groups = state
        .groups()
        .map(|row| ("group", row.group.id.to_string()));
    let services = state
        .services()
        .map(|row| ("service", row.service.id.to_string()));
    let all = users.chain(groups).chain(services);
    all.map(|(kind, id)| (kind.to_owned(), id)).collect()
}

fn resources(state: &State) -> Vec<Name> {
    let all = state.resources().map(|(_, found)| &found.resource);
    all.map(|it| (it.kind.to_string(), it.id.to_string()))
        .collect()
}

/// What is shown as key is compared by id.
fn ids(state: &State) -> BTreeMap<Name, String> {
    let name = |kind: &str, key: &Option<attache_core::id::Key>, id: String| {
        let shown = key.as_ref().map_or_else(|| id.clone(), ToString::to_string);
        ((kind.to_owned(), shown), id)
    };
    let users = state.users().map(|row| &row.user);
    let users = users.map(|it| name("user", &it.key, it.id.to_string()));
    let groups = state.groups().map(|row| &row.group);
    let groups = groups.map(|it| name("group", &it.key, it.id.to_string()));
    let services = state.services().map(|row| &row.service);
    let services = services.map(|it| name("service", &it.key, it.id.to_string()));
    let resources = state.resources().map(|(_, found)| &found.resource);
    let resources = resources.map(|it| name(it.kind.as_str(), &it.key, it.id.to_string()));
    users
        .chain(groups)
        .chain(services)
        .chain(resources)
        .collect()
}

fn entity((kind, id): &Name) -> Value {
    json!({"type": kind, "id": id})
}

async fn found(
    world: &World,
    path: &str,
    body: &Value,
    ids: &BTreeMap<Name, String>,
) -> BTreeSet<Name> {
    let answer = answer(world, path, body).await;
    assert_eq!(answer["page"]["next_token"], "");
    let results = answer["results"].as_array().unwrap();
    let found: BTreeSet<Name> = results
        .iter()
        .map(|it| {
            assert_eq!(it.as_object().unwrap().len(), 2);
            let text = |field: &str| it[field].as_str().unwrap().to_owned();
            let shown = (text("type"), text("id"));
            let id = ids[&shown].clone();
            (shown.0, id)
        })
        .collect();
    assert_eq!(found.len(), results.len(), "something is found twice");
    found
}

async fn compare(world: &World, properties: &Value) {
    let state = world.state().await;
    let (subjects, resources, ids) = (subjects(&state), resources(&state), ids(&state));
    let kinds: BTreeSet<&String> = resources.iter().map(|(kind, _)| kind).collect();
    let mut allowed = BTreeSet::new();
    for subject in &subjects {
        for resource in &resources {
            let mut body = json!({"subject": entity(subject), "resource": entity(resource)});
            body["resource"]["properties"] = properties.clone();
            let mut may = BTreeSet::new();
            for action in WANTED {
                body["action"] = json!({"name": action});
                if answer(world, EVALUATION, &body).await["decision"] == true {
                    allowed.insert((subject, action, resource));
                    may.insert(action.to_owned());
                }
            }
            let actions = answer(world, ACTIONS, &body).await;
            let names = actions["results"].as_array().unwrap().iter();
            let names = names.map(|it| it["name"].as_str().unwrap().to_owned());
            let names: BTreeSet<String> =
                names.filter(|it| WANTED.contains(&it.as_str())).collect();
            assert_eq!(names, may, "{body}");
        }
    }
    assert!(allowed.len() > 100, "the world is too small");
    for action in WANTED {
        for resource in &resources {
            for kind in SUBJECT_TYPES {
                let mut body = json!({"subject": {"type": kind}, "action": {"name": action}});
                body["resource"] = entity(resource);
                body["resource"]["properties"] = properties.clone();
                let mine = |subject: &&Name| {
                    subject.0 == kind && allowed.contains(&(*subject, action, resource))
                };
                let expected = subjects.iter().filter(mine).cloned().collect();
                assert_eq!(
                    found(world, SUBJECTS, &body, &ids).await,
                    expected,
                    "{body}"
                );
            }
        }
        for subject in &subjects {
            for kind in &kinds {
                let mut body = json!({"subject": entity(subject), "action": {"name": action}});
                body["resource"] = json!({"type": kind, "properties": properties});
                let its = |resource: &&Name| {
                    resource.0 == **kind && allowed.contains(&(subject, action, *resource))
                };
                let expected = resources.iter().filter(its).cloned().collect();
                assert_eq!(
                    found(world, RESOURCES, &body, &ids).await,
                    expected,
                    "{body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn searches_find_what_evaluations_allow_and_nothing_else() {
    let world = world_with_an_inbox().await;
    compare(&world, &json!({})).await;
}

#[tokio::test]
async fn and_for_a_part_after_some_has_expired() {
    let world = world_with_an_inbox().await;
    world.pass(AN_HOUR);
    compare(&world, &json!({"inboxId": "7"})).await;
}
