//! What a user is told of itself.

use serde_json::{Value, json};

use attache_core::Timestamp;
use attache_testkit::scene::Scene;
use attache_testkit::world::acme::{ADA, LI};
use attache_testkit::world::ids;

async fn me(scene: &Scene, token: &str) -> Value {
    let bearer = format!("Bearer {token}");
    let ask = scene.world.get("/api/v1/me");
    let answer = ask.header("Authorization", &bearer).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn a_user_is_told_its_key_address_groups_and_the_end_of_its_token() {
    let scene = Scene::new().await;
    let of_the_admin = async |path: &str| {
        let path = format!("/api/v1{path}");
        scene.world.get(&path).by("deputy").send().await.json()
    };
    // Li is in two groups, and may list none.
    let told = me(&scene, &scene.token(LI)).await;
    let user = of_the_admin(&format!("/users/{}", ids::user(LI))).await;
    assert_eq!(told["caller"], format!("user:{}", ids::user(LI)));
    assert_eq!(
        (&told["key"], &told["email"]),
        (&user["key"], &user["email"])
    );
    let groups = of_the_admin(&format!("/groups?user={}", ids::user(LI))).await;
    assert_eq!(told["groups"], groups["items"]);
    assert_eq!(told["groups"].as_array().unwrap().len(), 2);
    let of_li = scene.world.get("/api/v1/groups");
    let bearer = format!("Bearer {}", scene.token(LI));
    let refused = of_li.header("Authorization", &bearer).send().await;
    assert_eq!(refused.status, 403, "{}", refused.body);

    let told = me(&scene, &scene.token(ADA)).await;
    assert!(
        told["key"].is_string() && told["email"].is_string(),
        "{told}"
    );
    assert_eq!(told["groups"], json!([]));
    // Ten minutes, and what is allowed for clocks.
    let ends: Timestamp = told["expires_at"].as_str().unwrap().parse().unwrap();
    let seconds = ends.as_millis() / 1_000 - scene.now();
    assert!((600..=720).contains(&seconds), "{seconds}");
}
