//! What GET answers, and how a user looks.

use attache_core::Command;
use attache_core::catalogue::{Parameter, Pattern, Scope, ScopedPermissions};
use attache_core::model::Email;
use serde_json::{Value, json};

use super::{MILL, list, user};
use attache_testkit::world::acme::{ADA, BEN, CLEO, EVE, FINN, HUGO, IRIS, KAI, LI, NAMELESS};
use attache_testkit::world::wishes::{self, ROOT, grant, group_of, user_of};
use attache_testkit::world::{World, acme};

#[tokio::test]
async fn the_answer_is_a_list_of_users_under_data() {
    let world = World::new().await;
    insta::assert_snapshot!(list(&world).await.golden());
}

#[tokio::test]
async fn users_stand_by_number_and_are_never_paged() {
    let world = World::new().await;
    let many: Vec<_> = (200..450)
        .rev()
        .flat_map(|number| {
            let person = attache_testkit::world::person(number);
            [person.add(), wishes::attach(acme::FORGE, number)]
        })
        .collect();
    world.operate(&many).await;
    let path = "/third-party/v1/customers/3/users?page=2&per_page=10&limit=5";
    let answer = world.get(path).by("keeper").send().await;
    let mut expected = vec![json!(BEN)];
    expected.extend((200..450).map(|number: u32| json!(number)));
    assert_eq!(answer.each("/data", "id"), expected);
}

#[tokio::test]
async fn a_long_list_is_written_in_pieces_and_reads_as_a_short_one() {
    let world = World::limited(|limits| {
        limits.body_bytes = 16 * 1024;
        limits.sync_users = 2_000;
    })
    .await;
    let people = |numbers: std::ops::Range<u32>| -> Vec<_> {
        let people = numbers.flat_map(|number| {
            let person = attache_testkit::world::person(number);
            [person.add(), wishes::attach(acme::FORGE, number)]
        });
        people.collect()
    };
    let path = "/third-party/v1/customers/3/users";
    world.operate(&people(200..1_100)).await;
    let short = world.get(path).by("keeper").send().await;
    world.operate(&people(1_100..2_700)).await;
    let long = world.get(path).by("keeper").send().await;
    assert_eq!(long.header("content-type"), Some("application/json"));
    let (short, long) = (short.json(), long.json());
    let (short, long) = (
        short["data"].as_array().unwrap(),
        long["data"].as_array().unwrap(),
    );
    assert_eq!(long.len(), short.len() + 1_600);
    assert_eq!(long[..short.len()], short[..]);
    let tag = world.get(path).by("keeper").send().await;
    let tag = tag.header("etag").unwrap().to_owned();
    let known = world.get(path).by("keeper").header("if-none-match", &tag);
    assert_eq!(known.send().await.status, 304);
    // So is the answer to a sync.
    let ids: Vec<u32> = (200..2_000).collect();
    let synced = world
        .post(path)
        .by("keeper")
        .json(&json!({"user_ids": ids}));
    let synced = synced.send().await;
    assert_eq!(synced.each("/data", "id").len(), 1_800);
}

