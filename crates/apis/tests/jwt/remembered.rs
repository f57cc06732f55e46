//! A signature is verified once, and everything else each time.

use attache_core::Command;
use attache_jwt::Settings;
use serde_json::json;

use attache_testkit::mint::{Key, base64};
use attache_testkit::scene::{Scene, issuer_id};
use attache_testkit::world::acme::ADA;

/// What these tests ask of a scene.
trait Remembering {
    fn verified(&self) -> u64;
    fn remembered(&self) -> usize;
}

impl Remembering for Scene {
    fn verified(&self) -> u64 {
        self.world.app.verifier().signatures_verified()
    }

    fn remembered(&self) -> usize {
        self.world.app.verifier().remembered()
    }
}

#[tokio::test]
async fn a_signature_is_verified_once() {
    let scene = Scene::new().await;
    let token = scene.token(ADA);
    for _ in 0..5 {
        scene.accepts(&token).await;
    }
    assert_eq!((scene.verified(), scene.remembered()), (1, 1));
    let other = scene.key.token(&scene.claims_with("jti", json!("2")));
    scene.accepts(&other).await;
    assert_eq!((scene.verified(), scene.remembered()), (2, 2));
    // Not even one bit of it may be another.
    let (message, signature) = token.rsplit_once('.').unwrap();
    let changed = if signature.starts_with('A') { "B" } else { "A" };
    scene
        .refuses(&format!("{message}.{changed}{}", &signature[1..]))
        .await;
}

#[tokio::test]
async fn a_token_that_is_remembered_expires() {
    let scene = Scene::new().await;
    let token = scene.token(ADA);
    scene.accepts(&token).await;
    scene.world.pass(600 + 59);
    scene.accepts(&token).await;
    scene.world.pass(1);
    scene.refuses(&token).await;
    assert_eq!(scene.verified(), 1);
}

#[tokio::test]
async fn a_token_that_expires_while_the_body_is_under_way_does_not_write() {
    let scene = Scene::new().await;
    let token = scene.token(ADA);
    let head = format!("POST /api/v1/groups HTTP/1.1\r\nAuthorization: Bearer {token}");
    for (seconds, status) in [(600 + 59, 201), (1, 401)] {
        let body = json!({"name": format!("After {seconds}")}).to_string();
        let before = scene.world.revision().await;
        let (said, text) = scene.world.raw_slowly(&head, &body, seconds).await;
        assert_eq!(said, status, "{text}");
        let written = u64::from(status == 201);
        assert_eq!(scene.world.revision().await, before + written);
    }
}

#[tokio::test]
async fn it_counts_only_on_the_terms_of_now() {
    let scene = Scene::new().await;
    let token = scene.token(ADA);
    scene.accepts(&token).await;
    let mut terms = scene.own_trust();
    terms.audience = "another".into();
    scene.change(terms.clone()).await;
    scene.refuses(&token).await;
    terms = scene.own_trust();
    terms.subject_claim = "jti".into();
    scene.change(terms).await;
    scene.refuses(&token).await;
    scene.change(scene.own_trust()).await;
    scene.accepts(&token).await;
    let removed = Command::RemoveIssuer {
        issuer: issuer_id(1),
    };
    scene.world.operate(&[removed]).await;
    scene.refuses(&token).await;
    assert_eq!(scene.verified(), 1);
}

#[tokio::test]
async fn it_counts_only_while_its_key_is_among_the_issuers() {
    let scene = Scene::new().await;
    let claims = scene.claims_with("exp", json!(scene.now() + 100_000));
    let token = scene.key.token(&claims);
    scene.accepts(&token).await;
    let new = Key::ed25519("two");
    scene.issuer.publish(&[&new]);
    scene.world.pass(30);
    // Somebody else's token brings the new keys.
    scene.accepts(&new.token(&scene.claims(ADA))).await;
    scene.refuses(&token).await;
    // A key that comes back under its name is not the old one.
    scene.issuer.publish(&[&Key::ed25519("one")]);
    scene.world.pass(3_600);
    scene.refuses(&token).await;
    scene.issuer.publish(&[&scene.key]);
    scene.world.pass(3_600);
    scene.accepts(&token).await;
}

#[tokio::test]
async fn a_flood_of_bad_tokens_leaves_nothing() {
    let scene = Scene::new().await;
    let (good, stranger) = (scene.token(ADA), Key::ed25519("one"));
    scene.accepts(&good).await;
    for number in 0..50 {
        let claims = scene.claims_with("jti", json!(number));
        scene.refuses(&stranger.token(&claims)).await;
        scene
            .refuses(&format!(
                "{}.{}.AAAA",
                base64("{}"),
                base64(number.to_string())
            ))
            .await;
        let elsewhere = scene.claims_with("iss", json!(format!("https://{number}.example")));
        scene.refuses(&scene.key.token(&elsewhere)).await;
    }
    assert_eq!(scene.remembered(), 1);
    let verified = scene.verified();
    scene.accepts(&good).await;
    assert_eq!(scene.verified(), verified);
    assert_eq!(scene.issuer.asked(), 1);
}

#[tokio::test]
async fn no_more_tokens_are_remembered_than_there_is_room_for() {
    let settings = Settings {
        remembered_tokens: 20,
        ..Settings::default()
    };
    let scene = Scene::with(settings).await;
    for number in 0..100 {
        scene
            .accepts(&scene.key.token(&scene.claims_with("jti", json!(number))))
            .await;
    }
    assert!(
        (1..=20).contains(&scene.remembered()),
        "{}",
        scene.remembered()
    );
}
