//! Tenants of strangers that trust acme's issuer with keys of their own choice: they
//! neither slow acme's users nor get their requests.

use std::time::Duration;

use attache_core::model::{KeySource, TenantClaim, Trust};
use attache_core::{Actor, Command};
use attache_jwt::Settings;
use serde_json::json;

use attache_testkit::issuer::{Issuer, Mood};
use attache_testkit::mint::Key;
use attache_testkit::scene::{Scene, issuer_id, trust};
use attache_testkit::world::acme::{self, ADA};
use attache_testkit::world::{globex, person};

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(60);
/// Longer than anything takes that waits for nothing.
const SOON: Duration = Duration::from_secs(20);

/// How long a token that one tenant accepts waits for others, where fetches may take long.
fn waiting(others_within: Duration) -> Settings {
    Settings {
        fetch_within: LONG,
        others_within,
        ..Settings::default()
    }
}

/// acme trusts its issuer. Another server of keys stands elsewhere.
async fn scene(others_within: Duration) -> (Scene, Issuer) {
    let scene = Scene::with(waiting(others_within)).await;
    let elsewhere = Issuer::with(&[&Key::p256("theirs")]).await;
    (scene, elsewhere)
}

/// The issuer is acme's, and the keys are elsewhere.
fn by_keys_of(scene: &Scene, elsewhere: &Issuer) -> Trust {
    let url = elsewhere.at("/keys");
    trust(scene.issuer.url(), KeySource::Url(url.into()))
}

fn for_org(trust: Trust, value: &str) -> Trust {
    let tenant_claim = Some(TenantClaim {
        name: "org".into(),
        value: value.into(),
    });
    Trust {
        tenant_claim,
        ..trust
    }
}

/// Let globex have an Ada with the id of acme's.
async fn has_an_ada(scene: &Scene) {
    let ada = person(ADA).add();
    let globex = globex::tenant();
    scene.world.write(globex, Actor::Operator, &[ada]).await;
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(SOON, work).await;
    done.expect("it waits for somebody")
}

#[tokio::test]
async fn a_stranger_whose_keys_never_come_and_who_has_no_such_user_is_not_waited_for() {
    let (scene, elsewhere) = scene(LONG).await;
    elsewhere.be(Mood::Hanging);
    let theirs = by_keys_of(&scene, &elsewhere);
    scene.trust(globex::tenant(), 2, theirs).await;
    for _ in 0..3 {
        soon(scene.accepts(&scene.token(ADA))).await;
        scene.world.pass(61);
    }
}

#[tokio::test]
async fn a_stranger_whose_keys_never_come_is_waited_for_a_moment_and_then_left_alone() {
    let (scene, elsewhere) = scene(Duration::from_millis(200)).await;
    has_an_ada(&scene).await;
    elsewhere.be(Mood::Hanging);
    let theirs = by_keys_of(&scene, &elsewhere);
    scene.trust(globex::tenant(), 2, theirs).await;
    soon(scene.accepts(&scene.token(ADA))).await;
    // It takes long now: nobody waits any more, however many ask.
    let token = scene.token(ADA);
    let asked = (0..20).map(|_| scene.accepts(&token));
    soon(futures_util::future::join_all(asked)).await;
    assert_eq!(elsewhere.asked(), 1);
}

#[tokio::test]
async fn trusts_are_asked_together_also_two_of_one_tenant() {
    let (scene, elsewhere) = scene(Duration::from_millis(200)).await;
    has_an_ada(&scene).await;
    elsewhere.be(Mood::Hanging);
    let theirs = by_keys_of(&scene, &elsewhere);
    for (number, tenant) in [(2, globex::tenant()), (3, acme::tenant())] {
        scene
            .trust(tenant, number, for_org(theirs.clone(), "mill"))
            .await;
    }
    let token = scene.key.token(&scene.claims_with("org", json!("mill")));
    soon(scene.accepts(&token)).await;
    soon(scene.accepts(&token)).await;
}

