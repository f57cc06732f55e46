//! `resellerId`: the context in which users are looked at.
//!
//! For a reseller's user the question that the endpoint asks is asked of the
//! state: with a token and over the wire it is asked in `tests/jwt/dialects.rs`.

use attache_core::ask::Authority;
use attache_core::{Locator, Ref, Refusal};

use super::{ask, list, path_of};
use attache_testkit::world::acme::{
    self, ADA, BAKERY, BEN, EVE, FINN, FORGE, JON, MILL, MINE, NORTH, SOUTH,
};
use attache_testkit::world::wishes::{self, attach};
use attache_testkit::world::{Answer, World, globex, ids};

/// The users of a customer in the context of a reseller.
async fn within(world: &World, customer: (&str, u32), reseller: &str) -> Answer {
    let path = format!("{}?resellerId={reseller}", path_of(customer));
    ask(world, "reader", &path).await
}

fn id_of((kind, number): (&str, u32)) -> String {
    ids::resource(kind, number).to_string()
}

#[tokio::test]
async fn the_customers_own_reseller_changes_nothing() {
    let world = World::new().await;
    let own = within(&world, MILL, &id_of(NORTH)).await;
    assert_eq!(own.all_of_it(), list(&world).await.all_of_it());
}

#[tokio::test]
async fn another_reseller_gives_an_empty_list() {
    let world = World::new().await;
    for (customer, reseller) in [(MILL, SOUTH), (BAKERY, NORTH), (FORGE, NORTH)] {
        let answer = within(&world, customer, &id_of(reseller)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "[]"));
    }
}

#[tokio::test]
async fn an_unknown_reseller_is_404() {
    let world = World::new().await;
    let unknown = within(&world, MILL, ids::NOTHING).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.at("/type"), "NotFound");
    assert_eq!(unknown.at("/description"), "No such reseller.");
    // So is what is no reseller.
    let customer = within(&world, MILL, &id_of(MILL)).await;
    assert_eq!(customer.status, 404);
    let theirs = within(&world, MILL, &id_of(globex::CUSTOMER)).await;
    assert_eq!(theirs.status, 404);
}

#[tokio::test]
async fn a_reseller_that_the_caller_cannot_see_is_as_unknown() {
    let world = World::new().await;
    let correlation = "11111111-2222-4333-8444-555555555555";
    let mut answers = Vec::new();
    for reseller in [id_of(NORTH), id_of(SOUTH), ids::NOTHING.to_owned()] {
        let path = format!("{}?resellerId={reseller}", path_of(MILL));
        let asked = world.get(&path).by("local");
        let asked = asked.header("X-Tenant", acme::DOMAIN);
        let answer = asked.header("X-Correlation-Id", correlation).send().await;
        assert_eq!(answer.status, 404);
        answers.push(answer.all_of_it());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_reseller_that_is_no_uuid_or_stands_twice_is_400() {
    let world = World::new().await;
    let north = id_of(NORTH);
    for given in ["north", "", "1", &format!("{north}&resellerId={north}")] {
        let answer = within(&world, MILL, given).await;
        assert_eq!(answer.status, 400, "{given}");
        assert_eq!(answer.at("/errors/0/propertyName"), "resellerId");
    }
}

/// Whether a customer is in the context that a user of acme asks in.
async fn in_context(
    world: &World,
    user: u32,
    customer: (&str, u32),
    reseller: Option<(&str, u32)>,
) -> Result<bool, Refusal> {
    let state = world.state().await;
    let node = state.find(&wishes::at(customer)).unwrap();
    let reseller = reseller.map(|reseller| Locator::of("reseller", Ref::text(&id_of(reseller))));
    let caller = acme::user_as_caller(user);
    Authority::new(&caller, &state, world.now()).in_context(
        state.view(world.now()),
        node,
        reseller.as_ref(),
    )
}

#[tokio::test]
async fn a_resellers_user_is_in_the_context_of_its_own_when_it_is_left_out() {
    let world = World::new().await;
    for (customer, own) in [(MILL, true), (MINE, true), (BAKERY, false), (FORGE, false)] {
        let asked = in_context(&world, EVE, customer, None).await;
        assert_eq!(asked, Ok(own), "{customer:?}");
    }
    let asked = in_context(&world, JON, BAKERY, None).await;
    assert_eq!(asked, Ok(true));
}

#[tokio::test]
async fn a_resellers_user_may_name_its_own() {
    let world = World::new().await;
    for (customer, own) in [(MILL, true), (BAKERY, false)] {
        let asked = in_context(&world, EVE, customer, Some(NORTH)).await;
        assert_eq!(asked, Ok(own), "{customer:?}");
    }
}

#[tokio::test]
async fn a_resellers_user_who_names_another_is_forbidden() {
    let world = World::new().await;
    // Whether or not it exists.
    for other in [SOUTH, ("reseller", 99)] {
        let asked = in_context(&world, EVE, MILL, Some(other)).await;
        let is_forbidden = matches!(asked, Err(Refusal::Forbidden { .. }));
        assert!(is_forbidden, "{other:?}: {asked:?}");
    }
}

#[tokio::test]
async fn who_works_for_two_resellers_is_in_the_context_of_both() {
    let world = World::new().await;
    world.operate(&[attach(SOUTH, EVE)]).await;
    for customer in [MILL, BAKERY] {
        assert_eq!(in_context(&world, EVE, customer, None).await, Ok(true));
    }
    let named = in_context(&world, EVE, MILL, Some(SOUTH)).await;
    assert_eq!(named, Ok(false));
}

#[tokio::test]
async fn who_works_for_the_tenant_is_in_no_context_unless_it_names_one() {
    let world = World::new().await;
    for user in [ADA, FINN] {
        assert_eq!(in_context(&world, user, BAKERY, None).await, Ok(true));
        let other = in_context(&world, user, BAKERY, Some(NORTH)).await;
        assert_eq!(other, Ok(false));
        let unknown = in_context(&world, user, MILL, Some(("reseller", 99))).await;
        assert!(matches!(unknown, Err(Refusal::NotFound { .. })));
    }
}

#[tokio::test]
async fn a_customers_user_who_names_a_reseller_that_it_cannot_see_is_told_not_found() {
    let world = World::new().await;
    assert_eq!(in_context(&world, BEN, MILL, None).await, Ok(true));
    for reseller in [NORTH, ("reseller", 99)] {
        let asked = in_context(&world, BEN, MILL, Some(reseller)).await;
        assert!(matches!(asked, Err(Refusal::NotFound { .. })), "{asked:?}");
    }
}
