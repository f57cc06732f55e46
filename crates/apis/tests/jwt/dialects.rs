//! A user with a token over all dialects; and what each says about users
//! that no service can show.

use serde_json::Value;

use attache_testkit::examples;
use attache_testkit::scene::Scene;
use attache_testkit::world::acme::{
    self, ADA, BAKERY, BEN, CLEO, DORA, EVE, FINN, FORGE, GRETA, IRIS, JON, KAI, LI, MILL, MINE,
    NAMELESS, NORTH, SOUTH,
};
use attache_testkit::world::wishes::{attach, grant, grant_until, user_of};
use attache_testkit::world::{Answer, globex, ids};

/// What these tests ask of a scene.
trait Asking {
    async fn do_as(&self, user: u32, method: &str, path: &str, body: Option<Value>) -> Answer;
    async fn get_as(&self, user: u32, path: &str) -> Answer;
    async fn worth(&self, user: u32, customer: (&str, u32)) -> Answer;
    async fn cockpit(
        &self,
        user: u32,
        customer: (&str, u32),
        reseller: Option<(&str, u32)>,
    ) -> Answer;
}

impl Asking for Scene {
    async fn do_as(&self, user: u32, method: &str, path: &str, body: Option<Value>) -> Answer {
        let bearer = format!("Bearer {}", self.token(user));
        let mut ask = self.world.ask(method, path);
        ask = ask.header("Authorization", &bearer);
        ask = ask.header("X-Tenant", acme::DOMAIN);
        if let Some(body) = body {
            ask = ask.json(&body);
        }
        ask.send().await
    }

    async fn get_as(&self, user: u32, path: &str) -> Answer {
        self.do_as(user, "GET", path, None).await
    }

    async fn worth(&self, user: u32, customer: (&str, u32)) -> Answer {
        let id = id_of(customer);
        self.get_as(user, &format!("/auth/api/v1/customers/{id}/users"))
            .await
    }

    async fn cockpit(
        &self,
        user: u32,
        customer: (&str, u32),
        reseller: Option<(&str, u32)>,
    ) -> Answer {
        let mut path = format!("/v1/customer/{}/users", id_of(customer));
        if let Some(reseller) = reseller {
            path += &format!("?resellerId={}", id_of(reseller));
        }
        self.get_as(user, &path).await
    }
}

fn id_of((kind, number): (&str, u32)) -> String {
    ids::resource(kind, number).to_string()
}

const CHATBOT: &str = "/v1/workspaces/harbor/chatbots/concierge/users";

#[tokio::test]
async fn an_admin_does_what_each_dialect_offers() {
    let scene = Scene::new().await;
    let bearer = format!("Bearer {}", scene.token(ADA));
    // Reads first: a sync detaches her, and Worth lists for who is attached only.
    let mut operations = examples::all();
    operations.sort_by_key(examples::Operation::writes);
    for operation in operations {
        let ask = operation.ask(&scene.world);
        let answer = ask.header("Authorization", &bearer).send().await;
        assert_eq!(
            answer.status, operation.status,
            "{operation:?}: {}",
            answer.body
        );
        assert_ne!(answer.revision(), 0);
    }
}

#[tokio::test]
async fn a_user_may_what_its_roles_allow() {
    let scene = Scene::new().await;
    // Ben owns the mill and the concierge. Greta holds nothing.
    let voicebot = "/third-party/v1/customers/1/users";
    assert_eq!(scene.get_as(BEN, voicebot).await.status, 200);
    assert_eq!(scene.get_as(BEN, CHATBOT).await.status, 200);
    assert_eq!(scene.get_as(GRETA, voicebot).await.status, 404);
    assert_eq!(scene.get_as(GRETA, CHATBOT).await.status, 403);
    assert_eq!(scene.worth(GRETA, MILL).await.status, 403);
    assert_eq!(scene.cockpit(GRETA, MILL, None).await.status, 404);
    // Li is a member of both by itself, and of the mill through a group.
    assert_eq!(scene.get_as(LI, CHATBOT).await.status, 403);
}

