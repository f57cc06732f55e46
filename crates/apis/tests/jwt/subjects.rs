//! Whom a token names.

use attache_core::model::{FindsBy, Status};
use attache_core::{Actor, Command, Ref};
use serde_json::{Value, json};
use uuid::Uuid;

use attache_testkit::scene::Scene;
use attache_testkit::world::acme::{self, ADA, ADA_KEY, BEN, CLEO, DORA, GRETA, LI};
use attache_testkit::world::{ids, person};

/// What these tests ask of a scene.
pub(crate) trait Naming {
    async fn found_by(finds_by: FindsBy, claim: &str) -> Self
    where
        Self: Sized;
    fn naming(&self, claim: &str, value: Value) -> String;
    fn with_email(&self, email: &str, verified: Value) -> String;
    async fn knows(&self, token: &str);
}

impl Naming for Scene {
    async fn found_by(finds_by: FindsBy, claim: &str) -> Self {
        let scene = Self::new().await;
        let mut terms = scene.own_trust();
        terms.finds_by = finds_by;
        terms.subject_claim = claim.into();
        scene.change(terms).await;
        scene
    }

    /// A good token with this in place of a claim.
    fn naming(&self, claim: &str, value: Value) -> String {
        self.key.token(&self.claims_with(claim, value))
    }

    fn with_email(&self, email: &str, verified: Value) -> String {
        let mut claims = self.claims_with("email", json!(email));
        claims["email_verified"] = verified;
        self.key.token(&claims)
    }

    /// Prove that a token is somebody's, whatever they may do.
    async fn knows(&self, token: &str) {
        let answer = self.ask(token).await;
        assert!([200, 403, 404].contains(&answer.status), "{}", answer.body);
    }
}

fn set_status(user: u32, status: Status) -> Command {
    Command::ChangeUser {
        user: Ref::Number(user),
        key: None,
        profile: Box::default(),
        status: Some(status),
        facts: Default::default(),
    }
}

#[tokio::test]
async fn a_user_by_its_key() {
    let scene = Scene::found_by(FindsBy::Key, "sub").await;
    scene.accepts(&scene.naming("sub", json!(ADA_KEY))).await;
    scene.knows(&scene.naming("sub", json!("greta"))).await;
    let id = ids::user(ADA).to_string();
    for other in [
        "Greta",
        "greta ",
        "",
        "1",
        "hank",
        &id,
        &ids::user(BEN).to_string(),
    ] {
        scene.refuses(&scene.naming("sub", json!(other))).await;
    }
    scene.refuses(&scene.naming("sub", json!(1))).await;
}

#[tokio::test]
async fn a_user_by_its_id() {
    let scene = Scene::found_by(FindsBy::Id, "sub").await;
    let id = ids::user(ADA).to_string();
    scene.accepts(&scene.naming("sub", json!(id))).await;
    scene
        .accepts(&scene.naming("sub", json!(id.to_uppercase())))
        .await;
    for other in [
        ADA_KEY,
        "1",
        "",
        ids::NOTHING,
        &format!("{{{id}}}"),
        &id.replace('-', ""),
    ] {
        scene.refuses(&scene.naming("sub", json!(other))).await;
    }
    // Somebody's of another tenant.
    let hank = ids::user(attache_testkit::world::globex::USER);
    scene.refuses(&scene.naming("sub", json!(hank))).await;
}

#[tokio::test]
async fn a_user_by_its_verified_email_address() {
    let scene = Scene::found_by(FindsBy::Email, "email").await;
    scene
        .knows(&scene.with_email("ben@mill.example", json!(true)))
        .await;
    scene
        .knows(&scene.with_email("Ben@Mill.example", json!(true)))
        .await;
    // The token must say that it is verified, too.
    for unverified in [json!(false), json!("true"), json!(1), json!(null)] {
        scene
            .refuses(&scene.with_email("ben@mill.example", unverified))
            .await;
    }
    scene
        .refuses(&scene.naming("email", json!("ben@mill.example")))
        .await;
    // Ada's address was never verified here.
    scene
        .refuses(&scene.with_email("ada@acme.example", json!(true)))
        .await;
    scene
        .refuses(&scene.with_email("nobody@mill.example", json!(true)))
        .await;
    scene.refuses(&scene.with_email("", json!(true))).await;
}

#[tokio::test]
async fn an_email_address_of_two_names_neither() {
    let scene = Scene::found_by(FindsBy::Email, "email").await;
    let token = scene.with_email("ben@mill.example", json!(true));
    scene.knows(&token).await;
    let other = person(70).email("BEN@mill.example");
    let other = other.known_to_the_provider_as(Uuid::from_u128(7)).add();
    scene.world.operate(&[other]).await;
    scene.refuses(&token).await;
    // A user who is inactive takes part in that.
    scene
        .world
        .operate(&[set_status(70, Status::Inactive)])
        .await;
    scene.refuses(&token).await;
}

