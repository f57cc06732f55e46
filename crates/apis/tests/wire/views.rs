//! The two views of a request: the present says what the caller may, whatever is shown.

use std::sync::Arc;

use attache_apis::router_with;
use attache_core::command::GrantRef;
use attache_core::model::Parameters;
use attache_core::{Command, Locator, Ref, State, Timestamp};
use attache_http::{Session, in_process};
use attache_testkit::world::{World, wishes};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// A state, and an instant of it.
type Then = (Arc<State>, Timestamp);

/// What a caller may, of the customer with the number 1, and which revision is shown.
async fn asked(world: &World, service: &str, then: Option<Then>) -> Value {
    let answer = move |session: Session| {
        let then = then.clone();
        async move {
            let session = match then {
                Some((state, at)) => session.about(state, at),
                None => session,
            };
            let customer = Locator::of("customer", Ref::Number(1));
            let node = session.authorize(&customer, "users.list");
            let subject = session.subject().state();
            let listed = node.ok().and_then(|node| subject.resource(node));
            Json(json!({
                "lists": listed.map(|it| it.number.0),
                "everything": session.must_hold_everything().is_ok(),
                "sees": session.sight().sees_all(),
                "shown": subject.revision().0,
            }))
        }
    };
    let others = Router::new().route("/asked", get(answer));
    let request = http::Request::get("/asked")
        .header("authorization", format!("Bearer {}", world.token(service)))
        .body(Default::default());
    let router = router_with(world.app.clone(), others);
    let answer = in_process::ask(router, request.unwrap()).await.unwrap();
    serde_json::from_slice(answer.body()).unwrap()
}

#[tokio::test]
async fn permissions_of_the_past_do_not_decide_who_may_ask_today() {
    let mut world = World::new().await;
    let everything = ["*".to_owned()];
    world.caller_with("was", ("tenant", 1), &everything).await;
    let then = (world.state().await, world.now());
    world.pass(60);
    let grant = GrantRef {
        resource: Locator::root(),
        subject: wishes::service_named("was"),
        role: "was".into(),
        parameters: Parameters::none(),
    };
    world.operate(&[Command::Revoke { grant }]).await;
    world.caller_with("is", ("tenant", 1), &everything).await;
    let (past, now) = (then.0.revision().0, world.revision().await);
    let may = |shown: u64| json!({"lists": 1, "everything": true, "sees": true, "shown": shown});
    let may_not =
        |shown: u64| json!({"lists": null, "everything": false, "sees": false, "shown": shown});
    assert_eq!(asked(&world, "is", None).await, may(now));
    assert_eq!(asked(&world, "is", Some(then.clone())).await, may(past));
    assert_eq!(asked(&world, "was", None).await, may_not(now));
    assert_eq!(asked(&world, "was", Some(then)).await, may_not(past));
}

#[tokio::test]
async fn the_instant_that_is_shown_does_not_decide_who_may_ask() {
    let mut world = World::new().await;
    let everything = ["*".to_owned()];
    world.caller_with("short", ("tenant", 1), &everything).await;
    let before = world.now();
    let end = Some(Timestamp::from_millis(before.as_millis() + 30_000));
    let until = wishes::grant_until(("tenant", 1), wishes::service_named("short"), "short", end);
    world.operate(&[until]).await;
    let state = world.state().await;
    let shown = state.revision().0;
    let then = Some((state, before));
    let lists = |answer: Value| answer["lists"].clone();
    assert_eq!(lists(asked(&world, "short", then.clone()).await), json!(1));
    world.pass(60);
    let refused = asked(&world, "short", then).await;
    assert_eq!(refused["shown"], json!(shown));
    assert_eq!(lists(refused), Value::Null);
}