#[tokio::test]
async fn chatcaptains_own_header_takes_a_token_too() {
    let scene = Scene::new().await;
    let ask = scene.world.get(CHATBOT);
    let answer = ask
        .header("x-chatcaptain-key", &scene.token(ADA))
        .send()
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn each_dialect_refuses_a_bad_token_and_an_issuer_that_is_down_in_its_own_words() {
    let scene = Scene::new().await;
    let paths = [
        "/third-party/v1/customers/1/users".to_owned(),
        format!("/auth/api/v1/customers/{}/users", id_of(MILL)),
        format!("/v1/customer/{}/users", id_of(MILL)),
        CHATBOT.to_owned(),
    ];
    scene.issuer.be(attache_testkit::issuer::Mood::Failing(500));
    for path in &paths {
        let answer = scene.get_as(CLEO, path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(answer.json().is_object());
        assert!(!answer.body.contains(scene.issuer.url()), "{}", answer.body);
    }
    scene.issuer.be(attache_testkit::issuer::Mood::Well);
    scene.world.pass(30);
    for path in &paths {
        let answer = scene.get_as(CLEO, path).await;
        assert_eq!(answer.status, 401, "{path}");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some("Bearer error=\"invalid_token\""));
    }
}

#[tokio::test]
async fn worth_lists_for_who_is_attached_and_holds_the_permission_there_or_above() {
    let scene = Scene::new().await;
    // Li and Iris through a group, Eve above, Finn and Ada on the root.
    for user in [BEN, LI, IRIS, EVE, FINN, ADA] {
        let answer = scene.worth(user, MILL).await;
        assert_eq!(answer.status, 200, "{user}: {}", answer.body);
    }
    assert_eq!(scene.worth(JON, BAKERY).await.status, 200);
}

#[tokio::test]
async fn worth_does_not_list_for_a_member_without_the_permission() {
    let scene = Scene::new().await;
    for user in [NAMELESS, KAI] {
        let answer = scene.worth(user, MILL).await;
        assert_eq!(answer.status, 403, "{user}");
        assert_eq!(answer.at("/errorCode"), "ERR_FORBIDDEN");
    }
}

#[tokio::test]
async fn worth_does_not_list_for_who_holds_the_permission_and_is_not_attached() {
    let scene = Scene::new().await;
    for (user, customer) in [(ADA, MINE), (FINN, MINE), (EVE, MINE), (JON, MILL)] {
        let answer = scene.worth(user, customer).await;
        assert_eq!(answer.status, 403, "{user}");
        assert_eq!(answer.at("/errorCode"), "ERR_FORBIDDEN");
    }
    assert_eq!(scene.worth(CLEO, MILL).await.status, 401, "inactive");
    assert_eq!(scene.worth(DORA, MILL).await.status, 401, "invited");
}

#[tokio::test]
async fn worth_does_not_list_for_whom_a_role_or_membership_has_expired() {
    let scene = Scene::new().await;
    let soon = attache_core::Timestamp::from_millis(scene.world.now().as_millis() + 60_000);
    let role = grant_until(MILL, user_of(NAMELESS), "viewer", Some(soon));
    let kai = grant(MILL, user_of(KAI), "viewer");
    scene.world.operate(&[role, kai]).await;
    for user in [NAMELESS, KAI] {
        assert_eq!(scene.worth(user, MILL).await.status, 200, "{user}");
    }
    scene.world.pass(60);
    assert_eq!(scene.worth(NAMELESS, MILL).await.status, 403);
    scene.world.pass(acme::AN_HOUR);
    assert_eq!(scene.worth(KAI, MILL).await.status, 403);
}

#[tokio::test]
async fn worth_tells_of_an_unknown_customer_only_who_may_see_all() {
    let scene = Scene::new().await;
    for nothing in [("customer", 999), globex::CUSTOMER] {
        assert_eq!(scene.worth(EVE, nothing).await.status, 403);
        let finn = scene.worth(FINN, nothing).await;
        assert_eq!(finn.status, 400);
        assert_eq!(finn.at("/errorCode"), "ERR_BAD_REQUEST");
    }
}

#[tokio::test]
async fn cloudcockpit_fills_in_a_resellers_users_own_reseller() {
    let scene = Scene::new().await;
    let all = scene.cockpit(EVE, MILL, None).await;
    assert_eq!(all.status, 200, "{}", all.body);
    assert!(!all.json().as_array().unwrap().is_empty());
    let named = scene.cockpit(EVE, MILL, Some(NORTH)).await;
    assert_eq!(named.all_of_it(), all.all_of_it());
    // She may list a customer of nobody's, and it is not in her context.
    let in_forge = [attach(FORGE, EVE), grant(FORGE, user_of(EVE), "manager")];
    scene.world.operate(&in_forge).await;
    for reseller in [None, Some(NORTH)] {
        let outside = scene.cockpit(EVE, FORGE, reseller).await;
        assert_eq!((outside.status, outside.body.as_str()), (200, "[]"));
    }
    assert_eq!(scene.cockpit(JON, BAKERY, None).await.status, 200);
}

#[tokio::test]
async fn cloudcockpit_forbids_a_resellers_user_to_name_another() {
    let scene = Scene::new().await;
    // Whether or not it exists.
    for other in [SOUTH, ("reseller", 99)] {
        let answer = scene.cockpit(EVE, MILL, Some(other)).await;
        assert_eq!((answer.status, answer.body.as_str()), (403, ""));
    }
    // Who works for both may name both.
    scene.world.operate(&[attach(SOUTH, EVE)]).await;
    let other = scene.cockpit(EVE, MILL, Some(SOUTH)).await;
    assert_eq!((other.status, other.body.as_str()), (200, "[]"));
    assert_ne!(scene.cockpit(EVE, MILL, None).await.body, "[]");
}

#[tokio::test]
async fn cloudcockpit_leaves_who_works_for_the_tenant_in_no_context() {
    let scene = Scene::new().await;
    for user in [ADA, FINN] {
        assert_ne!(scene.cockpit(user, BAKERY, None).await.body, "[]");
        assert_eq!(scene.cockpit(user, BAKERY, Some(NORTH)).await.body, "[]");
        let unknown = scene.cockpit(user, MILL, Some(("reseller", 99))).await;
        assert_eq!(unknown.status, 404);
    }
    // A customer's user sees no reseller.
    assert_eq!(scene.cockpit(BEN, MILL, None).await.status, 200);
    for reseller in [NORTH, ("reseller", 99)] {
        assert_eq!(scene.cockpit(BEN, MILL, Some(reseller)).await.status, 404);
    }
}

#[tokio::test]
async fn cloudcockpits_tenant_must_be_the_tokens() {
    let scene = Scene::new().await;
    let path = format!("/v1/customer/{}/users", id_of(MILL));
    let bearer = format!("Bearer {}", scene.token(ADA));
    let ask = scene.world.get(&path).header("Authorization", &bearer);
    let answer = ask.header("X-Tenant", globex::DOMAIN).send().await;
    assert_eq!(answer.status, 403);
}
