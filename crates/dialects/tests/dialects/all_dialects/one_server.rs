//! One server, the same tenants: what one dialect writes, all others read.

use serde_json::{Value, json};

use attache_testkit::world::acme::{self, BEN, HUGO, MILL};
use attache_testkit::world::{World, ids, wishes};

async fn ids_at(world: &World, path: &str, list: &str) -> Vec<Value> {
    let ask = world.get(path).by("keeper");
    let answer = ask.header("X-Tenant", acme::DOMAIN).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.each(list, "id")
}

#[tokio::test]
async fn who_is_attached_in_voicebot_is_listed_in_worth_and_cloudcockpit() {
    let world = World::new().await;
    let mill = ids::resource(MILL.0, MILL.1);
    let body = json!({"user_ids": [HUGO, BEN]});
    let ask = world.post("/third-party/v1/customers/1/users").by("keeper");
    assert_eq!(ask.json(&body).send().await.status, 200);
    let expected = [BEN, HUGO].map(|user| json!(ids::user(user)));
    let worth = format!("/auth/api/v1/customers/{mill}/users");
    assert_eq!(ids_at(&world, &worth, "/data/records").await, expected);
    // By name: Hugo has none.
    let cloudcockpit = format!("/v1/customer/{mill}/users");
    let by_name = [HUGO, BEN].map(|user| json!(ids::user(user)));
    assert_eq!(ids_at(&world, &cloudcockpit, "").await, by_name);
}

#[tokio::test]
async fn a_write_is_read_at_once_in_every_dialect() {
    let world = World::new().await;
    let chatbot = "/v1/workspaces/harbor/chatbots/concierge/users";
    for number in 300..330_u32 {
        let person = attache_testkit::world::person(number).add();
        world
            .operate(&[person, wishes::attach(acme::HARBOR, number)])
            .await;
        let id = json!(ids::user(number));
        let ask = world.post(chatbot).by("keeper");
        let added = ask.json(&json!({ "userId": id })).send().await;
        assert_eq!(added.at("/added"), true);
        let listed = world.get(chatbot).by("keeper").send().await;
        assert!(listed.each("/users", "id").contains(&id), "{number}");
        assert!(listed.revision() >= added.revision());
    }
}
