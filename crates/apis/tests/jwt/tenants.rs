//! Which tenant a token is of.

use attache_core::id::TenantId;
use attache_core::model::{FindsBy, KeySource, TenantClaim};
use attache_core::{Actor, Catalogue, Command};
use attache_jwt::Settings;
use serde_json::{Value, json};

use attache_testkit::mint::Key;
use attache_testkit::scene::{Scene, issuer_id, trust};
use attache_testkit::world::acme::{self, ADA, ADA_KEY};
use attache_testkit::world::{globex, ids, person};

/// acme and globex both trust the issuer, and both have an Ada.
async fn shared() -> Scene {
    let scene = Scene::new().await;
    let ada = person(ADA).add();
    scene
        .world
        .write(globex::tenant(), Actor::Operator, &[ada])
        .await;
    scene.trust(globex::tenant(), 2, scene.own_trust()).await;
    scene
}

fn by_claim(scene: &Scene, value: &str) -> attache_core::model::Trust {
    let mut terms = scene.own_trust();
    terms.tenant_claim = Some(TenantClaim {
        name: "org".into(),
        value: value.into(),
    });
    terms
}

#[tokio::test]
async fn a_token_that_two_tenants_accept_is_nobodys_until_one_is_named() {
    let scene = shared().await;
    let token = scene.token(ADA);
    scene.refuses(&token).await;
    let id = acme::tenant().to_string();
    for name in ["acme", &id, &id.to_uppercase()] {
        let answer = scene.ask_for(&token, Some(name)).await;
        assert_eq!(answer.status, 200, "{name}");
    }
    // What acme has, globex has not.
    assert_eq!(scene.ask_for(&token, Some("globex")).await.status, 404);
    // Nobody is found where nothing is.
    let nowhere = ids::NOTHING;
    for name in ["nowhere", nowhere, "", "ACME", "acme, acme"] {
        let answer = scene.ask_for(&token, Some(name)).await;
        assert_eq!(answer.status, 401, "{name}");
    }
    let hank = scene.token(globex::USER);
    assert_eq!(scene.ask_for(&hank, Some("globex")).await.status, 404);
    assert_eq!(scene.ask_for(&hank, Some("acme")).await.status, 401);
}

#[tokio::test]
async fn a_tenant_in_which_a_token_names_nobody_takes_nothing_away() {
    let scene = Scene::new().await;
    scene.trust(globex::tenant(), 2, scene.own_trust()).await;
    scene.accepts(&scene.token(ADA)).await;
    // Nor does one whose keys are not to be had.
    let dead = KeySource::Url("http://127.0.0.1:1/keys".into());
    let mut terms = trust(scene.issuer.url(), dead);
    terms.tenant_claim = None;
    terms.audience = "elsewhere".into();
    scene.trust(globex::tenant(), 3, terms).await;
    scene.accepts(&scene.token(ADA)).await;
}

#[tokio::test]
async fn the_web_domain_of_a_tenant_names_it() {
    let scene = shared().await;
    let token = scene.token(ADA);
    let ask = |host: &'static str| {
        let ask = scene.world.get("/third-party/v1/customers/1/users");
        let ask = ask.header("Authorization", &format!("Bearer {token}"));
        ask.header("Host", host).send()
    };
    assert_eq!(ask(acme::DOMAIN).await.status, 200);
    assert_eq!(ask("globex.example:8080").await.status, 404);
    assert_eq!(ask("elsewhere.example").await.status, 401);
}

