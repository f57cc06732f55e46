//! Credentials while a tenant that they may be of is being opened, or cannot be.

use std::time::Duration;

use attache_core::Actor;
use attache_core::id::TenantId;
use attache_core::model::KeySource;
use serde_json::json;

use attache_testkit::scene::{Scene, trust};
use attache_testkit::world::acme::{self, ADA};
use attache_testkit::world::{Answer, World, globex, person};

/// Less than a server waits for a tenant that is being opened.
const SOON: Duration = Duration::from_millis(2_500);

/// acme and globex trust the issuer. The server of the scene has opened acme and nothing
/// else.
async fn scene() -> Scene {
    let scene = Scene::new().await;
    scene.trust(globex::tenant(), 2, scene.own_trust()).await;
    beside(scene, acme::tenant()).await
}

/// The same over another server, which has opened one tenant.
async fn beside(scene: Scene, tenant: TenantId) -> Scene {
    let world = scene.world.beside().await;
    world.tenants.refresh().await.unwrap();
    opened(&world, tenant).await;
    Scene { world, ..scene }
}

async fn opened(world: &World, tenant: TenantId) {
    world.tenants.open(tenant).await.unwrap().unwrap();
}

fn is_to_be_repeated(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("www-authenticate"), None);
}

#[tokio::test]
async fn a_token_that_an_open_tenant_accepts_does_not_wait_for_one_that_is_being_opened() {
    let scene = scene().await;
    let held = scene.world.hold_openings().await;
    for _ in 0..2 {
        let token = scene.token(ADA);
        let asked = tokio::time::timeout(SOON, scene.accepts(&token));
        asked.await.expect("it waits for globex");
    }
    let by_name = scene.ask_for(&scene.token(ADA), Some("acme")).await;
    assert_eq!(by_name.status, 200);
    drop(held);
    opened(&scene.world, globex::tenant()).await;
    scene.accepts(&scene.token(ADA)).await;
}

#[tokio::test]
async fn a_token_that_only_a_tenant_that_is_being_opened_may_accept_is_503() {
    let scene = scene().await;
    let held = scene.world.hold_openings().await;
    // A user of globex, and one whom neither has.
    let (hank, nobody) = (scene.token(globex::USER), scene.token(999));
    let globex = scene.world.get("/api/v1/me").by("globex");
    let named = scene.world.get("/api/v1/me");
    let named = named.header("Authorization", &format!("Bearer {hank}"));
    let named = named.header("Attache-Tenant", "globex");
    let answers = tokio::join!(
        scene.ask(&hank),
        scene.ask(&nobody),
        globex.send(),
        named.send(),
    );
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        is_to_be_repeated(&answer);
    }
    // A token that no tenant can accept is answered at once.
    let expired = scene.claims_with("exp", json!(scene.now() - 3_600));
    let elsewhere = scene.claims_with("iss", json!("https://elsewhere.example"));
    let refused = scene.ask(&scene.key.token(&elsewhere)).await;
    assert_eq!(refused.status, 401);
    drop(held);
    opened(&scene.world, globex::tenant()).await;
    // globex has no such customer.
    assert_eq!(scene.ask(&hank).await.status, 404);
    assert_eq!(scene.ask(&nobody).await.status, 401);
    assert_eq!(scene.ask(&scene.key.token(&expired)).await.status, 401);
}

#[tokio::test]
async fn a_tenant_that_wrote_down_the_issuers_keys_gets_nothing_while_another_is_opened() {
    let first = Scene::new().await;
    let ada = person(ADA).add();
    let tenant = globex::tenant();
    first.world.write(tenant, Actor::Operator, &[ada]).await;
    let text = json!({"keys": [first.key.jwk()]}).to_string();
    let pasted = trust(first.issuer.url(), KeySource::Pasted(text.into()));
    first.trust(tenant, 2, pasted).await;
    let scene = beside(first, tenant).await;
    let held = scene.world.hold_openings().await;
    let token = scene.token(ADA);
    is_to_be_repeated(&scene.ask(&token).await);
    // A request that names the tenant reaches it, and it has no such customer.
    assert_eq!(scene.ask_for(&token, Some("globex")).await.status, 404);
    drop(held);
    opened(&scene.world, acme::tenant()).await;
    assert_eq!(scene.ask(&token).await.status, 401, "both accept it");
}

#[tokio::test]
async fn a_tenant_whose_row_cannot_be_read_is_503_to_its_callers_and_nothing_to_others() {
    let scene = scene().await;
    scene.world.break_row(globex::tenant()).await;
    scene.accepts(&scene.token(ADA)).await;
    let hank = scene.token(globex::USER);
    is_to_be_repeated(&scene.ask(&hank).await);
    let id = globex::tenant().to_string();
    is_to_be_repeated(&scene.ask_for(&hank, Some(&id)).await);
    is_to_be_repeated(&scene.world.get("/api/v1/me").by("globex").send().await);
    let operator = format!("Bearer {}", scene.world.operator_token());
    let ask = scene.world.get("/api/v1/users");
    let ask = ask.header("Authorization", &operator);
    is_to_be_repeated(&ask.header("Attache-Tenant", &id).send().await);
}
