//! The credential may come in a header of this API's own.

use super::{USERS, list};
use attache_testkit::world::World;

#[tokio::test]
async fn x_chatcaptain_key_is_as_good_as_a_bearer_token() {
    let world = World::new().await;
    let key = world.token("keeper").to_owned();
    let by_key = world.get(USERS).header("x-chatcaptain-key", &key);
    let by_key = by_key.send().await;
    assert_eq!(by_key.status, 200);
    assert_eq!(by_key.all_of_it(), list(&world).await.all_of_it());
    for (method, path) in [
        ("POST", USERS.to_owned()),
        ("DELETE", format!("{USERS}/x")),
        ("POST", format!("{USERS}/x/roles")),
        ("DELETE", format!("{USERS}/x/roles/x")),
    ] {
        let ask = world.ask(method, &path).header("X-ChatCaptain-Key", &key);
        assert_ne!(ask.send().await.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn where_both_are_sent_authorization_counts() {
    let world = World::new().await;
    let key = world.token("keeper").to_owned();
    let asked = world.get(USERS).by("nobody");
    let asked = asked.header("x-chatcaptain-key", &key).send().await;
    assert_eq!(asked.status, 403);
    let bad = world.get(USERS).header("Authorization", "Bearer no");
    let bad = bad.header("x-chatcaptain-key", &key).send().await;
    assert_eq!(bad.status, 401);
}

#[tokio::test]
async fn no_or_a_bad_credential_is_401() {
    let world = World::new().await;
    let none = world.get(USERS).send().await;
    insta::assert_snapshot!(none.golden(), @r#"
    401 application/json
    {
      "error": "Unauthorized",
      "message": "A valid credential is needed.",
      "statusCode": 401
    }
    "#);
    let key = world.token("keeper").to_owned();
    for bad in [
        "",
        "no",
        "Bearer",
        &format!("Bearer {key}"),
        &key[..key.len() - 1],
    ] {
        let asked = world.get(USERS).header("x-chatcaptain-key", bad);
        let asked = asked.send().await;
        assert_eq!(
            asked.without_challenge(),
            none.without_challenge(),
            "{bad:?}"
        );
    }
    let twice = world.get(USERS).header("x-chatcaptain-key", &key);
    let twice = twice.header("x-chatcaptain-key", &key).send().await;
    assert_eq!(twice.without_challenge(), none.without_challenge());
}

#[tokio::test]
async fn no_other_dialect_takes_it() {
    let world = World::new().await;
    let key = world.token("keeper").to_owned();
    for path in [
        "/third-party/v1/customers/1/users",
        "/auth/api/v1/customers/0195e000-0000-7000-8000-006200000001/users",
        "/v1/customer/0195e000-0000-7000-8000-006200000001/users",
    ] {
        let asked = world.get(path).header("x-chatcaptain-key", &key);
        assert_eq!(asked.send().await.status, 401, "{path}");
    }
}
