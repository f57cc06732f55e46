//! The answer, and who is listed.

use serde_json::json;

use super::{ask, ids_listed, list, path_of};
use attache_testkit::world::acme::{
    self, ADA, BEN, CLEO, DORA, EVE, FINN, IRIS, JON, KAI, LI, MILL, NAMELESS,
};
use attache_testkit::world::wishes::attach;
use attache_testkit::world::{World, ids, person};

fn shown(users: &[u32]) -> Vec<serde_json::Value> {
    let id = |&user: &u32| json!(ids::user(user));
    users.iter().map(id).collect()
}

#[tokio::test]
async fn the_answer_is_a_bare_array_of_users() {
    let world = World::new().await;
    insta::assert_snapshot!(list(&world).await.golden());
    let mine = ask(&world, "reader", &path_of(acme::MINE)).await;
    assert_eq!((mine.status, mine.body.as_str()), (200, "[]"));
}

#[tokio::test]
async fn it_is_sorted_by_first_and_last_name_without_case_nulls_as_empty() {
    let world = World::new().await;
    // " " and " finn" before "ada lovelace", "dora " before "eve ångström".
    let expected = [NAMELESS, FINN, ADA, BEN, DORA, EVE, IRIS, KAI, LI];
    assert_eq!(ids_listed(&world).await, shown(&expected));
}

#[tokio::test]
async fn equal_names_stand_by_id() {
    let world = World::new().await;
    let mut commands: Vec<_> = [74, 71, 73, 72]
        .map(|number| match number {
            72 => person(number).called("ANN", "lee"),
            73 => person(number).called("ann", ""),
            _ => person(number).called("Ann", "Lee"),
        })
        .map(|person| person.add())
        .into();
    commands.extend([74, 72, 73, 71].map(|user| attach(acme::MINE, user)));
    world.operate(&commands).await;
    let answer = ask(&world, "reader", &path_of(acme::MINE)).await;
    // "ann " stands before "ann lee".
    assert_eq!(answer.each("", "id"), shown(&[73, 71, 72, 74]));
}

#[tokio::test]
async fn names_with_accents_stand_beside_those_without() {
    let world = World::new().await;
    let names = [
        (71, "Zoë", "A"),
        (72, "Émile", "B"),
        (73, "Fay", "C"),
        (74, "Emile", "C"),
        (75, "emile", "A"),
    ];
    let mut commands: Vec<_> = names
        .map(|(n, first, last)| person(n).called(first, last).add())
        .into();
    commands.extend(names.map(|(user, ..)| attach(acme::MINE, user)));
    world.operate(&commands).await;
    let answer = ask(&world, "reader", &path_of(acme::MINE)).await;
    assert_eq!(answer.each("", "id"), shown(&[75, 72, 74, 73, 71]));
}

#[tokio::test]
async fn it_is_complete() {
    let world = World::new().await;
    let many: Vec<_> = (200..1_450)
        .flat_map(|number| [person(number).add(), attach(acme::MINE, number)])
        .collect();
    world.operate(&many).await;
    let path = format!("{}?page=2&$top=5&limit=1", path_of(acme::MINE));
    let answer = ask(&world, "reader", &path).await;
    assert_eq!(answer.json().as_array().unwrap().len(), 1_250);
}

#[tokio::test]
async fn only_who_is_attached_to_the_customer_is_listed() {
    let world = World::new().await;
    // Not who is attached to its reseller or its workspace only.
    world.operate(&[attach(acme::NORTH, acme::HUGO)]).await;
    let listed = ids_listed(&world).await;
    for user in [acme::HUGO, acme::GRETA, JON] {
        assert!(!listed.contains(&json!(ids::user(user))), "{user}");
    }
}

#[tokio::test]
async fn deactivated_users_are_not_listed_and_invited_ones_are() {
    let world = World::new().await;
    let listed = ids_listed(&world).await;
    assert!(!listed.contains(&json!(ids::user(CLEO))));
    assert!(listed.contains(&json!(ids::user(DORA))));
}

#[tokio::test]
async fn a_membership_that_has_expired_no_longer_counts() {
    let world = World::new().await;
    assert!(ids_listed(&world).await.contains(&json!(ids::user(KAI))));
    world.pass(acme::AN_HOUR);
    assert!(!ids_listed(&world).await.contains(&json!(ids::user(KAI))));
}

#[tokio::test]
async fn a_customer_is_found_by_its_key_where_that_is_a_uuid_and_by_its_id() {
    let world = World::new().await;
    let key = format!("/v1/customer/{}/users", acme::FORGE_KEY);
    let by_key = ask(&world, "reader", &key).await;
    let by_id = ask(&world, "reader", &path_of(acme::FORGE)).await;
    assert_eq!(by_key.each("", "id"), shown(&[BEN]));
    assert_eq!(by_key.all_of_it(), by_id.all_of_it());
}

#[tokio::test]
async fn who_may_only_see_one_customer_gets_all_its_users() {
    let world = World::new().await;
    let local = ask(&world, "local", &path_of(MILL)).await;
    assert_eq!(local.all_of_it(), list(&world).await.all_of_it());
}
