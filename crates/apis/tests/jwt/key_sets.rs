//! Issuers' keys: fetched when needed, kept, and fetched again in time.

use std::time::Duration;

use attache_core::cause::chain;
use attache_core::model::{KeySource, Trust};
use attache_jwt::Settings;
use serde_json::json;

use attache_testkit::issuer::{Issuer, Mood};
use attache_testkit::mint::Key;
use attache_testkit::scene::{Scene, trust};
use attache_testkit::world::acme::{self, ADA};
use attache_testkit::world::globex;

const HOUR: i64 = 3_600;

/// What these tests ask of a scene.
trait Fetching {
    fn by_url(&self, path: &str) -> Trust;
    async fn why_not(&self, trust: &Trust) -> String;
}

impl Fetching for Scene {
    fn by_url(&self, path: &str) -> Trust {
        let url = self.issuer.at(path);
        trust(self.issuer.url(), KeySource::Url(url.into()))
    }

    /// Why the keys of a trust are not to be had.
    async fn why_not(&self, trust: &Trust) -> String {
        let error = self.world.app.key_sets().check(trust).await.unwrap_err();
        chain(&error).to_string()
    }
}

#[tokio::test]
async fn keys_are_found_by_discovery_at_an_address_and_as_written_down() {
    let scene = Scene::new().await;
    scene.accepts(&scene.token(ADA)).await;
    scene.change(scene.by_url("/keys")).await;
    scene.accepts(&scene.token(ADA)).await;
    assert_eq!(scene.issuer.asked(), 2);
    let text = json!({"keys": [scene.key.jwk()]}).to_string();
    let pasted = KeySource::Pasted(text.into());
    scene.change(trust(scene.issuer.url(), pasted)).await;
    scene.issuer.be(Mood::Failing(500));
    scene.world.pass(48 * HOUR);
    scene.accepts(&scene.token(ADA)).await;
    assert_eq!(scene.issuer.asked(), 2);
}

#[tokio::test]
async fn tenants_share_the_keys_of_an_issuer() {
    let scene = Scene::new().await;
    scene.trust(globex::tenant(), 2, scene.own_trust()).await;
    for tenant in ["acme", "globex", "acme"] {
        scene.ask_for(&scene.token(ADA), Some(tenant)).await;
    }
    assert_eq!(scene.issuer.asked(), 1);
}

#[tokio::test]
async fn who_comes_while_keys_are_fetched_waits_for_the_same_answer() {
    let scene = Scene::new().await;
    let token = scene.token(ADA);
    let asked = (0..20).map(|_| scene.ask(&token));
    let answers = futures_util::future::join_all(asked).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(scene.issuer.asked(), 1);
}

#[tokio::test]
async fn a_new_key_is_looked_for_and_at_a_limited_rate() {
    let scene = Scene::new().await;
    scene.accepts(&scene.token(ADA)).await;
    let new = Key::p256("two");
    scene.issuer.publish(&[&scene.key, &new]);
    // The keys were fetched a moment ago.
    scene.refuses(&new.token(&scene.claims(ADA))).await;
    scene.world.pass(29);
    scene.refuses(&new.token(&scene.claims(ADA))).await;
    assert_eq!(scene.issuer.asked(), 1);
    scene.world.pass(1);
    scene.accepts(&new.token(&scene.claims(ADA))).await;
    assert_eq!(scene.issuer.asked(), 2);
    // Whoever makes up keys makes nobody ask more often.
    for _ in 0..20 {
        scene
            .refuses(&Key::ed25519("made up").token(&scene.claims(ADA)))
            .await;
    }
    assert_eq!(scene.issuer.asked(), 2);
    scene.world.pass(30);
    for _ in 0..20 {
        scene
            .refuses(&Key::ed25519("made up").token(&scene.claims(ADA)))
            .await;
    }
    assert_eq!(scene.issuer.asked(), 3);
}

#[tokio::test]
async fn a_key_that_was_replaced_under_its_name_is_noticed_at_the_same_rate() {
    let scene = Scene::new().await;
    let old = scene.token(ADA);
    scene.accepts(&old).await;
    let new = Key::ed25519("one");
    scene.issuer.publish(&[&new]);
    // The keys were fetched a moment ago.
    for _ in 0..20 {
        scene.refuses(&new.token(&scene.claims(ADA))).await;
    }
    assert_eq!(scene.issuer.asked(), 1);
    scene.world.pass(30);
    scene.accepts(&new.token(&scene.claims(ADA))).await;
    assert_eq!(scene.issuer.asked(), 2);
    scene.refuses(&old).await;
    // Whoever makes up signatures makes nobody ask more often.
    scene.world.pass(30);
    for _ in 0..20 {
        scene
            .refuses(&Key::ed25519("one").token(&scene.claims(ADA)))
            .await;
    }
    assert_eq!(scene.issuer.asked(), 3);
    // Also one of another kind.
    let other = Key::p256("one");
    scene.issuer.publish(&[&other]);
    scene.world.pass(30);
    scene.accepts(&other.token(&scene.claims(ADA))).await;
    assert_eq!(scene.issuer.asked(), 4);
}

