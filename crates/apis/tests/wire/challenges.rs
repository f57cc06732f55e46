//! `WWW-Authenticate` (RFC 6750, 3 and 3.1).

use crate::every_api::all;
use attache_testkit::world::World;

const NONE_SENT: Option<&str> = Some("Bearer");
const NOT_GOOD: Option<&str> = Some("Bearer error=\"invalid_token\"");

#[tokio::test]
async fn a_caller_is_told_whether_its_token_was_not_good() {
    let world = World::new().await;
    for request in all() {
        // It stands in some bodies.
        let id = "11111111-2222-4333-8444-555555555555";
        let ask = || request.ask(&world).header("X-Correlation-Id", id);
        let sent = |value: &str| ask().header("Authorization", value).send();
        let none = ask().send().await;
        assert_eq!(
            (none.status, none.header("www-authenticate")),
            (401, NONE_SENT)
        );
        for value in ["Basic YTpi", "Bearer", "Bearer ", "Negotiate x", "x"] {
            let answer = sent(value).await;
            assert_eq!(
                (answer.status, answer.header("www-authenticate")),
                (401, NONE_SENT),
                "{value}"
            );
            assert_eq!(answer.body, none.body);
        }
        for value in [
            "Bearer x",
            "bearer a.b.c",
            "Bearer attache_x",
            "Bearer attache_operator_x",
            "Bearer a, Bearer b",
        ] {
            let answer = sent(value).await;
            assert_eq!(
                (answer.status, answer.header("www-authenticate")),
                (401, NOT_GOOD),
                "{value}"
            );
            // Nothing else tells the two apart.
            assert_eq!(answer.body, none.body);
        }
        let twice = request.ask(&world).by("keeper").by("keeper").send().await;
        assert_eq!(
            (twice.status, twice.header("www-authenticate")),
            (401, NOT_GOOD)
        );
    }
}

#[tokio::test]
async fn chatcaptains_own_header_is_a_credential_too() {
    let world = World::new().await;
    let path = "/v1/workspaces/harbor/chatbots/concierge/users";
    for (keys, expected) in [
        (&["x"][..], NOT_GOOD),
        (&["a", "b"], NOT_GOOD),
        (&[""], NONE_SENT),
    ] {
        let ask = keys.iter().fold(world.get(path), |ask, key| {
            ask.header("x-chatcaptain-key", key)
        });
        let answer = ask.send().await;
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (401, expected),
            "{keys:?}"
        );
    }
    // It is that API's header.
    let other = world
        .get("/api/v1/me")
        .header("x-chatcaptain-key", "x")
        .send()
        .await;
    assert_eq!(
        (other.status, other.header("www-authenticate")),
        (401, NONE_SENT)
    );
}

#[tokio::test]
async fn a_caller_with_a_good_token_is_not_challenged() {
    let world = World::new().await;
    for request in all() {
        let answer = request.ask(&world).by("nobody").send().await;
        assert_ne!(answer.status, 401, "{request:?}");
        assert_eq!(answer.header("www-authenticate"), None, "{request:?}");
    }
}
