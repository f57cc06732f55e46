//! Why a credential was refused stands in the log at debug, and never the credential.

use attache_core::Command;
use attache_core::model::{FindsBy, KeySource, Trust};
use attache_jwt::Settings;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::subjects::Naming as _;
use attache_testkit::issuer::Mood;
use attache_testkit::lines::Lines;
use attache_testkit::mint::Key;
use attache_testkit::scene::{Scene, issuer_id, trust};
use attache_testkit::world::acme::{self, ADA, BEN, CLEO};
use attache_testkit::world::{Answer, globex, ids, person};

/// Prove that an answer is a refusal with a reason of its own, and that the log
/// says nothing of the credential. Returns what the log says.
fn is_refused(lines: &Lines, answer: &Answer, credential: &str, reason: &str) -> String {
    let said = lines.take();
    assert_eq!(answer.status, 401, "{reason}: {}", answer.body);
    assert!(!answer.body.contains(reason), "{}", answer.body);
    let line = said
        .lines()
        .find(|line| line.contains("a credential was refused"));
    let line = line.unwrap_or_else(|| panic!("{reason}: {said}"));
    assert!(line.contains(reason), "{reason}: {line}");
    assert!(line.contains("DEBUG"), "{line}");
    for part in credential
        .split(['.', ' ', '_'])
        .filter(|part| part.len() > 12)
    {
        assert!(!said.contains(part), "{reason}: {said}");
    }
    said
}

/// The line that warns of something, which must be there.
fn warning<'a>(said: &'a str, of: &str) -> &'a str {
    let line = said.lines().find(|line| line.contains(of));
    let line = line.unwrap_or_else(|| panic!("{of}: {said}"));
    assert!(line.contains("WARN"), "{line}");
    line
}

