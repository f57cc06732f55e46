//! What `user_ids` can be, and what is said when it is something else.

use serde_json::{Value, json};

use super::{MILL, attached, sync};
use attache_testkit::world::acme::{BEN, HUGO};
use attache_testkit::world::{Answer, SYNC_USERS, World, globex};

/// Send a body, and prove that it was refused with 422 and changed nothing.
async fn unprocessable(world: &World, body: &str) -> Answer {
    let (revision, before) = (world.revision().await, attached(world).await);
    let answer = world.post(MILL).by("keeper").text(body).send().await;
    assert_eq!(answer.status, 422, "{body}: {}", answer.body);
    assert_eq!(attached(world).await, before, "{body}");
    assert_eq!(world.revision().await, revision, "{body}");
    answer
}

/// Which fields a 422 names.
fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.at("/errors");
    let errors = errors.as_object().unwrap();
    assert!(answer.at("/message").is_string());
    for said in errors.values() {
        let said = said.as_array().unwrap();
        assert!(!said.is_empty() && said.iter().all(Value::is_string));
    }
    errors.keys().cloned().collect()
}

#[tokio::test]
async fn user_ids_that_are_missing_are_422() {
    let world = World::new().await;
    for body in ["{}", r#"{"users":[2]}"#, "[]", "[2]", "7", "null", r#""x""#] {
        let answer = unprocessable(&world, body).await;
        assert_eq!(fields(&answer), ["user_ids"], "{body}");
    }
    let answer = unprocessable(&world, "{}").await;
    insta::assert_snapshot!(answer.body, @r#"{"message":"The given data was invalid.","errors":{"user_ids":["The user_ids is required."]}}"#);
}

#[tokio::test]
async fn user_ids_that_are_null_or_no_list_are_422() {
    let world = World::new().await;
    for value in ["null", "2", r#""2""#, "{}", "true"] {
        let body = format!(r#"{{"user_ids":{value}}}"#);
        let answer = unprocessable(&world, &body).await;
        assert_eq!(fields(&answer), ["user_ids"], "{body}");
    }
    let answer = unprocessable(&world, r#"{"user_ids":null}"#).await;
    insta::assert_snapshot!(answer.body, @r#"{"message":"The given data was invalid.","errors":{"user_ids":["The user_ids must be a list of whole numbers."]}}"#);
}

#[tokio::test]
async fn user_ids_that_are_not_whole_numbers_are_422_each_at_its_place() {
    let world = World::new().await;
    let body = r#"{"user_ids":[2,"3",4.5,null,[5],{},true,4]}"#;
    let answer = unprocessable(&world, body).await;
    let places: Vec<String> = (1..=6).map(|n| format!("user_ids.{n}")).collect();
    assert_eq!(fields(&answer), places);
    let answer = unprocessable(&world, r#"{"user_ids":[2,"3"]}"#).await;
    insta::assert_snapshot!(answer.body, @r#"{"message":"The given data was invalid.","errors":{"user_ids.1":["The user_ids.1 must be a whole number."]}}"#);
}

#[tokio::test]
async fn no_body_is_422() {
    let world = World::new().await;
    let (revision, before) = (world.revision().await, attached(&world).await);
    let none = world.post(MILL).by("keeper").send().await;
    let empty = unprocessable(&world, "").await;
    let blank = unprocessable(&world, " \r\n\t").await;
    assert_eq!(none.all_of_it(), empty.all_of_it());
    assert_eq!(none.all_of_it(), blank.all_of_it());
    assert_eq!(none.status, 422);
    assert_eq!(fields(&none), ["user_ids"]);
    assert_eq!(attached(&world).await, before);
    assert_eq!(world.revision().await, revision);
}

#[tokio::test]
async fn an_unknown_id_is_422_at_its_position() {
    let world = World::new().await;
    // One that never was, another tenant's, zero, a negative one, and numbers
    // that no id can have.
    let ids = json!({"user_ids": [
        BEN, 9_999, globex::USER, HUGO, 0, -1, 4_294_967_298_u64, u64::MAX, 1e300,
    ]});
    let answer = unprocessable(&world, &ids.to_string()).await;
    let places = [1, 2, 4, 5, 6, 7, 8].map(|n| format!("user_ids.{n}"));
    assert_eq!(fields(&answer), places);
    let answer = unprocessable(&world, r#"{"user_ids":[2,9999]}"#).await;
    insta::assert_snapshot!(answer.body, @r#"{"message":"The given data was invalid.","errors":{"user_ids.1":["The user_ids.1 is no user's id."]}}"#);
}

#[tokio::test]
async fn another_tenants_user_is_as_unknown_as_nobodys() {
    let world = World::new().await;
    let body = |id: u32| json!({ "user_ids": [id] }).to_string();
    let others = unprocessable(&world, &body(globex::USER)).await;
    let nobodys = unprocessable(&world, &body(globex::USER + 1)).await;
    assert_eq!(others.all_of_it(), nobodys.all_of_it());
}

#[tokio::test]
async fn a_whole_number_may_be_written_with_a_point() {
    // 2.0 is an integer in the language of the published document.
    let world = World::new().await;
    let body = r#"{"user_ids":[2.0]}"#;
    let answer = world.post(MILL).by("keeper").text(body).send().await;
    assert_eq!(answer.each("/data", "id"), [json!(BEN)]);
}

#[tokio::test]
async fn more_ids_than_one_sync_takes_are_422() {
    let world = World::new().await;
    let body = |count: usize| json!({ "user_ids": vec![BEN; count] });
    let too_many = body(SYNC_USERS + 1).to_string();
    let answer = unprocessable(&world, &too_many).await;
    assert_eq!(fields(&answer), ["user_ids"]);
    let just_enough = sync(&world, body(SYNC_USERS)["user_ids"].clone()).await;
    assert_eq!(just_enough.status, 200);
}

#[tokio::test]
async fn other_keys_of_the_body_do_not_matter() {
    let world = World::new().await;
    let body = json!({"user_ids": [BEN], "comment": "monthly"});
    let answer = world.post(MILL).by("keeper").json(&body).send().await;
    assert_eq!(answer.each("/data", "id"), [json!(BEN)]);
}
