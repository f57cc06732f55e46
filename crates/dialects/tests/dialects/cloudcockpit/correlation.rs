//! `X-Correlation-Id`: a UUID, or left out.

use uuid::Uuid;

use super::path_of;
use attache_testkit::world::{Answer, World, acme, ids};

async fn with(world: &World, path: &str, id: Option<&str>) -> Answer {
    let mut ask = world.get(path).by("reader");
    ask = ask.header("X-Tenant", acme::DOMAIN);
    if let Some(id) = id {
        ask = ask.header("X-Correlation-Id", id);
    }
    ask.send().await
}

fn unknown() -> String {
    format!("/v1/customer/{}/users", ids::NOTHING)
}

#[tokio::test]
async fn a_uuid_comes_back_with_every_answer() {
    let world = World::new().await;
    let id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    for path in [path_of(acme::MILL), unknown(), "/v1/customer/x".to_owned()] {
        let answer = with(&world, &path, Some(id)).await;
        assert_eq!(answer.correlation_id(), id, "{path}");
    }
}

#[tokio::test]
async fn it_stands_in_an_errors_body() {
    let world = World::new().await;
    let id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    let answer = with(&world, &unknown(), Some(id)).await;
    assert_eq!(answer.at("/correlationId"), id);
}

#[tokio::test]
async fn left_out_a_new_one_is_made_for_header_and_body() {
    let world = World::new().await;
    let first = with(&world, &unknown(), None).await;
    assert!(Uuid::parse_str(first.correlation_id()).is_ok());
    assert_eq!(first.at("/correlationId"), first.correlation_id());
    let second = with(&world, &unknown(), None).await;
    assert_ne!(first.correlation_id(), second.correlation_id());
}

#[tokio::test]
async fn what_is_no_uuid_is_400_naming_it() {
    let world = World::new().await;
    for id in ["order-7", "1", "6ba7b810-9dad-41d1-80b4", "", "a b"] {
        let answer = with(&world, &path_of(acme::MILL), Some(id)).await;
        assert_eq!(answer.status, 400, "{id:?}");
        assert_eq!(answer.at("/type"), "ValidationError");
        assert_eq!(answer.at("/errors/0/propertyName"), "X-Correlation-Id");
        let made = answer.at("/correlationId");
        assert!(Uuid::parse_str(made.as_str().unwrap()).is_ok(), "{id:?}");
    }
}
