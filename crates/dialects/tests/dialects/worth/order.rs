//! Order.

use super::{ask, number, numbers};
use attache_testkit::world::acme::{ADA, BEN, CLEO, DORA, EVE, FINN, IRIS, KAI, LI, NAMELESS};
use attache_testkit::world::{World, acme, person};

/// When each was added: Ada, then Dora, then Li, then all others at once.
const BY_CREATED_AT: [u32; 10] = [ADA, DORA, LI, BEN, CLEO, NAMELESS, EVE, FINN, IRIS, KAI];

#[tokio::test]
async fn by_created_at_then_id_if_it_is_left_out() {
    let world = World::new().await;
    assert_eq!(numbers(&world, "").await, BY_CREATED_AT);
    assert_eq!(numbers(&world, "sort=created_at").await, BY_CREATED_AT);
}

#[tokio::test]
async fn by_a_field_or_by_minus_a_field() {
    let world = World::new().await;
    let named = numbers(&world, "sort=first_name").await;
    // What is not known stands first; case does not matter; 李 comes last.
    let expected = [NAMELESS, FINN, ADA, BEN, CLEO, DORA, EVE, IRIS, KAI, LI];
    assert_eq!(named, expected);
    let down = numbers(&world, "sort=-first_name").await;
    // Equal ones still stand by id.
    let expected = [LI, KAI, IRIS, EVE, DORA, CLEO, BEN, ADA, NAMELESS, FINN];
    assert_eq!(down, expected);
}

#[tokio::test]
async fn minus_turns_the_order_and_not_that_of_equal_ones() {
    let world = World::new().await;
    let down = numbers(&world, "sort=-created_at").await;
    let expected = [BEN, CLEO, NAMELESS, EVE, FINN, IRIS, KAI, LI, DORA, ADA];
    assert_eq!(down, expected);
}

#[tokio::test]
async fn every_field_sorts() {
    let world = World::new().await;
    for field in [
        "id",
        "first_name",
        "last_name",
        "email",
        "mobile",
        "is_email_verified",
        "is_first_login",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "ext_auth_ref_id",
        "status",
        "subrole",
    ] {
        for sort in [field.to_owned(), format!("-{field}")] {
            let mut found = numbers(&world, &format!("sort={sort}")).await;
            found.sort_unstable();
            let mut all = BY_CREATED_AT;
            all.sort_unstable();
            assert_eq!(found, all, "{sort}");
        }
    }
}

#[tokio::test]
async fn a_sorted_list_is_paged_in_that_order() {
    let world = World::new().await;
    let query = "sort=-email&items_per_page=2&page=2";
    let page = numbers(&world, query).await;
    let whole = numbers(&world, "sort=-email").await;
    assert_eq!(page, whole[2..4]);
    assert_eq!(whole[..4], [LI, DORA, BEN, ADA]);
}

#[tokio::test]
async fn equal_ones_stand_by_id_and_not_by_when_they_were_attached() {
    let world = World::new().await;
    let mut commands: Vec<_> = [73, 71, 72].map(|number| person(number).add()).into();
    commands
        .extend([72, 73, 71].map(|user| attache_testkit::world::wishes::attach(acme::MINE, user)));
    world.operate(&commands).await;
    let path = super::path_of(acme::MINE);
    let answer = world.get(&path).by("reader").send().await;
    let ids = answer.each("/data/records", "id");
    let order: Vec<u32> = ids.iter().map(number).collect();
    assert_eq!(order, [71, 72, 73]);
}

#[tokio::test]
async fn names_with_accents_stand_beside_those_without() {
    let world = World::new().await;
    let names = [
        (71, "Zoë"),
        (72, "Émile"),
        (73, "Fay"),
        (74, "Emil"),
        (75, "Ärne"),
        (76, "arne"),
    ];
    let mut commands: Vec<_> = names
        .map(|(n, name)| person(n).called(name, "").add())
        .into();
    commands
        .extend(names.map(|(user, _)| attache_testkit::world::wishes::attach(acme::MINE, user)));
    world.operate(&commands).await;
    let path = format!("{}?sort=first_name", super::path_of(acme::MINE));
    let answer = world.get(&path).by("reader").send().await;
    let ids = answer.each("/data/records", "id");
    let order: Vec<u32> = ids.iter().map(number).collect();
    assert_eq!(order, [76, 75, 74, 72, 73, 71]);
}

#[tokio::test]
async fn a_filter_and_an_order_go_together() {
    let world = World::new().await;
    let query = "sort=-first_name&last_name=Adeyemi";
    assert_eq!(numbers(&world, query).await, [KAI, CLEO]);
    assert_eq!(ask(&world, query).await.at("/data/total_items"), "2");
}
