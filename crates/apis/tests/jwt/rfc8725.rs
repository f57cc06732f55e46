//! RFC 8725 (JSON Web Token Best Current Practices), section 3, point by point.

use attache_core::model::KeySource;
use attache_jwt::Settings;
use serde_json::json;

use attache_testkit::issuer::Issuer;
use attache_testkit::mint::{Key, base64, hmac_token, unbase64};
use attache_testkit::scene::{Scene, trust};
use attache_testkit::world::acme::{self, ADA};

/// 3.1 Perform Algorithm Verification: the algorithm is the key's, whatever
/// the token says.
#[tokio::test]
async fn perform_algorithm_verification() {
    let scene = Scene::new().await;
    let claims = scene.claims(ADA);
    let rsa = Key::rsa("rsa");
    scene.issuer.publish(&[&scene.key, &rsa]);
    scene.accepts(&rsa.token(&claims)).await;
    // Good signatures, by algorithms that the key is not for.
    for other in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        let token = rsa.token_with(&rsa.header_with("alg", json!(other)), &claims);
        scene.refuses(&token).await;
    }
    // One algorithm is said and another used.
    let says = rsa.header_with("alg", json!("PS256"));
    let token = rsa.token_of(says.to_string(), claims.to_string(), "RS256");
    scene.refuses(&token).await;
    for other in ["none", "None", "NONE", "", "ES512", "RSA-OAEP"] {
        let token = rsa.token_with(&rsa.header_with("alg", json!(other)), &claims);
        scene.refuses(&token).await;
    }
    // The public key, as everybody can read it, as the secret of an HMAC.
    let jwk = rsa.jwk();
    let modulus = jwk["n"].as_str().unwrap();
    for secret in [
        jwk.to_string().as_bytes(),
        modulus.as_bytes(),
        &unbase64(modulus),
    ] {
        let header = json!({"alg": "HS256", "kid": "rsa"});
        scene.refuses(&hmac_token(secret, &header, &claims)).await;
    }
}

/// 3.2 Use Appropriate Algorithms: those that are known to be good, and no others.
#[tokio::test]
async fn use_appropriate_algorithms() {
    let scene = Scene::untrusting(Settings::default()).await;
    let (rsa, p256, p384) = (Key::rsa("rsa"), Key::p256("p256"), Key::p384("p384"));
    let ed = Key::ed25519("ed");
    let mut jwks = vec![p256.jwk(), p384.jwk(), ed.jwk()];
    let of_rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
    for algorithm in of_rsa {
        let mut jwk = rsa.jwk_with("alg", json!(algorithm));
        jwk["kid"] = json!(algorithm);
        jwks.push(jwk);
    }
    scene.issuer.publish_jwks(jwks);
    scene.trust(acme::tenant(), 1, scene.own_trust()).await;
    let claims = scene.claims(ADA);
    for key in [&p256, &p384, &ed] {
        scene.accepts(&key.token(&claims)).await;
    }
    for algorithm in of_rsa {
        let header = json!({"alg": algorithm, "kid": algorithm});
        scene.accepts(&rsa.token_with(&header, &claims)).await;
        // Each key is for its own algorithm only.
        for other in of_rsa.iter().filter(|other| **other != algorithm) {
            let header = json!({"alg": other, "kid": algorithm});
            scene.refuses(&rsa.token_with(&header, &claims)).await;
        }
    }
}

/// 3.3 Validate All Cryptographic Operations. There are no nested tokens here:
/// what is signed is read as claims, and a token within is none.
#[tokio::test]
async fn validate_all_cryptographic_operations() {
    let scene = Scene::new().await;
    let token = scene.token(ADA);
    scene.accepts(&token).await;
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims, signature) = (parts[0], parts[1], parts[2]);
    let other = scene.claims_with("iat", json!(scene.now() - 1));
    let other = scene.key.token(&other);
    let others: Vec<&str> = other.split('.').collect();
    for bad in [
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{header}.{claims}.{}", others[2]),
        format!("{header}.{}.{signature}", others[1]),
        format!("{header}.{claims}.{signature}="),
        format!("{header}.{claims}.{}", base64([])),
        format!("{header}.{claims}.{}", base64([0; 64])),
        format!("{header}.{claims}.{}", &signature[..40]),
        format!("{header}.{claims}.{signature}AAAA"),
    ] {
        scene.refuses(&bad).await;
    }
    let stranger = Key::ed25519("one");
    scene.refuses(&stranger.token(&scene.claims(ADA))).await;
    // A token within a token.
    let header = scene.key.header_with("cty", json!("JWT"));
    let nested = scene.key.token_of(header.to_string(), &token, "EdDSA");
    scene.refuses(&nested).await;
}

