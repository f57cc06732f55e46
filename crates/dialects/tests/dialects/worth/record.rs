//! The envelope, and how a record looks.

use attache_core::model::Status;
use serde_json::{Map, Value, json};

use super::{ask, number, path_of};
use attache_testkit::world::acme::{self, ADA, BEN, CLEO, DORA, EVE, HUGO, IRIS, LI, NAMELESS};
use attache_testkit::world::wishes::{self, grant, user_of};
use attache_testkit::world::{World, ids, person};

async fn record(world: &World, user: u32) -> Map<String, Value> {
    let records = ask(world, "").await.at("/data/records");
    let records = records.as_array().unwrap().iter();
    let mut found = records.filter(|record| number(&record["id"]) == user);
    found.next().unwrap().as_object().unwrap().clone()
}

#[tokio::test]
async fn the_envelope_holds_records_and_totals() {
    let world = World::new().await;
    insta::assert_snapshot!(ask(&world, "").await.golden());
}

#[tokio::test]
async fn total_items_is_a_string_and_total_pages_an_integer() {
    let world = World::new().await;
    let answer = ask(&world, "").await;
    assert_eq!(answer.at("/status"), "success");
    assert_eq!(answer.at("/message"), "Success");
    assert_eq!(answer.at("/data/total_pages"), json!(1));
    assert_eq!(answer.at("/data/total_items"), json!("10"));
    let none = world.get(&path_of(acme::MINE)).by("reader").send().await;
    insta::assert_snapshot!(none.body, @r#"{"status":"success","message":"Success","data":{"records":[],"total_pages":0,"total_items":"0"}}"#);
}

#[tokio::test]
async fn status_is_active_inactive_or_invited() {
    let world = World::new().await;
    for (user, status) in [(BEN, "ACTIVE"), (CLEO, "INACTIVE"), (DORA, "INVITED")] {
        assert_eq!(record(&world, user).await["status"], status);
    }
}

#[tokio::test]
async fn what_is_known_of_a_user_stands_in_its_record() {
    let world = World::new().await;
    let ben = record(&world, BEN).await;
    for (field, value) in [
        ("first_name", json!("Ben")),
        ("last_name", json!("Okafor")),
        ("email", json!("ben@mill.example")),
        ("mobile", json!("+44 20 7946 0000")),
        ("is_email_verified", json!(true)),
        ("is_first_login", json!(false)),
        ("created_at", json!("2026-03-03T09:30:04.000Z")),
        (
            "ext_auth_ref_id",
            json!("ec46bd5b-0fae-47e1-8e4e-d37a5ac87e7e"),
        ),
    ] {
        assert_eq!(ben[field], value, "{field}");
    }
}

#[tokio::test]
async fn mobile_is_null_where_it_is_unknown() {
    let world = World::new().await;
    let nameless = record(&world, NAMELESS).await;
    assert_eq!(nameless.get("mobile"), Some(&Value::Null));
}

#[tokio::test]
async fn who_did_it_is_a_uuid_or_left_out() {
    let world = World::new().await;
    // Dora was added by Ada, Li by a service, Ben by the operator, who has no
    // id; Eve was changed by Ada.
    let dora = record(&world, DORA).await;
    assert_eq!(dora["created_by"], ids::user(ADA).to_string());
    assert_eq!(dora["updated_by"], ids::user(ADA).to_string());
    let li = record(&world, LI).await;
    assert_eq!(li["created_by"], ids::service(acme::DEPUTY).to_string());
    let ben = record(&world, BEN).await;
    assert!(!ben.contains_key("created_by") && !ben.contains_key("updated_by"));
    let eve = record(&world, EVE).await;
    assert!(!eve.contains_key("created_by"));
    assert_eq!(eve["updated_by"], ids::user(ADA).to_string());
}

#[tokio::test]
async fn who_did_it_stays_when_that_user_is_gone() {
    let world = World::new().await;
    let other = grant(wishes::ROOT, user_of(BEN), "admin");
    let gone = attache_core::Command::RemoveUser {
        user: attache_core::Ref::Number(ADA),
    };
    world.operate(&[other, gone]).await;
    let dora = record(&world, DORA).await;
    // Her id stands in the log for ever.
    assert_eq!(dora["created_by"], ids::user(ADA).to_string());
}

#[tokio::test]
async fn the_id_at_the_identity_provider_is_a_uuid_or_left_out() {
    let world = World::new().await;
    assert!(record(&world, BEN).await["ext_auth_ref_id"].is_string());
    assert!(!record(&world, CLEO).await.contains_key("ext_auth_ref_id"));
}

#[tokio::test]
async fn no_field_but_mobile_is_ever_null() {
    let world = World::new().await;
    let records = ask(&world, "").await.at("/data/records");
    for record in records.as_array().unwrap() {
        for (field, value) in record.as_object().unwrap() {
            assert!(!value.is_null() || field == "mobile", "{field}: {record}");
        }
    }
}

#[tokio::test]
async fn subrole_is_the_role_here_that_stands_first_in_the_catalogue() {
    let world = World::new().await;
    // Iris holds agent, viewer through a group, and for an hour cro, which
    // stands before both.
    let cro = record(&world, IRIS).await["subrole"].clone();
    assert_eq!(cro["code"], "cro");
    insta::assert_snapshot!(cro, @r#"{"code":"cro","description":"Chief revenue officer of the customer.","display_name":"CRO","id":"94cc7411-d717-4145-b9b2-aa100fbbb34f","label":"CRO"}"#);
    world.pass(acme::AN_HOUR);
    assert_eq!(record(&world, IRIS).await["subrole"]["code"], "agent");
    assert_eq!(record(&world, LI).await["subrole"]["code"], "viewer");
}

#[tokio::test]
async fn subrole_is_left_out_where_there_is_none() {
    let world = World::new().await;
    // Eve's role stands on the reseller above, Ada's on the root.
    for user in [NAMELESS, EVE, ADA] {
        assert!(!record(&world, user).await.contains_key("subrole"));
    }
}

#[tokio::test]
async fn a_user_is_shown_by_its_id_also_where_it_has_a_key() {
    let world = World::new().await;
    assert_eq!(record(&world, ADA).await["id"], ids::user(ADA).to_string());
    let eve = record(&world, EVE).await;
    assert_eq!(eve["id"], ids::user(EVE).to_string());
}

#[tokio::test]
async fn everybody_who_is_attached_is_listed_whatever_its_status() {
    let world = World::new().await;
    world
        .operate(&[
            person(70).status(Status::Inactive).add(),
            wishes::attach(acme::FORGE, 70),
            wishes::attach(acme::FORGE, HUGO),
        ])
        .await;
    let answer = world.get(&path_of(acme::FORGE)).by("reader").send().await;
    let ids = answer.each("/data/records", "id");
    let mut listed: Vec<u32> = ids.iter().map(number).collect();
    listed.sort_unstable();
    assert_eq!(listed, [BEN, HUGO, 70]);
}
