//! Who may ask about another time: judged by the present, with a permission of its own.

use attache_core::command::GrantRef;
use attache_core::model::Parameters;
use attache_core::{Command, Locator, Ref};
use attache_testkit::scene::Scene;
use attache_testkit::world::acme::{ADA, BAKERY, BEN, EVE, FINN, HUGO, MILL, NAMELESS};
use attache_testkit::world::wishes::{ROOT, attach, grant, user_of};
use attache_testkit::world::{Answer, World};
use serde_json::json;

async fn ask(scene: &Scene, user: u32, path: &str, revision: Option<u64>) -> Answer {
    let bearer = format!("Bearer {}", scene.token(user));
    let ask = scene.world.get(path).header("Authorization", &bearer);
    let ask = match revision {
        Some(revision) => ask.header("Attache-At", &format!("revision={revision}")),
        None => ask,
    };
    ask.send().await
}

fn revoke(on: (&str, u32), user: u32, role: &str) -> Command {
    Command::Revoke {
        grant: GrantRef {
            resource: Locator::of(on.0, Ref::Number(on.1)),
            subject: user_of(user),
            role: role.into(),
            parameters: Parameters::none(),
        },
    }
}

fn lacks(answer: &Answer, permission: &str) {
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert_eq!(answer.at("/permission"), permission, "{}", answer.body);
}

const MEMBERS: &str = "/api/v1/resources/customer:%231/members";

#[tokio::test]
async fn whoever_lists_today_needs_a_permission_more_to_list_yesterday() {
    let scene = Scene::new().await;
    let then = scene.world.revision().await;
    // An agent of the reseller lists the users of the mill, now only.
    assert_eq!(ask(&scene, EVE, MEMBERS, None).await.status, 200);
    let past = ask(&scene, EVE, MEMBERS, Some(then)).await;
    lacks(&past, "customers.history.view");
    // Its owner, an auditor and an admin look back.
    for user in [BEN, FINN, ADA] {
        let past = ask(&scene, user, MEMBERS, Some(then)).await;
        assert_eq!(past.status, 200, "{user}: {}", past.body);
    }
    // What a caller does not see, it does not see at any time.
    let hidden = "/api/v1/resources/customer:%232/members";
    for moment in [None, Some(then)] {
        assert_eq!(ask(&scene, BEN, hidden, moment).await.status, 404);
    }
}

#[tokio::test]
async fn yesterdays_permissions_do_not_decide_who_may_ask_today() {
    let scene = Scene::new().await;
    let then = scene.world.revision().await;
    assert_eq!(ask(&scene, BEN, MEMBERS, Some(then)).await.status, 200);
    let commands = [
        revoke(MILL, BEN, "owner"),
        attach(BAKERY, HUGO),
        grant(BAKERY, user_of(HUGO), "owner"),
    ];
    scene.world.operate(&commands).await;
    // Ben was the owner, and is a member only. Hugo was nobody there.
    lacks(
        &ask(&scene, BEN, MEMBERS, Some(then)).await,
        "customers.history.view",
    );
    let bakery = "/api/v1/resources/customer:%232/members";
    assert_eq!(ask(&scene, HUGO, bakery, Some(then)).await.status, 200);
}

#[tokio::test]
async fn lists_show_what_the_caller_may_look_back_at() {
    let scene = Scene::new().await;
    let then = scene.world.revision().await;
    let names = async |user: u32, path: &str, moment| {
        let answer = ask(&scene, user, path, moment).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let mut names: Vec<String> = answer
            .each("/items", "name")
            .iter()
            .map(|name| name.as_str().unwrap_or_default().to_owned())
            .collect();
        names.sort();
        names
    };
    let resources = "/api/v1/resources?page_size=100";
    // Ben owns the mill, and is a member of others and of the tenant.
    let now = names(BEN, resources, None).await;
    let past = names(BEN, resources, Some(then)).await;
    assert!(now.contains(&"Forge".to_owned()) && now.contains(&"Mill".to_owned()));
    assert_eq!(past, ["Harbor", "Mill"]);
    // A caller may ask about itself; its reach is cut in the same way.
    let reach = "/api/v1/users/%232/resources?page_size=100";
    let shown = |answer: &Answer| answer.each("/items", "resource").len();
    let (now, past) = (
        ask(&scene, BEN, reach, None).await,
        ask(&scene, BEN, reach, Some(then)).await,
    );
    assert_eq!(past.status, 200, "{}", past.body);
    assert!(shown(&past) < shown(&now), "{}", past.body);
    // An auditor sees all of it.
    let auditor = names(FINN, resources, None).await;
    assert_eq!(names(FINN, resources, Some(then)).await, auditor);
}