/// The same address as at every other place where addresses are compared.
#[tokio::test]
async fn an_email_address_is_found_however_its_domain_is_written() {
    let scene = Scene::found_by(FindsBy::Email, "email").await;
    let nina = person(70).email("Nina@Bücher.example");
    let nina = nina.known_to_the_provider_as(Uuid::from_u128(7)).add();
    scene.world.operate(&[nina]).await;
    for email in [
        "nina@bücher.example",
        "NINA@xn--bcher-kva.example",
        "nina@bu\u{308}cher.example",
    ] {
        scene.knows(&scene.with_email(email, json!(true))).await;
    }
    // What only looks like the letters of an address is another one.
    for email in [
        "nina@bucher.example",
        "n\u{131}na@bücher.example",
        "mina@bücher.example",
        "nina",
    ] {
        scene.refuses(&scene.with_email(email, json!(true))).await;
    }
}

#[tokio::test]
async fn a_key_that_is_a_uuid_is_found_in_any_case() {
    let scene = Scene::found_by(FindsBy::Key, "sub").await;
    let upper = ADA_KEY.to_uppercase();
    scene.accepts(&scene.naming("sub", json!(upper))).await;
    for other in ["#1", &ADA_KEY.replace('-', ""), &format!("{{{ADA_KEY}}}")] {
        scene.refuses(&scene.naming("sub", json!(other))).await;
    }
}

#[tokio::test]
async fn a_user_by_its_id_at_the_provider() {
    let scene = Scene::found_by(FindsBy::ExternalAuthId, "oid").await;
    let nina = person(70).known_to_the_provider_as("auth0|5f7c").add();
    scene.world.operate(&[nina]).await;
    scene.knows(&scene.naming("oid", json!("auth0|5f7c"))).await;
    for other in ["auth0|5F7C", "5f7c", "#70", ""] {
        scene.refuses(&scene.naming("oid", json!(other))).await;
    }
    scene
        .refuses(&scene.naming("sub", json!("auth0|5f7c")))
        .await;
}

#[tokio::test]
async fn an_invited_user_accepts_by_its_first_sign_in_where_the_trust_says_so() {
    let scene = Scene::new().await;
    let token = scene.token(DORA);
    scene.refuses(&token).await;
    let mut terms = scene.own_trust();
    terms.accepts_invitations = true;
    scene.change(terms).await;
    let before = scene.world.revision().await;
    // A token that is not good accepts nothing.
    let mut claims = scene.claims(DORA);
    claims["exp"] = json!(scene.now() - 3_600);
    scene.refuses(&scene.key.token(&claims)).await;
    assert_eq!(scene.world.revision().await, before);
    scene.knows(&token).await;
    assert_eq!(scene.world.revision().await, before + 1);
    scene.knows(&token).await;
    assert_eq!(scene.world.revision().await, before + 1);
    scene
        .world
        .operate(&[set_status(DORA, Status::Inactive)])
        .await;
    scene.refuses(&token).await;
    assert_eq!(scene.world.revision().await, before + 2);
}

#[tokio::test]
async fn the_claim_may_be_another_one() {
    let scene = Scene::found_by(FindsBy::Key, "https://mill.example/employee").await;
    let claim = "https://mill.example/employee";
    scene.knows(&scene.naming(claim, json!("greta"))).await;
    scene.refuses(&scene.naming("sub", json!("greta"))).await;
    for value in [json!(["greta"]), json!({"key": "greta"}), json!(null)] {
        scene.refuses(&scene.naming(claim, value)).await;
    }
}

#[tokio::test]
async fn an_inactive_user_is_nobody_from_then_on() {
    let scene = Scene::new().await;
    scene.refuses(&scene.token(CLEO)).await;
    // So is an invited one.
    scene.refuses(&scene.token(DORA)).await;
    let token = scene.token(BEN);
    scene.knows(&token).await;
    scene
        .world
        .operate(&[set_status(BEN, Status::Inactive)])
        .await;
    scene.refuses(&token).await;
    scene
        .world
        .operate(&[set_status(BEN, Status::Active)])
        .await;
    scene.knows(&token).await;
    let gone = Command::RemoveUser {
        user: Ref::Number(BEN),
    };
    scene.world.operate(&[gone]).await;
    scene.refuses(&token).await;
}

#[tokio::test]
async fn what_a_user_does_stands_under_its_name() {
    let scene = Scene::new().await;
    let before = scene.world.revision().await;
    let ask = scene
        .world
        .post("/v1/workspaces/harbor/chatbots/concierge/users");
    let bearer = format!("Bearer {}", scene.token(ADA));
    let ask = ask.header("Authorization", &bearer);
    let answer = ask.json(&json!({"userId": "greta"})).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let entries = scene.world.entries_after(before).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].actor, Actor::User(ids::user(ADA)));
    // Who may not, does not.
    for user in [LI, GRETA] {
        let path = "/v1/workspaces/harbor/chatbots/concierge/users/greta";
        let bearer = format!("Bearer {}", scene.token(user));
        let ask = scene.world.delete(path).header("Authorization", &bearer);
        assert_eq!(ask.send().await.status, 403, "{user}");
    }
    assert_eq!(scene.world.revision().await, before + 1);
    assert_eq!(scene.world.state().await.tenant(), acme::tenant());
}