#[tokio::test]
async fn every_refusal_of_a_token_has_its_own_reason() {
    let scene = Scene::new().await;
    let key = &scene.key;
    let good = scene.token(ADA);
    let (front, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = front.split_once('.').unwrap();
    let claims = |name: &str, value: Value| key.token(&scene.claims_with(name, value));
    let without = |name: &str| {
        let mut claims = scene.claims(ADA);
        claims.as_object_mut().unwrap().remove(name);
        key.token(&claims)
    };
    let header_with = |name: &str, value: Value| {
        key.token_with(&key.header_with(name, value), &scene.claims(ADA))
    };
    let twice = format!(
        "{},\"alg\":\"EdDSA\"}}",
        key.header().to_string().trim_end_matches('}')
    );
    let now = scene.now();
    let url = scene.issuer.url();
    let (lines, _reading) = Lines::read();
    for (token, reason) in [
        ("x".to_owned(), "it does not have three parts"),
        (format!("{front}."), "it is not signed"),
        (format!("{good}.AAAA.AAAA"), "it is encrypted"),
        (format!("{header}=.{payload}.{signature}"), "not base64url"),
        (key.token_of("[]", "{}", "EdDSA"), "no JSON object"),
        (
            key.token_of(twice, scene.claims(ADA).to_string(), "EdDSA"),
            "without repeated keys",
        ),
        (header_with("crit", json!(["exp"])), "its header has crit"),
        (header_with("b64", json!(true)), "its header has b64"),
        (
            header_with("alg", json!("none")),
            "its algorithm is not accepted",
        ),
        (
            header_with("alg", json!("HS256")),
            "its algorithm is not accepted",
        ),
        (header_with("kid", json!(7)), "is no text"),
        (
            claims("padding", json!("x".repeat(9_000))),
            "it is too long",
        ),
        (without("iss"), "it names no issuer"),
        (
            claims("iss", json!(format!("{url}/"))),
            "differs by a slash at its end",
        ),
        (
            claims("iss", json!("https://other.example")),
            "no tenant trusts its issuer: iss must be",
        ),
        (
            header_with("typ", json!("logout+jwt")),
            "neither JWT nor at+jwt",
        ),
        (
            without("aud"),
            "it has no aud: let the issuer write the trust's audience",
        ),
        (
            claims("aud", json!("other")),
            "its aud is not the trust's audience",
        ),
        (
            claims("aud", json!(["other", 7])),
            "its aud is not the trust's audience",
        ),
        (without("exp"), "it does not say when it expires"),
        (claims("exp", json!(now - 61)), "it has expired"),
        (claims("exp", json!("soon")), "a time of it is no number"),
        (claims("nbf", json!(now + 61)), "it is from the future"),
        (claims("iat", json!(now + 61)), "it is from the future"),
        (claims("cnf", json!({})), "it is bound to a key"),
        (without("sub"), "it lacks the claim that names the user"),
        (
            claims("sub", json!(7)),
            "the claim that names the user is no text",
        ),
        (
            claims("sub", json!("nobody-known-here")),
            "no user has the id that it names",
        ),
        (
            key.token(&scene.claims(CLEO)),
            "the user that it names is inactive",
        ),
        (
            Key::ed25519("two").token(&scene.claims(ADA)),
            "publishes no key of its kid",
        ),
        (
            Key::ed25519("one").token(&scene.claims(ADA)),
            "its signature is not good",
        ),
        (
            Key::p256("one").token(&scene.claims(ADA)),
            "which says no alg: let the issuer say alg in its keys",
        ),
    ] {
        let answer = scene.ask(&token).await;
        is_refused(&lines, &answer, &token, reason);
    }
    assert_eq!(scene.ask(&good).await.status, 200);
    assert!(!lines.take().contains("refused"));
}

#[tokio::test]
async fn what_an_issuer_has_to_do_stands_in_the_log() {
    let scene = Scene::untrusting(Settings::default()).await;
    let rsa = Key::rsa("three");
    let jwks = vec![
        rsa.jwk(),
        scene.key.jwk_with("use", json!("enc")),
        Key::p256("four").jwk_with("alg", json!("ES256")),
    ];
    let text = json!({ "keys": jwks }).to_string();
    let url = scene.issuer.url();
    let by_email = Trust {
        subject_claim: "email".into(),
        finds_by: FindsBy::Email,
        ..trust(url, KeySource::Pasted(text.into()))
    };
    scene.trust(acme::tenant(), 1, by_email).await;
    let claims = |verified: Option<Value>| {
        let mut claims = scene.claims_with("email", json!("ada@acme.example"));
        if let Some(verified) = verified {
            claims["email_verified"] = verified;
        }
        claims
    };
    let good = claims(Some(json!(true)));
    let with = |header: Value, claims: &Value| rsa.token_with(&header, claims);
    let (lines, _reading) = Lines::read();
    for (token, reason) in [
        (
            with(json!({"alg": "RS512", "kid": "three"}), &good),
            "which says no alg: let the issuer say alg in its keys",
        ),
        (
            with(json!({"alg": "RS256", "kid": "four"}), &good),
            "its alg is not the one that the issuer's key says",
        ),
        (
            scene.key.token(&good),
            "the issuer's key for it is not used: attache issuer keys says why",
        ),
        (
            with(rsa.header(), &claims(Some(json!("true")))),
            "its email_verified is a text: let the issuer send true without quotes",
        ),
        (
            with(rsa.header(), &claims(Some(json!(1)))),
            "neither true nor false",
        ),
        (
            with(rsa.header(), &claims(Some(json!(false)))),
            "its e-mail address is not verified",
        ),
        (
            with(rsa.header(), &claims(None)),
            "it has no email_verified: let the issuer send it",
        ),
        (
            with(rsa.header(), &good),
            "no user has the e-mail address that it names, verified",
        ),
    ] {
        let answer = scene.ask(&token).await;
        is_refused(&lines, &answer, &token, reason);
        assert!(!answer.body.contains("alg"));
    }
}

#[tokio::test]
async fn which_tenant_is_meant_has_its_reasons() {
    let scene = Scene::new().await;
    scene.trust(globex::tenant(), 2, scene.own_trust()).await;
    let token = scene.token(ADA);
    let (lines, _reading) = Lines::read();
    for (tenant, reason) in [
        ("nobody", "Attache-Tenant is no tenant's slug or id"),
        ("globex", "no user has the id that it names"),
    ] {
        let answer = scene.ask_for(&token, Some(tenant)).await;
        is_refused(&lines, &answer, &token, reason);
    }
    let twice = scene.world.get("/third-party/v1/customers/1/users");
    let twice = twice.header("Authorization", &format!("Bearer {token}"));
    let twice = twice
        .header("Attache-Tenant", "acme")
        .header("Attache-Tenant", "acme");
    is_refused(
        &lines,
        &twice.send().await,
        &token,
        "Attache-Tenant is repeated",
    );
    let gone = Command::RemoveIssuer {
        issuer: issuer_id(1),
    };
    scene.world.operate(&[gone]).await;
    let answer = scene.ask_for(&token, Some("acme")).await;
    is_refused(
        &lines,
        &answer,
        &token,
        "the tenant does not trust its issuer any more",
    );
    let other = trust("https://other.example", KeySource::Discovery);
    scene.trust(globex::tenant(), 3, other).await;
    let token = scene
        .key
        .token(&scene.claims_with("iss", json!("https://other.example")));
    let answer = scene.ask_for(&token, Some("acme")).await;
    is_refused(
        &lines,
        &answer,
        &token,
        "the tenant that Attache-Tenant names does not trust its issuer",
    );
}

#[tokio::test]
async fn of_several_trusts_of_an_issuer_the_reason_is_of_the_one_with_which_the_token_got_furthest()
{
    for order in [[2, 3], [3, 2]] {
        let scene = Scene::untrusting(Settings::default()).await;
        let by_id = Trust {
            audience: "other".into(),
            ..scene.own_trust()
        };
        let by_email = Trust {
            audience: "mail".into(),
            subject_claim: "email".into(),
            finds_by: FindsBy::Email,
            ..scene.own_trust()
        };
        let trusts = [by_id, by_email];
        for (number, trust) in order.into_iter().zip(trusts) {
            scene.trust(acme::tenant(), number, trust).await;
        }
        let mail = |name: &str, value: Value| {
            let mut claims = scene.claims_with("email", json!("ada@acme.example"));
            claims["aud"] = json!("mail");
            claims["email_verified"] = json!(true);
            claims[name] = value;
            claims
        };
        let now = scene.now();
        let (lines, _reading) = Lines::read();
        for (claims, reason) in [
            (
                mail("email_verified", json!("true")),
                "its email_verified is a text",
            ),
            (mail("exp", json!(now - 61)), "it has expired"),
            (
                mail("email", json!("nobody@acme.example")),
                "no user has the e-mail address that it names, verified",
            ),
            (
                mail("aud", json!("third")),
                "its aud is not the trust's audience",
            ),
        ] {
            let token = scene.key.token(&claims);
            let answer = scene.ask(&token).await;
            is_refused(&lines, &answer, &token, reason);
        }
        let stranger = Key::ed25519("one").token(&mail("name", json!("Ada")));
        let answer = scene.ask(&stranger).await;
        is_refused(&lines, &answer, &stranger, "its signature is not good");
    }
}

#[tokio::test]
async fn two_issuers_that_read_a_token_in_two_ways_are_told() {
    let scene = Scene::new().await;
    let other = Trust {
        subject_claim: "other".into(),
        audience: "second".into(),
        ..scene.own_trust()
    };
    scene.trust(acme::tenant(), 2, other).await;
    let (lines, _reading) = Lines::read();
    for (other, found, reason) in [
        (ids::user(BEN), true, "and names two users"),
        (ids::user(999), false, "and one of them finds nobody"),
    ] {
        let mut claims = scene.claims_with("other", json!(other.to_string()));
        claims["aud"] = json!(["attache", "second"]);
        let token = scene.key.token(&claims);
        let answer = scene.ask(&token).await;
        let said = is_refused(&lines, &answer, &token, reason);
        let warning = warning(&said, "a token is ambiguous");
        assert!(warning.contains(&ids::user(ADA).to_string()), "{warning}");
        assert_eq!(warning.contains(&other.to_string()), found, "{warning}");
    }
}

#[tokio::test]
async fn a_token_that_finds_several_users_is_a_warning_with_their_ids_and_nothing_else_of_them() {
    let scene = Scene::found_by(FindsBy::Email, "email").await;
    let other = person(70).email("BEN@mill.example");
    let other = other.known_to_the_provider_as(Uuid::from_u128(7)).add();
    scene.world.operate(&[other]).await;
    let token = scene.with_email("ben@mill.example", json!(true));
    let (lines, _reading) = Lines::read();
    let answer = scene.ask(&token).await;
    let said = is_refused(&lines, &answer, &token, "it names several users");
    let warning = warning(&said, "finds several users");
    for user in [BEN, 70] {
        assert!(warning.contains(&ids::user(user).to_string()), "{warning}");
    }
    assert!(!said.to_lowercase().contains("@mill.example"), "{said}");
}

#[tokio::test]
async fn keys_that_do_not_come_are_the_reason_of_a_503() {
    let scene = Scene::new().await;
    scene.issuer.be(Mood::Failing(503));
    let token = scene.token(ADA);
    let (lines, _reading) = Lines::read();
    scene.cannot_tell(&token).await;
    let said = lines.take();
    let line = warning(&said, "not answered");
    for part in ["status=503", "reason=", "keys"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    for part in token.split('.') {
        assert!(!said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn every_refusal_of_an_api_token_has_its_own_reason() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let path = "/third-party/v1/customers/1/users";
    let ask = |token: &str| {
        let ask = world
            .get(path)
            .header("Authorization", &format!("Bearer {token}"));
        ask.send()
    };
    let good = world.token("keeper").to_owned();
    let nowhere = attache_core::id::TenantId(Uuid::from_u128(7));
    let of_nowhere = attache_http::api_token::ApiToken::new(nowhere, world.tenants.ambient());
    let unknown = attache_http::api_token::ApiToken::new(acme::tenant(), world.tenants.ambient());
    let brief = world.token("brief").to_owned();
    let (lines, _reading) = Lines::read();
    let cut = &good[..good.len() - 1];
    for (token, reason) in [
        (
            cut,
            "it is no API token: a part is missing, or its checksum does not fit",
        ),
        (
            of_nowhere.reveal(),
            "the tenant of the API token does not exist",
        ),
        (
            unknown.reveal(),
            "was never created, was revoked, or went with its service",
        ),
        ("attache_operator_nothing", "it is not the operator's token"),
    ] {
        is_refused(&lines, &ask(token).await, token, reason);
    }
    world.pass(acme::AN_HOUR);
    is_refused(
        &lines,
        &ask(&brief).await,
        &brief,
        "the API token has expired",
    );
    let twice = world.get(path).by("keeper").by("keeper").send().await;
    is_refused(&lines, &twice, &good, "there is more than one credential");
    assert_eq!(ask(&good).await.status, 200);
}