/// 3.4 Validate Cryptographic Inputs: a key that is no point of its curve, and
/// a signature of zeros, which some once took for good.
#[tokio::test]
async fn validate_cryptographic_inputs() {
    let scene = Scene::untrusting(Settings::default()).await;
    let (good, off) = (Key::p256("good"), Key::p256("off"));
    let y = base64([7; 32]);
    scene
        .issuer
        .publish_jwks(vec![good.jwk(), off.jwk_with("y", json!(y))]);
    scene.trust(acme::tenant(), 1, scene.own_trust()).await;
    let claims = scene.claims(ADA);
    let token = good.token(&claims);
    scene.accepts(&token).await;
    scene.refuses(&off.token(&claims)).await;
    let (message, _) = token.rsplit_once('.').unwrap();
    scene
        .refuses(&format!("{message}.{}", base64([0; 64])))
        .await;
}

/// 3.5 Ensure Cryptographic Keys Have Sufficient Entropy: RSA keys have 2048
/// bits at least. There are no passwords and no shared secrets to be weak.
#[tokio::test]
async fn ensure_cryptographic_keys_have_sufficient_entropy() {
    let scene = Scene::untrusting(Settings::default()).await;
    let rsa = Key::rsa("rsa");
    let weak = rsa.jwk_with("n", json!(base64([0xFF; 128])));
    let shared = json!({"kty": "oct", "kid": "rsa", "k": base64([7; 32]), "alg": "HS256"});
    scene.issuer.publish_jwks(vec![weak, shared]);
    scene.trust(acme::tenant(), 1, scene.own_trust()).await;
    scene.refuses(&rsa.token(&scene.claims(ADA))).await;
    let keys = scene.world.app.key_sets().check(&scene.own_trust()).await;
    assert!(keys.unwrap().iter().all(|key| key.algorithm.is_err()));
}

/// 3.6 Avoid Compression of Encryption Inputs: does not apply, nothing is
/// encrypted. Encrypted tokens, compressed or not, are refused.
#[tokio::test]
async fn avoid_compression_of_encryption_inputs() {
    let scene = Scene::new().await;
    let header = base64(json!({"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF"}).to_string());
    scene
        .refuses(&format!("{header}.AAAA.AAAA.AAAA.AAAA"))
        .await;
    let token = scene.token(ADA);
    scene.refuses(&format!("{token}.AAAA.AAAA")).await;
}

/// 3.7 Use UTF-8.
#[tokio::test]
async fn use_utf_8() {
    let scene = Scene::new().await;
    let header = scene.key.header().to_string();
    let claims = scene.claims_with("name", json!("Zoë 李")).to_string();
    let token = scene.key.token_of(&header, &claims, "EdDSA");
    scene.accepts(&token).await;
    let latin: Vec<u8> = claims.replace("ë 李", "?").bytes().collect();
    let latin: Vec<u8> = latin
        .iter()
        .map(|&byte| if byte == b'?' { 0xEB } else { byte })
        .collect();
    scene
        .refuses(&scene.key.token_of(&header, latin, "EdDSA"))
        .await;
    let wide: Vec<u8> = claims.encode_utf16().flat_map(u16::to_be_bytes).collect();
    scene
        .refuses(&scene.key.token_of(&header, wide, "EdDSA"))
        .await;
    let marked = format!("\u{feff}{claims}");
    scene
        .refuses(&scene.key.token_of(&header, marked, "EdDSA"))
        .await;
}