#[tokio::test]
async fn a_bad_signature_is_refused_while_the_issuer_is_down() {
    let scene = Scene::new().await;
    let good = scene.token(ADA);
    scene.accepts(&good).await;
    scene.issuer.be(Mood::Failing(500));
    scene.world.pass(30);
    for _ in 0..3 {
        scene
            .refuses(&Key::ed25519("one").token(&scene.claims(ADA)))
            .await;
    }
    assert_eq!(scene.issuer.asked(), 2);
    scene.accepts(&good).await;
}

#[tokio::test]
async fn a_byte_order_mark_before_keys_and_discovery_is_passed_over() {
    let scene = Scene::new().await;
    scene.issuer.be(Mood::Marked);
    scene.accepts(&scene.token(ADA)).await;
}

#[tokio::test]
async fn a_token_without_a_kid_is_held_against_the_keys_of_its_algorithm() {
    let scene = Scene::new().await;
    let other = Key::p256("two");
    scene.issuer.publish(&[&other, &scene.key]);
    let header = json!({"alg": "EdDSA"});
    scene
        .accepts(&scene.key.token_with(&header, &scene.claims(ADA)))
        .await;
    let stranger = Key::ed25519("three");
    scene
        .refuses(&stranger.token_with(&header, &scene.claims(ADA)))
        .await;
}

#[tokio::test]
async fn keys_are_fetched_again_before_their_time_is_over_and_nobody_waits() {
    let scene = Scene::new().await;
    scene.accepts(&scene.token(ADA)).await;
    scene.world.pass(47 * 60);
    scene.accepts(&scene.token(ADA)).await;
    assert_eq!(scene.issuer.asked(), 1);
    // Who would wait now would wait for ever.
    scene.issuer.be(Mood::Hanging);
    scene.world.pass(2 * 60);
    scene.accepts(&scene.token(ADA)).await;
    scene.issuer.was_asked(2).await;
}

#[tokio::test]
async fn a_key_that_is_gone_ends_its_tokens_when_the_time_of_the_keys_is_over() {
    let scene = Scene::new().await;
    scene.accepts(&scene.token(ADA)).await;
    scene.issuer.publish(&[&Key::p256("two")]);
    scene.world.pass(HOUR);
    scene.refuses(&scene.token(ADA)).await;
    assert_eq!(scene.issuer.asked(), 2);
}

#[tokio::test]
async fn the_issuer_says_how_long_keys_are_good_within_limits() {
    for (says, lasts) in [
        ("max-age=600", 600),
        ("max-age=1", 300),
        ("no-store", 300),
        ("public, max-age=31536000", 24 * HOUR),
        ("public", HOUR),
    ] {
        let scene = Scene::new().await;
        scene.issuer.cache(says);
        scene.accepts(&scene.token(ADA)).await;
        scene.world.pass(lasts / 5 * 4 - 1);
        scene.accepts(&scene.token(ADA)).await;
        assert_eq!(scene.issuer.asked(), 1, "{says}");
        scene.world.pass(lasts / 5 + 1);
        scene.accepts(&scene.token(ADA)).await;
        assert_eq!(scene.issuer.asked(), 2, "{says}");
    }
}

#[tokio::test]
async fn old_keys_go_on_for_a_day_while_the_issuer_is_down() {
    for mood in [Mood::Failing(500), Mood::Failing(404), Mood::Confused] {
        let scene = Scene::new().await;
        scene.accepts(&scene.token(ADA)).await;
        scene.issuer.be(mood);
        scene.world.pass(HOUR);
        scene.accepts(&scene.token(ADA)).await;
        assert_eq!(scene.issuer.asked(), 2);
        // It is not asked by every request.
        scene.accepts(&scene.token(ADA)).await;
        assert_eq!(scene.issuer.asked(), 2);
        // Nor does anybody wait for it, now that it is known to be down.
        scene.issuer.be(Mood::Hanging);
        scene.world.pass(30);
        let token = scene.token(ADA);
        let soon = tokio::time::timeout(Duration::from_secs(3), scene.accepts(&token));
        soon.await.unwrap();
        scene.issuer.was_asked(3).await;
        scene.issuer.be(Mood::Failing(500));
        scene.world.pass(24 * HOUR - 31);
        scene.accepts(&scene.token(ADA)).await;
        scene.world.pass(1);
        scene.cannot_tell(&scene.token(ADA)).await;
        // Services do not need it.
        let path = "/third-party/v1/customers/1/users";
        let service = scene.world.get(path).by("keeper").send().await;
        assert_eq!(service.status, 200);
        scene.issuer.be(Mood::Well);
        scene.world.pass(30);
        scene.accepts(&scene.token(ADA)).await;
    }
}

