//! Who and what is refused, and how that reads.

use serde_json::Value;

use super::{ask, path_of};
use attache_testkit::world::{Answer, World, acme, globex, ids};

const CORRELATION: &str = "11111111-2222-4333-8444-555555555555";

async fn with_id(world: &World, service: &str, path: &str) -> Answer {
    let ask = world.get(path).by(service).header("X-Tenant", acme::DOMAIN);
    ask.header("X-Correlation-Id", CORRELATION).send().await
}

/// Whether a body is an error as the document has it.
fn is_error(answer: &Answer, kind: &str) {
    let body = answer.json();
    let mut fields: Vec<&str> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    let expected = [
        "correlationId",
        "description",
        "errors",
        "statusCode",
        "type",
    ];
    assert_eq!(fields, expected);
    assert_eq!(body["statusCode"], answer.status);
    assert_eq!(body["type"], kind);
    assert!(body["description"].is_string());
    for error in body["errors"].as_array().unwrap() {
        assert!(error["propertyName"].is_string());
        let said = error["description"].as_array().unwrap();
        assert!(said.iter().all(Value::is_string));
    }
}

#[tokio::test]
async fn a_malformed_uuid_is_400_of_type_validation_error() {
    let world = World::new().await;
    let answer = with_id(&world, "reader", "/v1/customer/mill/users").await;
    insta::assert_snapshot!(answer.golden());
    is_error(&answer, "ValidationError");
    for id in ["1", "%20", "0195e000-0000-7000-8000-00ff0000000g"] {
        let path = format!("/v1/customer/{id}/users");
        let other = with_id(&world, "reader", &path).await;
        assert_eq!(other.all_of_it(), answer.all_of_it(), "{id}");
    }
}

#[tokio::test]
async fn an_unknown_or_invisible_customer_is_404_of_type_not_found() {
    let world = World::new().await;
    let unknown = format!("/v1/customer/{}/users", ids::NOTHING);
    let answer = with_id(&world, "outsider", &unknown).await;
    insta::assert_snapshot!(answer.golden());
    is_error(&answer, "NotFound");
    for other in [acme::MILL, globex::CUSTOMER, acme::HARBOR] {
        let other = with_id(&world, "outsider", &path_of(other)).await;
        assert_eq!(other.all_of_it(), answer.all_of_it());
    }
}

#[tokio::test]
async fn who_sees_the_customer_and_lacks_the_permission_is_told_403_without_a_body() {
    let world = World::new().await;
    let answer = ask(&world, "glance", &path_of(acme::MILL)).await;
    assert_eq!((answer.status, answer.body.as_str()), (403, ""));
    assert_eq!(answer.header("content-type"), None);
}

#[tokio::test]
async fn no_or_a_bad_token_is_401_without_a_body() {
    let world = World::new().await;
    let path = path_of(acme::MILL);
    let none = world.get(&path).header("X-Tenant", acme::DOMAIN);
    let none = none.send().await;
    assert_eq!((none.status, none.body.as_str()), (401, ""));
    assert_eq!(none.header("content-type"), None);
    let bad = world.get(&path).header("X-Tenant", acme::DOMAIN);
    let bad = bad.header("Authorization", "Bearer no").send().await;
    assert_eq!(bad.without_challenge(), none.without_challenge());
}

#[tokio::test]
async fn other_errors_have_the_same_body() {
    let world = World::new().await;
    let path = with_id(&world, "reader", "/v1/customer/x/y/z").await;
    assert_eq!(path.status, 404);
    is_error(&path, "NotFound");
    let ask = world.post(&path_of(acme::MILL)).by("reader");
    let method = ask.header("X-Correlation-Id", CORRELATION).send().await;
    assert_eq!(method.status, 405);
    is_error(&method, "MethodNotAllowed");
    assert_eq!(method.at("/correlationId"), CORRELATION);
}

/// What a defect reads like. There is none to ask for, so the log is taken away.
#[tokio::test]
async fn what_goes_wrong_inside_says_nothing_of_the_inside() {
    let world = World::new().await;
    world.tenants.close().await;
    let ask = world.get(&path_of(acme::MILL)).by("reader");
    let answer = ask.header("X-Tenant", "new.example").send().await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    is_error(&answer, "ServiceUnavailable");
    assert!(!answer.body.contains("database") && !answer.body.contains("sqlite"));
    assert_eq!(answer.header("retry-after"), Some("1"));
}

/// Each request has one fault less than the one before it.
#[tokio::test]
async fn checks_come_in_the_order_that_is_documented() {
    let world = World::new().await;
    let malformed = "/v1/customer/mill/users?resellerId=x".to_owned();
    let unknown = format!("{}?resellerId={}", path_of(acme::MILL), ids::NOTHING);
    let id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    for (caller, correlation_id, tenant, path, status, field) in [
        (None, "x", "nobody.example", &malformed, 401, None),
        (
            Some("glance"),
            "x",
            "nobody.example",
            &malformed,
            400,
            Some("X-Correlation-Id"),
        ),
        (Some("glance"), id, "nobody.example", &malformed, 403, None),
        (
            Some("glance"),
            id,
            acme::DOMAIN,
            &malformed,
            400,
            Some("customerId"),
        ),
        (Some("glance"), id, acme::DOMAIN, &unknown, 403, None),
        (Some("reader"), id, acme::DOMAIN, &unknown, 404, None),
    ] {
        let mut ask = world.get(path);
        if let Some(caller) = caller {
            ask = ask.by(caller);
        }
        ask = ask
            .header("X-Correlation-Id", correlation_id)
            .header("X-Tenant", tenant);
        let answer = ask.send().await;
        assert_eq!(answer.status, status, "{path} {tenant}: {}", answer.body);
        if let Some(field) = field {
            assert_eq!(answer.at("/errors/0/propertyName"), field);
        }
    }
}