/// 3.8 Validate Issuer and Subject: the issuer to the character, with its own
/// keys; the subject is a user.
#[tokio::test]
async fn validate_issuer_and_subject() {
    let scene = Scene::new().await;
    let url = scene.issuer.url();
    for iss in [
        json!(format!("{url}/")),
        json!(url.to_uppercase()),
        json!([url]),
        json!(null),
        json!("https://login.mill.example"),
    ] {
        scene
            .refuses(&scene.key.token(&scene.claims_with("iss", iss)))
            .await;
    }
    // Another issuer that is trusted too signs with its own key only.
    let other = Issuer::with(&[&Key::ed25519("one")]).await;
    let theirs = trust(other.url(), KeySource::Discovery);
    scene.trust(acme::tenant(), 2, theirs).await;
    let claims = scene.claims_with("iss", json!(other.url()));
    scene.refuses(&scene.key.token(&claims)).await;
    for sub in [
        json!(null),
        json!(7),
        json!(""),
        json!(acme::tenant()),
        json!(["x"]),
    ] {
        scene
            .refuses(&scene.key.token(&scene.claims_with("sub", sub)))
            .await;
    }
}

/// 3.9 Use and Validate Audience.
#[tokio::test]
async fn use_and_validate_audience() {
    let scene = Scene::new().await;
    for aud in [
        json!("attache"),
        json!(["attache"]),
        json!(["other", "attache"]),
    ] {
        scene
            .accepts(&scene.key.token(&scene.claims_with("aud", aud)))
            .await;
    }
    for aud in [
        json!("other"),
        json!("Attache"),
        json!("attache "),
        json!([]),
        json!(["other"]),
        json!(["attache", 7]),
        json!({"attache": true}),
        json!(null),
    ] {
        scene
            .refuses(&scene.key.token(&scene.claims_with("aud", aud)))
            .await;
    }
    let mut none = scene.claims(ADA);
    none.as_object_mut().unwrap().remove("aud");
    scene.refuses(&scene.key.token(&none)).await;
}

/// 3.10 Do Not Trust Received Claims: a `kid` is only compared, and keys that a
/// token brings or points to are not looked at.
#[tokio::test]
async fn do_not_trust_received_claims() {
    let scene = Scene::new().await;
    scene.accepts(&scene.token(ADA)).await;
    let (mine, elsewhere) = (Key::ed25519("mine"), Issuer::with(&[]).await);
    elsewhere.publish(&[&mine]);
    let claims = scene.claims(ADA);
    for (name, value) in [
        ("jku", json!(elsewhere.at("/keys"))),
        ("x5u", json!(elsewhere.at("/keys"))),
        ("jwk", mine.jwk()),
        ("x5c", json!(["AAAA"])),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("one' OR '1'='1")),
        ("kid", json!(elsewhere.at("/keys"))),
    ] {
        scene
            .refuses(&mine.token_with(&mine.header_with(name, value), &claims))
            .await;
    }
    assert_eq!(elsewhere.asked(), 0);
    // A good token may carry them; they change nothing.
    let header = scene.key.header_with("jku", json!(elsewhere.at("/keys")));
    scene.accepts(&scene.key.token_with(&header, &claims)).await;
    assert_eq!(elsewhere.asked(), 0);
}

/// 3.11 Use Explicit Typing: where the trust names a type, it must be that one.
#[tokio::test]
async fn use_explicit_typing() {
    let scene = Scene::new().await;
    let mut terms = scene.own_trust();
    terms.token_type = Some("at+jwt".into());
    scene.change(terms).await;
    let claims = scene.claims(ADA);
    let token = |typ: &str| {
        let header = scene.key.header_with("typ", json!(typ));
        scene.key.token_with(&header, &claims)
    };
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        scene.accepts(&token(typ)).await;
    }
    for typ in ["JWT", "", "at", "at+jwt "] {
        scene.refuses(&token(typ)).await;
    }
    scene.refuses(&scene.token(ADA)).await;
}

/// 3.12 Use Mutually Exclusive Validation Rules for Different Kinds of JWTs:
/// what is a token for something else is none here, though its signature is good.
#[tokio::test]
async fn use_mutually_exclusive_validation_rules_for_different_kinds_of_jwts() {
    let scene = Scene::new().await;
    let claims = scene.claims(ADA);
    for typ in ["JWT", "jwt", "at+jwt"] {
        let header = scene.key.header_with("typ", json!(typ));
        scene.accepts(&scene.key.token_with(&header, &claims)).await;
    }
    for typ in [
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "oauth-authz-req+jwt",
        "JOSE",
    ] {
        let header = scene.key.header_with("typ", json!(typ));
        scene.refuses(&scene.key.token_with(&header, &claims)).await;
    }
    let bound = scene.claims_with("cnf", json!({"jkt": "x"}));
    scene.refuses(&scene.key.token(&bound)).await;
}
