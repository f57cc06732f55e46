//! Questions, in few words.

use serde_json::{Value, json};

use attache_testkit::world::wishes::{self, ROOT};
use attache_testkit::world::{Answer, World, acme};

pub(crate) const EVALUATION: &str = "/access/v1/evaluation";
pub(crate) const EVALUATIONS: &str = "/access/v1/evaluations";
pub(crate) const SUBJECTS: &str = "/access/v1/search/subject";
pub(crate) const RESOURCES: &str = "/access/v1/search/resource";
pub(crate) const ACTIONS: &str = "/access/v1/search/action";
pub(crate) const CONFIGURATION: &str = "/.well-known/authzen-configuration";

/// A service that may ask everything.
pub(crate) const POINT: &str = "point";

/// A world with a service that may ask everything.
pub(crate) async fn world() -> World {
    let mut world = World::new().await;
    world
        .caller_with(POINT, ROOT, &["tenants.access.*".to_owned()])
        .await;
    world
}

/// The same, where Li answers in inbox 7 of the concierge only.
pub(crate) async fn world_with_an_inbox() -> World {
    let world = world().await;
    let grant = attache_core::command::GrantRef {
        resource: wishes::at(acme::CONCIERGE),
        subject: wishes::user_of(acme::LI),
        role: "InboxUser".into(),
        parameters: [("inboxId", "7")].into_iter().collect(),
    };
    let grant = attache_core::Command::Grant {
        grant,
        expires_at: None,
    };
    world.operate(&[grant]).await;
    world
}

/// A subject or a resource.
pub(crate) fn entity((kind, id): (&str, &str)) -> Value {
    json!({"type": kind, "id": id})
}

pub(crate) fn question(subject: (&str, &str), action: &str, resource: (&str, &str)) -> Value {
    json!({
        "subject": entity(subject),
        "action": {"name": action},
        "resource": entity(resource),
    })
}

pub(crate) async fn ask(world: &World, path: &str, by: &str, body: &Value) -> Answer {
    world.post(path).by(by).json(body).send().await
}

/// The answer of the service that may ask everything, which must be good.
pub(crate) async fn answer(world: &World, path: &str, body: &Value) -> Value {
    let answer = ask(world, path, POINT, body).await;
    assert_eq!(answer.status, 200, "{body}: {}", answer.body);
    answer.json()
}

/// The decision and the code of its reason.
pub(crate) async fn decided(world: &World, body: &Value) -> (bool, String) {
    let answer = answer(world, EVALUATION, body).await;
    let code = answer["context"]["reason"]["code"].as_str().unwrap();
    (answer["decision"].as_bool().unwrap(), code.to_owned())
}