#[tokio::test]
async fn without_any_keys_nobody_is_told_that_a_token_is_bad() {
    let scene = Scene::new().await;
    scene.issuer.be(Mood::Failing(503));
    scene.cannot_tell(&scene.token(ADA)).await;
    scene.cannot_tell(&scene.token(ADA)).await;
    assert_eq!(scene.issuer.asked(), 1);
    // What is bad whoever signed it is.
    scene
        .refuses(&scene.key.token(&scene.claims_with("aud", json!("other"))))
        .await;
    scene.issuer.be(Mood::Well);
    scene.world.pass(30);
    scene.accepts(&scene.token(ADA)).await;
}

#[tokio::test]
async fn an_issuer_that_hangs_holds_nobody_up_for_long() {
    let settings = Settings {
        fetch_within: Duration::from_millis(300),
        ..Settings::default()
    };
    let scene = Scene::with(settings).await;
    scene.issuer.be(Mood::Hanging);
    scene.cannot_tell(&scene.token(ADA)).await;
    let why = scene.why_not(&scene.own_trust()).await;
    assert!(why.ends_with("no answer within 300ms"), "{why}");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read() {
    let scene = Scene::new().await;
    scene.issuer.be(Mood::Babbling(250 * 1_024));
    scene.accepts(&scene.token(ADA)).await;
    scene.issuer.be(Mood::Babbling(256 * 1_024));
    let why = scene.why_not(&scene.own_trust()).await;
    assert!(why.ends_with("more than 262144 bytes"), "{why}");
}

#[tokio::test]
async fn redirects_are_followed_on_the_same_host_and_not_for_ever() {
    let scene = Scene::new().await;
    let keys = scene.world.app.key_sets();
    for hops in 1..=3 {
        let trust = scene.by_url(&format!("/hop/{hops}"));
        assert_eq!(keys.check(&trust).await.unwrap().len(), 1, "{hops}");
    }
    let why = scene.why_not(&scene.by_url("/hop/4")).await;
    assert!(why.ends_with("it redirects too often"), "{why}");
    let other = Issuer::with(&[&scene.key]).await;
    let (_, port) = other.url().rsplit_once(':').unwrap();
    let why = scene.why_not(&scene.by_url(&format!("/to/{port}"))).await;
    assert!(why.ends_with("it redirects to another host"), "{why}");
    assert_eq!(other.asked(), 0);
}

#[tokio::test]
async fn a_discovery_document_must_be_the_issuers_own_and_name_a_safe_address() {
    let scene = Scene::new().await;
    let (url, keys) = (scene.issuer.url(), scene.issuer.at("/keys"));
    for (document, why) in [
        (
            json!({"issuer": "https://other.example", "jwks_uri": keys}),
            "another issuer",
        ),
        (
            json!({"issuer": format!("{url}/"), "jwks_uri": keys}),
            "another issuer: ",
        ),
        (
            json!({"issuer": format!("{url}/"), "jwks_uri": keys}),
            "/, which differs by a slash at its end. Trust that one",
        ),
        (json!({"jwks_uri": keys}), "another issuer"),
        (json!({"issuer": url}), "names no jwks_uri"),
        (
            json!({"issuer": url, "jwks_uri": "http://mill.example/keys"}),
            "by https only",
        ),
        (
            json!({"issuer": url, "jwks_uri": "file:///etc/passwd"}),
            "by https only",
        ),
        (
            json!({"issuer": url, "jwks_uri": "keys"}),
            "this is no address",
        ),
    ] {
        scene.issuer.discover(document);
        let said = scene.why_not(&scene.own_trust()).await;
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(scene.issuer.asked(), 0);
    scene.cannot_tell(&scene.token(ADA)).await;
}

#[tokio::test]
async fn a_check_tells_which_keys_are_used_and_why_others_are_not() {
    let scene = Scene::untrusting(Settings::default()).await;
    let (p256, rsa) = (Key::p256("two"), Key::rsa("three"));
    let jwks = vec![
        scene.key.jwk(),
        p256.jwk(),
        rsa.jwk_with("alg", json!("PS256")),
        p256.jwk_with("use", json!("enc")),
    ];
    scene.issuer.publish_jwks(jwks);
    let checked = scene.world.app.key_sets().check(&scene.own_trust()).await;
    let found: Vec<_> = checked
        .unwrap()
        .into_iter()
        .map(|key| (key.kid.unwrap(), key.algorithm))
        .collect();
    let expected = [
        ("one", Ok("EdDSA")),
        ("two", Ok("ES256")),
        ("three", Ok("PS256")),
        ("two", Err("it is not for signatures")),
    ];
    assert_eq!(found, expected.map(|(kid, known)| (kid.to_owned(), known)));
    // What it fetched is used from then on.
    scene.trust(acme::tenant(), 1, scene.own_trust()).await;
    scene.accepts(&scene.token(ADA)).await;
    assert_eq!(scene.issuer.asked(), 1);
}