#[tokio::test]
async fn only_who_is_attached_directly_is_listed() {
    let world = World::new().await;
    // Jon is the reseller's and attached to the bakery; Eve is the reseller's
    // and not attached to the mine; nobody of the mill's workspace is here for it.
    let bakery = "/third-party/v1/customers/2/users";
    let bakery = world.get(bakery).by("keeper").send().await;
    assert_eq!(bakery.each("/data", "id"), [json!(acme::JON)]);
    let mine = "/third-party/v1/customers/4/users";
    let mine = world.get(mine).by("keeper").send().await;
    assert_eq!(mine.body, r#"{"data":[]}"#);
    let mill = list(&world).await.each("/data", "id");
    assert!(!mill.contains(&json!(acme::GRETA)));
}

#[tokio::test]
async fn who_holds_admin_on_the_root_is_left_out() {
    let world = World::new().await;
    assert!(super::attached(&world).await.contains(&ADA));
    assert!(!list(&world).await.each("/data", "id").contains(&json!(ADA)));
}

#[tokio::test]
async fn who_holds_admin_through_a_group_is_left_out() {
    let world = World::new().await;
    let admins = group_of(acme::NIGHT_SHIFT);
    world.operate(&[grant(ROOT, admins, "admin")]).await;
    assert!(!list(&world).await.each("/data", "id").contains(&json!(LI)));
}

#[tokio::test]
async fn an_inactive_admin_is_left_out_too() {
    let world = World::new().await;
    let cleo = user_of(CLEO);
    world.operate(&[grant(ROOT, cleo, "admin")]).await;
    assert!(
        !list(&world)
            .await
            .each("/data", "id")
            .contains(&json!(CLEO))
    );
}

#[tokio::test]
async fn a_membership_that_has_expired_no_longer_counts() {
    let world = World::new().await;
    assert!(list(&world).await.each("/data", "id").contains(&json!(KAI)));
    world.pass(acme::AN_HOUR);
    assert!(!list(&world).await.each("/data", "id").contains(&json!(KAI)));
}

#[tokio::test]
async fn email_is_a_string_or_null() {
    let world = World::new().await;
    let email = user(&world, BEN).await["email"].clone();
    assert!(Email::new(email.as_str().unwrap()).is_ok());
    let unknown = user(&world, NAMELESS).await;
    assert_eq!(unknown.get("email"), Some(&Value::Null));
}

#[tokio::test]
async fn a_name_is_first_and_last_or_what_else_is_known() {
    let world = World::new().await;
    world
        .operate(&[
            wishes::attach(acme::MILL, HUGO),
            attache_testkit::world::person(60).key("crm-60").add(),
            wishes::attach(acme::MILL, 60),
        ])
        .await;
    for (number, name) in [
        (BEN, "Ben Okafor"),
        (FINN, "Finn"),
        (LI, "李 小龍"),
        (HUGO, "hugo@acme.example"),
        (60, "crm-60"),
        (NAMELESS, ""),
    ] {
        assert_eq!(user(&world, number).await["name"], name);
    }
}

#[tokio::test]
async fn roles_are_those_on_the_root_and_on_this_customer_sorted_without_repeats() {
    let world = World::new().await;
    // A role on the reseller above is neither.
    assert_eq!(user(&world, EVE).await["roles"], json!([]));
    // Twice the same: granted to Iris, and to a group that she is in.
    world
        .operate(&[
            grant(acme::MILL, user_of(IRIS), "viewer"),
            grant(ROOT, user_of(IRIS), "customer-reader"),
            grant(ROOT, group_of(acme::ACCOUNTS), "customer-reader"),
        ])
        .await;
    let roles = user(&world, IRIS).await["roles"].clone();
    assert_eq!(roles, json!(["agent", "cro", "customer-reader", "viewer"]));
}

#[tokio::test]
async fn a_role_that_has_expired_no_longer_counts() {
    let world = World::new().await;
    let before = user(&world, IRIS).await;
    assert_eq!(before["roles"], json!(["agent", "cro", "viewer"]));
    world.pass(acme::AN_HOUR);
    let after = user(&world, IRIS).await;
    assert_eq!(after["roles"], json!(["agent", "viewer"]));
    let lost = json!("customers.revenue.*");
    assert!(before["permissions"].as_array().unwrap().contains(&lost));
    assert!(!after["permissions"].as_array().unwrap().contains(&lost));
}

#[tokio::test]
async fn permissions_are_the_effective_ones_on_this_customer_sorted() {
    let world = World::new().await;
    // Through the membership, the group, the reseller and the root.
    for (number, expected) in [
        (NAMELESS, json!(["customers.view"])),
        (LI, json!(["customers.users.list", "customers.view"])),
        (BEN, json!(["customers.*", "workspaces.*"])),
        // An inactive user keeps its roles, and they give it nothing.
        (CLEO, json!([])),
    ] {
        assert_eq!(user(&world, number).await["permissions"], expected);
    }
    let eve = user(&world, EVE).await["permissions"].clone();
    let expected = json!(["customers.users.list", "customers.view", "resellers.view"]);
    assert_eq!(eve, expected);
    assert_eq!(user(&world, CLEO).await["roles"], json!(["viewer"]));
}

#[tokio::test]
async fn permissions_are_a_star_for_who_holds_everything() {
    // Admins themselves are never shown; this is how all of it looks.
    let world = World::new().await;
    let all = grant(acme::MILL, user_of(NAMELESS), "everything");
    world.operate(&[all]).await;
    assert_eq!(user(&world, NAMELESS).await["permissions"], json!(["*"]));
}

#[tokio::test]
async fn permissions_for_a_part_of_the_customer_are_not_listed() {
    let world = World::new().await;
    let mut caller = wishes::role(
        90,
        "caller",
        "customer",
        &["customers.bills.view".to_owned()],
    );
    let scope = "customers/{customerId}/lines/{lineId}".to_owned();
    caller.scoped = vec![ScopedPermissions {
        scope: Scope::try_from(scope).unwrap(),
        permissions: vec![Pattern::new("customers.calls.*").unwrap()],
    }];
    caller.parameters = vec![Parameter {
        name: "lineId".to_owned(),
        required: false,
    }];
    let role = Box::new(caller);
    world.operate(&[Command::SetRole { role }]).await;
    let whole = grant(acme::MILL, user_of(NAMELESS), "caller");
    let Command::Grant {
        grant: mut part, ..
    } = whole.clone()
    else {
        unreachable!()
    };
    part.parameters = [("lineId", "7")].into_iter().collect();
    let part = Command::Grant {
        grant: part,
        expires_at: None,
    };
    world.operate(&[part]).await;
    let expected = json!(["customers.bills.view", "customers.view"]);
    assert_eq!(user(&world, NAMELESS).await["permissions"], expected);
    // Without its parameter the role holds on all of the customer.
    world.operate(&[whole]).await;
    let expected = json!([
        "customers.bills.view",
        "customers.calls.*",
        "customers.view"
    ]);
    assert_eq!(user(&world, NAMELESS).await["permissions"], expected);
}

#[tokio::test]
async fn times_are_when_the_user_was_added_and_last_changed() {
    let world = World::new().await;
    let eve = user(&world, EVE).await;
    assert_eq!(eve["created_at"], "2026-03-03T09:30:04.000Z");
    assert_eq!(eve["updated_at"], "2026-03-03T09:30:05.000Z");
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let world = World::new().await;
    let get = list(&world).await;
    let head = world.ask("HEAD", MILL).by("keeper").send().await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-type"), get.header("content-type"));
    assert_eq!(head.revision(), get.revision());
}
