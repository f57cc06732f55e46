//! What a token must look like, and when it counts.

use serde_json::{Value, json};

use attache_testkit::scene::Scene;
use attache_testkit::world::acme::ADA;

/// RFC 8725, 2.8 (Multiplicity of JSON Encodings), RFC 7515, 4.1.11 and RFC 7797: what
/// another reader could read in another way.
#[tokio::test]
async fn what_can_be_read_in_two_ways_is_refused() {
    let scene = Scene::new().await;
    let (header, claims) = (scene.key.header(), scene.claims(ADA));
    let twice = |object: &Value| {
        let text = object.to_string();
        format!(
            "{},{}",
            text.strip_suffix('}').unwrap(),
            text.strip_prefix('{').unwrap()
        )
    };
    let (key, plain) = (&scene.key, claims.to_string());
    scene
        .refuses(&key.token_of(twice(&header), &plain, "EdDSA"))
        .await;
    scene
        .refuses(&key.token_of(header.to_string(), twice(&claims), "EdDSA"))
        .await;
    for name in ["crit", "b64"] {
        for value in [json!(["exp"]), json!([]), json!(true), json!(false)] {
            let header = key.header_with(name, value);
            scene.refuses(&key.token_with(&header, &claims)).await;
        }
    }
}

/// What is too long is not looked at.
#[tokio::test]
async fn a_token_that_is_too_long_is_refused() {
    let scene = Scene::new().await;
    let long = |bytes: usize| {
        let claims = scene.claims_with("padding", json!("x".repeat(bytes)));
        scene.key.token(&claims)
    };
    let fits = long(5_000);
    assert!(fits.len() < 8_192);
    scene.accepts(&fits).await;
    scene.refuses(&long(6_200)).await;
}

/// RFC 7519, 4.1.4 to 4.1.6: times are held against attache's clock, with a minute's leeway.
#[tokio::test]
async fn a_token_counts_from_its_beginning_to_its_end() {
    let scene = Scene::new().await;
    let now = scene.now();
    let seconds = |seconds: i64| json!(now + seconds);
    for (name, value) in [
        ("exp", seconds(-59)),
        ("exp", json!(now as f64 + 0.5)),
        ("nbf", seconds(60)),
        ("iat", seconds(60)),
        ("iat", seconds(-1_000_000)),
    ] {
        scene
            .accepts(&scene.key.token(&scene.claims_with(name, value)))
            .await;
    }
    for (name, value) in [
        ("exp", seconds(-60)),
        ("exp", json!(now.to_string())),
        ("exp", json!(null)),
        ("exp", json!(true)),
        ("nbf", seconds(61)),
        ("nbf", json!(now as f64 + 60.5)),
        ("iat", seconds(61)),
        ("iat", json!("now")),
    ] {
        scene
            .refuses(&scene.key.token(&scene.claims_with(name, value)))
            .await;
    }
    let mut endless = scene.claims(ADA);
    endless.as_object_mut().unwrap().remove("exp");
    scene.refuses(&scene.key.token(&endless)).await;
}
