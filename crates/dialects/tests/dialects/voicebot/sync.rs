//! What POST does.

use attache_core::{Actor, Change};
use serde_json::json;

use super::{MILL, attached, list, sync};
use attache_testkit::world::acme::{self, ADA, BEN, CLEO, DORA, HUGO, LI};
use attache_testkit::world::{World, ids};

#[tokio::test]
async fn exactly_the_named_set_is_attached_afterwards() {
    let world = World::new().await;
    sync(&world, json!([HUGO, BEN, CLEO])).await;
    assert_eq!(attached(&world).await, [BEN, CLEO, HUGO]);
    sync(&world, json!([LI])).await;
    assert_eq!(attached(&world).await, [LI]);
}

#[tokio::test]
async fn the_answer_is_what_get_would_now_say() {
    let world = World::new().await;
    let answer = sync(&world, json!([HUGO, BEN, ADA])).await;
    assert_eq!(answer.all_of_it(), list(&world).await.all_of_it());
    insta::assert_snapshot!(answer.golden());
}

#[tokio::test]
async fn it_is_one_entry_with_all_that_changed() {
    let world = World::new().await;
    let revision = world.revision().await;
    let all_but_dora = [1, 2, 3, 5, 6, 7, 8, 11, 13, HUGO];
    let answer = sync(&world, json!(all_but_dora)).await;
    let entries = world.entries_after(revision).await;
    assert_eq!(entries.len(), 1);
    let customer = ids::resource("customer", 1);
    let changes = [
        Change::MemberRemoved {
            resource: customer,
            user: ids::user(DORA),
        },
        Change::MemberAdded {
            resource: customer,
            user: ids::user(HUGO),
            expires_at: None,
        },
    ];
    assert_eq!(entries[0].changes.list, changes);
    assert_eq!(entries[0].actor, Actor::Service(ids::service(1)));
    assert_eq!(answer.revision(), entries[0].revision.0);
}

#[tokio::test]
async fn all_of_it_happens_or_nothing() {
    let world = World::new().await;
    let (revision, before) = (world.revision().await, attached(&world).await);
    let answer = sync(&world, json!([HUGO, 9_999])).await;
    assert_eq!(answer.status, 422);
    assert_eq!(attached(&world).await, before);
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn repeated_ids_count_once() {
    let world = World::new().await;
    let answer = sync(&world, json!([HUGO, BEN, HUGO, HUGO, BEN])).await;
    assert_eq!(answer.each("/data", "id"), [json!(BEN), json!(HUGO)]);
    assert_eq!(attached(&world).await, [BEN, HUGO]);
}

#[tokio::test]
async fn an_empty_list_detaches_everyone() {
    let world = World::new().await;
    let answer = sync(&world, json!([])).await;
    assert_eq!((answer.status, &*answer.body), (200, r#"{"data":[]}"#));
    assert!(attached(&world).await.is_empty());
}

#[tokio::test]
async fn an_admins_id_is_attached_and_not_shown() {
    let world = World::new().await;
    sync(&world, json!([])).await;
    let answer = sync(&world, json!([ADA, BEN])).await;
    assert_eq!(answer.each("/data", "id"), [json!(BEN)]);
    assert_eq!(attached(&world).await, [ADA, BEN]);
}

#[tokio::test]
async fn an_admin_who_is_attached_and_not_named_is_detached() {
    let world = World::new().await;
    assert!(attached(&world).await.contains(&ADA));
    sync(&world, json!([BEN])).await;
    assert_eq!(attached(&world).await, [BEN]);
}

#[tokio::test]
async fn a_sync_that_changes_nothing_writes_no_entry() {
    let world = World::new().await;
    let named = attached(&world).await;
    let revision = world.revision().await;
    let answer = sync(&world, json!(named)).await;
    assert_eq!((answer.status, answer.revision()), (200, revision));
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn who_stays_keeps_its_roles_and_when_its_membership_ends() {
    let world = World::new().await;
    sync(&world, json!([BEN, acme::KAI])).await;
    assert_eq!(
        super::user(&world, BEN).await["roles"],
        json!(["owner"]),
        "a role goes only with the membership"
    );
    world.pass(acme::AN_HOUR);
    assert_eq!(attached(&world).await, [BEN]);
}

#[tokio::test]
async fn other_customers_are_left_alone() {
    let world = World::new().await;
    sync(&world, json!([])).await;
    let forge = "/third-party/v1/customers/3/users";
    let forge = world.get(forge).by("keeper").send().await;
    assert_eq!(forge.each("/data", "id"), [json!(BEN)]);
}

#[tokio::test]
async fn two_syncs_at_once_leave_one_of_the_two_sets() {
    let world = World::new().await;
    let (one, other) = tokio::join!(
        sync(&world, json!([BEN, HUGO])),
        sync(&world, json!([CLEO, DORA]))
    );
    assert_eq!((one.status, other.status), (200, 200));
    let left = attached(&world).await;
    assert!(left == [BEN, HUGO] || left == [CLEO, DORA], "{left:?}");
}

#[tokio::test]
async fn a_body_is_json_whether_or_not_a_content_type_says_so() {
    let world = World::new().await;
    let head = format!(
        "POST {MILL} HTTP/1.1\r\nAuthorization: Bearer {}\r\nContent-Length: 16",
        world.token("keeper")
    );
    for kind in ["", "\r\nContent-Type: text/plain"] {
        let head = format!("{head}{kind}");
        let (status, ..) = world.raw_text(&head, br#"{"user_ids":[3]}"#).await;
        assert_eq!(status, 200, "{kind}");
    }
    assert_eq!(attached(&world).await, [CLEO]);
}