#[tokio::test]
async fn a_token_counts_at_the_web_domain_of_its_tenant_and_at_no_others() {
    // Only acme trusts the issuer.
    let scene = Scene::new().await;
    let token = scene.token(ADA);
    for (host, tenant, status) in [
        (acme::DOMAIN, None, 200),
        ("localhost", None, 200),
        ("nobody.example", None, 200),
        (globex::DOMAIN, None, 401),
        ("GLOBEX.example:8443", None, 401),
        // The header counts before the host.
        (globex::DOMAIN, Some("acme"), 200),
        (acme::DOMAIN, Some("globex"), 401),
        (acme::DOMAIN, Some("nowhere"), 401),
    ] {
        let ask = scene.world.get("/third-party/v1/customers/1/users");
        let mut ask = ask.header("Authorization", &format!("Bearer {token}"));
        if let Some(tenant) = tenant {
            ask = ask.header("Attache-Tenant", tenant);
        }
        let answer = ask.header("Host", host).send().await;
        assert_eq!(answer.status, status, "{host} {tenant:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_tenant_is_named_once() {
    let scene = shared().await;
    let bearer = format!("Bearer {}", scene.token(ADA));
    let ask = scene.world.get("/third-party/v1/customers/1/users");
    let ask = ask.header("Authorization", &bearer);
    let ask = ask.header("Attache-Tenant", "acme");
    let answer = ask.header("Attache-Tenant", "acme").send().await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn naming_a_tenant_that_does_not_trust_the_issuer_does_not_help() {
    let scene = Scene::new().await;
    let token = scene.token(ADA);
    assert_eq!(scene.ask_for(&token, Some("acme")).await.status, 200);
    assert_eq!(scene.ask_for(&token, Some("globex")).await.status, 401);
}

#[tokio::test]
async fn a_claim_tells_tenants_apart() {
    let scene = Scene::untrusting(Settings::default()).await;
    let (to_acme, to_globex) = (by_claim(&scene, "a"), by_claim(&scene, "g"));
    scene.trust(acme::tenant(), 1, to_acme).await;
    scene.trust(globex::tenant(), 2, to_globex).await;
    let of = |org: Value| scene.key.token(&scene.claims_with("org", org));
    scene.accepts(&of(json!("a"))).await;
    scene.accepts(&of(json!(["x", "a"]))).await;
    for org in [json!("g"), json!("A"), json!("x"), json!(null), json!([])] {
        scene.refuses(&of(org)).await;
    }
    // Both are meant, and Ada is somebody in acme only.
    scene.accepts(&of(json!(["a", "g"]))).await;
    scene.refuses(&scene.token(ADA)).await;
    // A user of globex with globex' token.
    let mut hank = scene.claims(globex::USER);
    hank["org"] = json!("g");
    assert_eq!(scene.ask(&scene.key.token(&hank)).await.status, 404);
    hank["org"] = json!("a");
    scene.refuses(&scene.key.token(&hank)).await;
}

#[tokio::test]
async fn other_audiences_and_other_keys_tell_tenants_apart() {
    let scene = Scene::new().await;
    let mut terms = scene.own_trust();
    terms.audience = "globex' portal".into();
    scene.trust(globex::tenant(), 2, terms).await;
    scene.accepts(&scene.token(ADA)).await;
    // Whoever claims the same issuer and has other keys for it takes nothing away.
    let mine = Key::ed25519("one");
    let pasted = json!({"keys": [mine.jwk()]}).to_string();
    let terms = trust(scene.issuer.url(), KeySource::Pasted(pasted.into()));
    scene.trust(globex::tenant(), 3, terms).await;
    scene.accepts(&scene.token(ADA)).await;
    let forged = mine.token(&scene.claims(ADA));
    scene.refuses(&forged).await;
    assert_eq!(scene.ask_for(&forged, Some("acme")).await.status, 401);
}

#[tokio::test]
async fn a_tenant_that_no_longer_trusts_is_not_asked() {
    let scene = shared().await;
    let token = scene.token(ADA);
    scene.refuses(&token).await;
    let removed = Command::RemoveIssuer {
        issuer: issuer_id(2),
    };
    scene
        .world
        .write(globex::tenant(), Actor::Operator, &[removed])
        .await;
    scene.accepts(&token).await;
    let removed = Command::RemoveIssuer {
        issuer: issuer_id(1),
    };
    scene.world.operate(&[removed]).await;
    scene.refuses(&token).await;
}

#[tokio::test]
async fn an_issuer_that_is_not_known_yet_is_looked_for() {
    let scene = Scene::untrusting(Settings::default()).await;
    let added = Command::AddIssuer {
        id: issuer_id(1),
        trust: Box::new(scene.own_trust()),
    };
    scene.world.operate(&[added]).await;
    scene.accepts(&scene.token(ADA)).await;
}

#[tokio::test]
async fn an_issuer_that_was_just_trusted_counts_at_once() {
    let scene = Scene::untrusting(Default::default()).await;
    let token = scene.token(ADA);
    // The log is asked now, and not asked again for a stranger so soon.
    scene.refuses(&token).await;
    scene.trust(acme::tenant(), 1, scene.own_trust()).await;
    scene.accepts(&token).await;
}

#[tokio::test]
async fn an_issuer_that_nobody_trusts_is_not_asked() {
    let scene = Scene::untrusting(Settings::default()).await;
    scene.refuses(&scene.token(ADA)).await;
    assert_eq!(scene.issuer.asked(), 0);
}

#[tokio::test]
async fn two_issuers_of_a_tenant_that_name_two_users_name_nobody() {
    let scene = Scene::new().await;
    let mut terms = by_claim(&scene, "a");
    terms.subject_claim = "employee".into();
    terms.finds_by = FindsBy::Key;
    scene.trust(acme::tenant(), 2, terms).await;
    let token = |employee: &str| {
        let mut claims = scene.claims_with("org", json!("a"));
        claims["employee"] = json!(employee);
        scene.key.token(&claims)
    };
    scene.accepts(&scene.token(ADA)).await;
    scene.accepts(&token(ADA_KEY)).await;
    scene.refuses(&token("greta")).await;
    scene.refuses(&token("nobody")).await;
}

#[tokio::test]
async fn where_many_tenants_trust_an_issuer_one_has_to_be_named() {
    let scene = Scene::new().await;
    for number in 10..26 {
        let tenant: TenantId = ids::tenant(number);
        let slug = format!("t{number}");
        let catalogue = Catalogue::starting().unwrap();
        scene.world.create(tenant, &slug, &[], catalogue).await;
        let added = Command::AddIssuer {
            id: issuer_id(number),
            trust: Box::new(by_claim(&scene, &slug)),
        };
        let user = person(100 + number).add();
        scene
            .world
            .write(tenant, Actor::Operator, &[added, user])
            .await;
    }
    scene.world.tenants.refresh().await.unwrap();
    // Only acme would accept it, and not all are looked into.
    let token = scene.token(ADA);
    scene.refuses(&token).await;
    assert_eq!(scene.ask_for(&token, Some("acme")).await.status, 200);
    assert_eq!(scene.ask_for(&token, Some("t10")).await.status, 401);
}