#[tokio::test]
async fn questions_of_the_tenant_take_the_permission_on_the_root() {
    let scene = Scene::new().await;
    scene
        .world
        .operate(&[grant(ROOT, user_of(NAMELESS), "decision-point")])
        .await;
    let then = scene.world.revision().await;
    let history = "tenants.history.view";
    lacks(
        &ask(&scene, BEN, "/api/v1/roles", Some(then)).await,
        history,
    );
    lacks(
        &ask(&scene, BEN, "/api/v1/users/%236", Some(then)).await,
        history,
    );
    assert_eq!(
        ask(&scene, FINN, "/api/v1/roles", Some(then)).await.status,
        200
    );
    assert_eq!(
        ask(&scene, FINN, "/api/v1/users", Some(then)).await.status,
        200
    );
    // A decision about the past takes it too.
    let question = json!({
        "subject": {"type": "user", "id": "#2"},
        "action": {"name": "customers.view"},
        "resource": {"type": "customer", "id": "#1"},
    });
    let check = async |user: u32, moment: Option<u64>| {
        let bearer = format!("Bearer {}", scene.token(user));
        let ask = scene.world.post("/access/v1/evaluation").json(&question);
        let ask = ask.header("Authorization", &bearer);
        let ask = match moment {
            Some(revision) => ask.header("Attache-At", &format!("revision={revision}")),
            None => ask,
        };
        ask.send().await
    };
    assert_eq!(check(NAMELESS, None).await.status, 200);
    let refused = check(NAMELESS, Some(then)).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(refused.body.contains(history), "{}", refused.body);
    assert_eq!(check(ADA, Some(then)).await.status, 200);
    // Of itself, a caller learns only about resources that it may look back at.
    let own = check(BEN, Some(then)).await;
    assert_eq!(own.at("/decision"), true, "{}", own.body);
}

#[tokio::test]
async fn of_what_is_gone_the_permission_on_the_root_decides() {
    let scene = Scene::new().await;
    let owner = [attach(BAKERY, HUGO), grant(BAKERY, user_of(HUGO), "owner")];
    scene.world.operate(&owner).await;
    let then = scene.world.revision().await;
    let remove = Command::RemoveResource {
        resource: Locator::of(BAKERY.0, Ref::Number(BAKERY.1)),
    };
    scene.world.operate(&[remove]).await;
    let path = "/api/v1/resources/customer:%232/members";
    for (user, status) in [(ADA, 200), (FINN, 200), (HUGO, 404), (EVE, 404)] {
        let past = ask(&scene, user, path, Some(then)).await;
        assert_eq!(past.status, status, "{user}: {}", past.body);
    }
    assert_eq!(ask(&scene, ADA, path, None).await.status, 404);
}

#[tokio::test]
async fn a_token_that_is_revoked_since_asks_nothing() {
    let world = World::new().await;
    let then = world.revision().await;
    let moment = format!("revision={then}");
    let ask = || world.get("/api/v1/users").header("Attache-At", &moment);
    assert_eq!(ask().by("deputy").send().await.status, 200);
    world.pass(2 * 3_600);
    let gone = ask().by("brief").send().await;
    assert_eq!(gone.status, 401, "{}", gone.body);
}
