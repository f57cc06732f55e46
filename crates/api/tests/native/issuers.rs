//! Issuers of tokens that the tenant trusts.

use serde_json::{Value, json};

use crate::ask::{admin, by, done, each, errors, get, is};
use attache_testkit::world::World;

#[allow(clippy::needless_pass_by_value, reason = "it reads better")]
fn terms(more: Value) -> Value {
    let mut terms = json!({"issuer": "https://login.mill.example", "audience": "attache"});
    let more = more.as_object().unwrap().clone();
    terms.as_object_mut().unwrap().extend(more);
    terms
}

fn public() -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2", "y": "x_FEzRu9", "kid": "1"})
}

#[tokio::test]
async fn keys_come_from_discovery_an_address_or_the_caller() {
    let world = World::new().await;
    for (place, keys) in [
        json!({"from": "discovery"}),
        json!({"from": "url", "url": "https://login.mill.example/keys"}),
        json!({"from": "jwks", "jwks": {"keys": [public()]}}),
    ]
    .into_iter()
    .enumerate()
    {
        let body = terms(json!({"keys": keys, "audience": format!("attache {place}")}));
        let made = done(&world, "POST /issuers", body).await;
        assert_eq!(made.at("/keys"), keys);
        assert_eq!(made.at("/finds_by"), "key");
        assert_eq!(made.at("/subject_claim"), "sub");
        let path = format!("/issuers/{}", made.at("/id").as_str().unwrap());
        assert_eq!(get(&world, &path).await, made.json());
    }
    assert_eq!(each(&world, "/issuers", "/audience").await.len(), 3);
}

#[tokio::test]
async fn its_terms_change_as_a_whole_and_it_goes() {
    let world = World::new().await;
    let first = terms(json!({"finds_by": "email", "token_type": "at+jwt",
        "tenant_claim": {"name": "org_id", "value": "acme"}}));
    let made = done(&world, "POST /issuers", first).await;
    assert_eq!(made.at("/tenant_claim/value"), "acme");
    let path = format!("/issuers/{}", made.at("/id").as_str().unwrap());
    let now = done(&world, &format!("PUT {path}"), terms(json!({}))).await;
    assert_eq!(now.at("/finds_by"), "key");
    assert_eq!(now.at("/tenant_claim"), Value::Null);
    assert_eq!(now.at("/created_at"), made.at("/created_at"));
    done(&world, &format!("DELETE {path}"), Value::Null).await;
    for (method, body) in [
        ("GET", Value::Null),
        ("PUT", terms(json!({}))),
        ("DELETE", Value::Null),
    ] {
        is(
            &admin(&world, &format!("{method} {path}"), body).await,
            404,
            "not-found",
        );
    }
}

#[tokio::test]
async fn what_cannot_be_trusted_is_named() {
    let world = World::new().await;
    let mut private = public();
    private["d"] = json!("870MB6gf");
    let jwks = |keys: Value| terms(json!({"keys": {"from": "jwks", "jwks": keys}}));
    let before = world.revision().await;
    for (body, error) in [
        (
            jwks(json!({"keys": [public(), private]})),
            "keys.jwks must hold public keys only",
        ),
        (jwks(json!({"keys": []})), "keys.jwks must hold a key"),
        (jwks(json!("text")), "keys.jwks must be a JWK set"),
        (
            terms(json!({"keys": {"from": "url", "url": "http://login.mill.example"}})),
            "keys.url must be",
        ),
        (
            terms(json!({"keys": {"from": "url"}})),
            "keys.url is required",
        ),
        (terms(json!({"keys": {"from": "thin air"}})), "keys"),
        (
            terms(json!({"keys": {"from": "discovery", "url": "https://x.example"}})),
            "keys.url is not known",
        ),
        (
            terms(json!({"issuer": "login.mill.example"})),
            "issuer must be an address",
        ),
        (
            terms(json!({"audience": ""})),
            "audience must have 1 to 255 bytes",
        ),
        (
            terms(json!({"audience": " "})),
            "audience must not be empty",
        ),
        (
            terms(json!({"audience": "\u{3164}"})),
            "audience must not contain invisible",
        ),
        (
            terms(json!({"audience": "a\u{200b}b"})),
            "audience must not contain invisible",
        ),
        (
            terms(json!({"issuer": " https://x.example",
                "keys": {"from": "jwks", "jwks": {"keys": [public()]}}})),
            "issuer must not begin or end with a space",
        ),
        (
            terms(json!({"finds_by": "name"})),
            "finds_by must be one of key, id, email",
        ),
        (
            terms(json!({"tenant_claim": {"name": "org"}})),
            "tenant_claim.value is required",
        ),
        (terms(json!({"aud": "x"})), "aud is not known here"),
        (
            json!({"issuer": "https://x.example"}),
            "audience is required",
        ),
    ] {
        let answer = admin(&world, "POST /issuers", body.clone()).await;
        is(&answer, 400, "invalid");
        let errors = errors(&answer);
        assert!(errors[0].starts_with(error), "{body}: {errors:?}");
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn the_same_tokens_are_one_issuers_only() {
    let world = World::new().await;
    done(&world, "POST /issuers", terms(json!({}))).await;
    is(
        &admin(&world, "POST /issuers", terms(json!({}))).await,
        409,
        "taken",
    );
    let other = done(&world, "POST /issuers", terms(json!({"audience": "other"}))).await;
    let what = format!("PUT /issuers/{}", other.at("/id").as_str().unwrap());
    is(&admin(&world, &what, terms(json!({}))).await, 409, "taken");
}

#[tokio::test]
async fn choosing_one_takes_everything() {
    let mut world = World::new().await;
    let most = ["tenants.*".to_owned()];
    world
        .caller_with("most", attache_testkit::world::wishes::ROOT, &most)
        .await;
    let made = done(&world, "POST /issuers", terms(json!({}))).await;
    let path = format!("/issuers/{}", made.at("/id").as_str().unwrap());
    for (what, body) in [
        ("POST /issuers".to_owned(), terms(json!({"audience": "x"}))),
        (format!("PUT {path}"), terms(json!({"audience": "x"}))),
        (format!("DELETE {path}"), Value::Null),
    ] {
        let answer = by(&world, "most", &what, body.clone()).await;
        is(&answer, 403, "forbidden");
        assert_eq!(answer.at("/permission"), "*");
        is(&by(&world, "local", &what, body).await, 404, "not-found");
    }
    let read = by(&world, "most", &format!("GET {path}"), Value::Null).await;
    assert_eq!(read.status, 200, "{}", read.body);
}
