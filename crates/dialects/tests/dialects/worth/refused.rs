//! Who and what is refused, and how that reads.

use super::{ask, path_of};
use attache_testkit::world::{World, acme, globex, ids};

#[tokio::test]
async fn a_malformed_uuid_is_400() {
    let world = World::new().await;
    for id in ["mill", "1", "0195e000-0000-7000-8000-00ff0000000g", "%20"] {
        let path = format!("/auth/api/v1/customers/{id}/users");
        let answer = world.get(&path).by("reader").send().await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer.golden(), @r#"
            400 application/json
            {
              "errorCode": "ERR_BAD_REQUEST",
              "message": "customerID must be a UUID.",
              "status": "fail"
            }
            "#);
        }
    }
}

/// What is said of a bad query.
async fn refused(world: &World, query: &str) -> String {
    let answer = ask(world, query).await;
    assert_eq!(answer.status, 400, "{query}: {}", answer.body);
    assert_eq!(answer.at("/status"), "fail");
    assert_eq!(answer.at("/errorCode"), "ERR_BAD_REQUEST");
    answer.at("/message").as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_unknown_key_is_400() {
    let world = World::new().await;
    for key in [
        "firstname",
        "FIRST_NAME",
        "query",
        "limit",
        "subrole.code",
        "filter[page",
        "filter[nothing]",
        "search_filter[]",
        "",
        "number",
    ] {
        let message = refused(&world, &format!("{key}=1")).await;
        assert!(message.contains("is not known here"), "{key}: {message}");
    }
}

#[tokio::test]
async fn a_repeated_key_is_400() {
    let world = World::new().await;
    for query in [
        "status=ACTIVE&status=INACTIVE",
        "status=ACTIVE&status=ACTIVE",
        "page=1&page=1",
        "sort=email&sort=id",
        "first_name=Ben&filter[first_name]=Ben",
        "search_filter[email]=a&filter[email]=a",
    ] {
        let message = refused(&world, query).await;
        assert!(message.contains("is repeated"), "{query}: {message}");
    }
}

#[tokio::test]
async fn a_bad_value_is_400() {
    let world = World::new().await;
    for query in [
        "page=0",
        "page=-1",
        "page=%2B1",
        "page=1.5",
        "page=one",
        "page=",
        "items_per_page=0",
        "items_per_page=1001",
        "items_per_page=",
        "sort=",
        "sort=-",
        "sort=nothing",
        "sort=--email",
        "sort=page",
        "id=7",
        "created_by=ada",
        "updated_by=",
        "ext_auth_ref_id=x",
        "is_email_verified=yes",
        "is_first_login=1",
        "created_at=yesterday",
        "updated_at=2026-03-03",
        "status=GONE",
        "filter[page]=0",
    ] {
        refused(&world, query).await;
    }
    insta::assert_snapshot!(ask(&world, "page=0&status=GONE").await.golden(), @r#"
    400 application/json
    {
      "errorCode": "ERR_BAD_REQUEST",
      "message": "page must be a whole number from 1. status must be ACTIVE, INACTIVE or INVITED.",
      "status": "fail"
    }
    "#);
}

#[tokio::test]
async fn no_or_a_bad_token_is_401() {
    let world = World::new().await;
    let answer = world.get(&path_of(acme::MILL)).send().await;
    insta::assert_snapshot!(answer.golden(), @r#"
    401 application/json
    {
      "errorCode": "ERR_UNAUTHORIZED",
      "message": "A valid credential is needed.",
      "status": "fail"
    }
    "#);
    let bad = world.get(&path_of(acme::MILL));
    let bad = bad.header("Authorization", "Bearer no").send().await;
    assert_eq!(answer.without_challenge(), bad.without_challenge());
}

#[tokio::test]
async fn who_lacks_the_permission_is_told_403() {
    let world = World::new().await;
    let answer = world.get(&path_of(acme::MILL)).by("glance").send().await;
    insta::assert_snapshot!(answer.golden(), @r#"
    403 application/json
    {
      "errorCode": "ERR_FORBIDDEN",
      "message": "This needs the permission customers.users.list.",
      "status": "fail"
    }
    "#);
}

#[tokio::test]
async fn an_unknown_customer_is_400_to_who_may_see_all_customers() {
    let world = World::new().await;
    let unknown = format!("/auth/api/v1/customers/{}/users", ids::NOTHING);
    let answer = world.get(&unknown).by("reader").send().await;
    insta::assert_snapshot!(answer.golden(), @r#"
    400 application/json
    {
      "errorCode": "ERR_BAD_REQUEST",
      "message": "No such customer.",
      "status": "fail"
    }
    "#);
    // Another tenant's customer is as unknown, and so is what is no customer.
    for other in [globex::CUSTOMER, acme::HARBOR, acme::NORTH] {
        let other = world.get(&path_of(other)).by("reader").send().await;
        assert_eq!(other.all_of_it(), answer.all_of_it());
    }
}

#[tokio::test]
async fn to_every_other_caller_it_is_403_like_a_customer_that_exists() {
    let world = World::new().await;
    let unknown = format!("/auth/api/v1/customers/{}/users", ids::NOTHING);
    for service in ["outsider", "local", "glance", "nobody"] {
        let unknown = world.get(&unknown).by(service).send().await;
        assert_eq!(unknown.status, 403, "{service}");
        for there in [acme::BAKERY, globex::CUSTOMER, acme::HARBOR] {
            let there = world.get(&path_of(there)).by(service).send().await;
            assert_eq!(there.all_of_it(), unknown.all_of_it(), "{service}");
        }
    }
}