#[tokio::test]
async fn a_stranger_whose_server_of_keys_errs_is_left_alone() {
    for mood in [Mood::Failing(500), Mood::Failing(404), Mood::Confused] {
        let (scene, elsewhere) = scene(LONG).await;
        has_an_ada(&scene).await;
        elsewhere.be(mood);
        let theirs = by_keys_of(&scene, &elsewhere);
        scene.trust(globex::tenant(), 2, theirs).await;
        soon(scene.accepts(&scene.token(ADA))).await;
        assert_eq!(elsewhere.asked(), 1);
        // It is asked again behind a request, and nobody waits for it.
        elsewhere.be(Mood::Hanging);
        scene.world.pass(31);
        soon(scene.accepts(&scene.token(ADA))).await;
        elsewhere.was_asked(2).await;
    }
}

#[tokio::test]
async fn a_token_that_a_slow_tenant_accepts_too_is_nobodys_from_the_first_request_on() {
    let (scene, elsewhere) = scene(LONG).await;
    has_an_ada(&scene).await;
    elsewhere.publish(&[&scene.key]);
    elsewhere.be(Mood::Slow(Duration::from_millis(300)));
    let theirs = by_keys_of(&scene, &elsewhere);
    scene.trust(globex::tenant(), 2, theirs).await;
    soon(scene.refuses(&scene.token(ADA))).await;
    let token = scene.token(ADA);
    let named = scene.ask_for(&token, Some("acme"));
    assert_eq!(soon(named).await.status, 200);
}

#[tokio::test]
async fn keys_that_come_later_than_others_wait_count_from_then_on() {
    let (scene, elsewhere) = scene(Duration::from_millis(50)).await;
    has_an_ada(&scene).await;
    elsewhere.publish(&[&scene.key]);
    elsewhere.be(Mood::Slow(Duration::from_secs(1)));
    let theirs = by_keys_of(&scene, &elsewhere);
    scene.trust(globex::tenant(), 2, theirs.clone()).await;
    soon(scene.accepts(&scene.token(ADA))).await;
    // Whoever has nobody else waits for the same answer.
    let token = scene.token(ADA);
    let globex = scene.ask_for(&token, Some("globex"));
    assert_eq!(soon(globex).await.status, 404);
    soon(scene.refuses(&scene.token(ADA))).await;
}

#[tokio::test]
async fn a_tenant_that_wrote_down_the_issuers_keys_gets_nothing_while_the_issuer_is_down() {
    let (scene, elsewhere) = scene(LONG).await;
    has_an_ada(&scene).await;
    elsewhere.publish(&[&scene.key]);
    let text = json!({"keys": [scene.key.jwk()]}).to_string();
    let pasted = trust(scene.issuer.url(), KeySource::Pasted(text.into()));
    scene.trust(globex::tenant(), 2, pasted).await;
    scene.issuer.be(Mood::Failing(500));
    for _ in 0..2 {
        soon(scene.cannot_tell(&scene.token(ADA))).await;
    }
    let changed = Command::ChangeIssuer {
        issuer: issuer_id(2),
        trust: Box::new(by_keys_of(&scene, &elsewhere)),
    };
    let globex = globex::tenant();
    scene.world.write(globex, Actor::Operator, &[changed]).await;
    soon(scene.cannot_tell(&scene.token(ADA))).await;
    // Who names the tenant gets it, and a user whom acme does not know is globex'.
    let token = scene.token(ADA);
    let named = scene.ask_for(&token, Some("globex"));
    assert_eq!(soon(named).await.status, 404);
    let hank = scene.token(globex::USER);
    assert_eq!(soon(scene.ask(&hank)).await.status, 404);
    scene.issuer.be(Mood::Well);
    scene.world.pass(31);
    soon(scene.refuses(&scene.token(ADA))).await;
}

#[tokio::test]
async fn an_issuer_that_hangs_while_its_keys_are_old_is_not_waited_for_long() {
    let (scene, _) = scene(Duration::from_millis(50)).await;
    scene.accepts(&scene.token(ADA)).await;
    scene.issuer.be(Mood::Hanging);
    scene.world.pass(3_600);
    for _ in 0..3 {
        soon(scene.accepts(&scene.token(ADA))).await;
    }
    assert_eq!(scene.issuer.asked(), 2);
}
