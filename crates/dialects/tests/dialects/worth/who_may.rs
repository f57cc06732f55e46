//! Who may: a user who is attached to the customer and may list its users, or
//! a service that may.
//!
//! For users the question that the endpoint asks is asked of the state: with a
//! token and over the wire it is asked in `tests/jwt/dialects.rs`.

use attache_core::ask::Authority;
use attache_core::{Caller, Locator, Ref, Refusal};

use super::path_of;
use attache_testkit::world::acme::{
    self, ADA, BAKERY, BEN, CLEO, DORA, EVE, FINN, IRIS, JON, KAI, LI, MILL, MINE, NAMELESS,
};
use attache_testkit::world::wishes::{self, grant, user_of};
use attache_testkit::world::{World, globex, ids};

/// Whether a caller may list the users of a customer.
async fn may(world: &World, by: &Caller, (kind, number): (&str, u32)) -> Result<(), Refusal> {
    let id = ids::resource(kind, number).to_string();
    let customer = Locator::of("customer", Ref::text(&id));
    let state = world.state().await;
    let asked = Authority::new(by, &state, world.now()).authorize_attached(
        state.view(world.now()),
        &customer,
        "users.list",
    );
    asked.map(|_| ())
}

async fn user_may(world: &World, user: u32, customer: (&str, u32)) -> bool {
    let asked = may(world, &acme::user_as_caller(user), customer).await;
    if let Err(refusal) = &asked {
        let is_forbidden = matches!(refusal, Refusal::Forbidden { .. });
        assert!(is_forbidden, "{user}: {refusal}");
    }
    asked.is_ok()
}

#[tokio::test]
async fn a_user_who_is_attached_and_whose_role_there_allows_it() {
    let world = World::new().await;
    // Li and Iris through a group.
    for user in [BEN, LI, IRIS] {
        assert!(user_may(&world, user, MILL).await, "{user}");
    }
}

#[tokio::test]
async fn a_user_who_is_attached_and_whose_role_above_allows_it() {
    let world = World::new().await;
    // Eve's role stands on the reseller, Finn's and Ada's on the root.
    for user in [EVE, FINN, ADA] {
        assert!(user_may(&world, user, MILL).await, "{user}");
    }
}

#[tokio::test]
async fn not_a_user_who_is_attached_without_such_a_role() {
    let world = World::new().await;
    for user in [NAMELESS, DORA, KAI] {
        assert!(!user_may(&world, user, MILL).await, "{user}");
    }
    let glance = grant(MILL, user_of(NAMELESS), "glance");
    world.operate(&[glance]).await;
    assert!(!user_may(&world, NAMELESS, MILL).await);
}

#[tokio::test]
async fn not_a_user_who_has_such_a_role_above_and_is_not_attached() {
    let world = World::new().await;
    // Not even an admin: accessible by the respective customer.
    for user in [ADA, FINN, EVE] {
        assert!(!user_may(&world, user, MINE).await, "{user}");
    }
    assert!(user_may(&world, JON, BAKERY).await);
    assert!(!user_may(&world, JON, MILL).await);
}

#[tokio::test]
async fn not_a_user_who_is_inactive() {
    let world = World::new().await;
    assert!(!user_may(&world, CLEO, MILL).await);
}

#[tokio::test]
async fn not_a_user_whose_role_or_membership_has_expired() {
    let world = World::new().await;
    let hour = Some(world.now());
    let soon = hour.map(|now| attache_core::Timestamp::from_millis(now.as_millis() + 60_000));
    let role = wishes::grant_until(MILL, user_of(NAMELESS), "viewer", soon);
    let kai = grant(MILL, user_of(KAI), "viewer");
    world.operate(&[role, kai]).await;
    assert!(user_may(&world, NAMELESS, MILL).await);
    assert!(user_may(&world, KAI, MILL).await);
    world.pass(60);
    assert!(!user_may(&world, NAMELESS, MILL).await);
    world.pass(acme::AN_HOUR);
    assert!(!user_may(&world, KAI, MILL).await);
}

#[tokio::test]
async fn a_user_learns_of_an_unknown_customer_only_if_it_may_see_all() {
    let world = World::new().await;
    let nothing = ("customer", 999);
    let eve = may(&world, &acme::user_as_caller(EVE), nothing).await;
    assert!(matches!(eve, Err(Refusal::Forbidden { .. })));
    let finn = may(&world, &acme::user_as_caller(FINN), nothing).await;
    assert!(matches!(finn, Err(Refusal::NotFound { .. })));
    // A user who is nobody here, asking for what is there.
    let stranger = acme::user_as_caller(globex::USER);
    let there = may(&world, &stranger, MILL).await;
    assert_eq!(there, may(&world, &stranger, nothing).await);
    assert!(matches!(there, Err(Refusal::Forbidden { .. })));
}

#[tokio::test]
async fn a_service_that_holds_it_there_or_above() {
    let world = World::new().await;
    for service in ["reader", "keeper", "deputy", "local", "lapsing", "brief"] {
        let answer = world.get(&path_of(MILL)).by(service).send().await;
        assert_eq!(answer.status, 200, "{service}: {}", answer.body);
    }
}

#[tokio::test]
async fn not_a_service_that_does_not_or_no_longer_does() {
    let world = World::new().await;
    for service in ["glance", "outsider", "nobody", "globex"] {
        let answer = world.get(&path_of(MILL)).by(service).send().await;
        let expected = if service == "globex" { 400 } else { 403 };
        assert_eq!(answer.status, expected, "{service}: {}", answer.body);
    }
    world.pass(acme::AN_HOUR);
    let lapsed = world.get(&path_of(MILL)).by("lapsing").send().await;
    assert_eq!(lapsed.status, 403, "its grant has expired");
    let brief = world.get(&path_of(MILL)).by("brief").send().await;
    assert_eq!(brief.status, 401, "its token has expired");
}

#[tokio::test]
async fn a_customer_is_found_by_its_key_where_that_is_a_uuid_and_by_its_id() {
    let world = World::new().await;
    let key = format!("/auth/api/v1/customers/{}/users", acme::FORGE_KEY);
    let by_key = world.get(&key).by("reader").send().await;
    let by_id = world.get(&path_of(acme::FORGE)).by("reader").send().await;
    assert_eq!(by_key.status, 200);
    assert_eq!(by_key.all_of_it(), by_id.all_of_it());
    // A UUID may be written with capital letters.
    let (kind, number) = acme::FORGE;
    let capital = ids::resource(kind, number).to_string().to_uppercase();
    let path = format!("/auth/api/v1/customers/{capital}/users");
    let by_capital = world.get(&path).by("reader").send().await;
    assert_eq!(by_capital.all_of_it(), by_id.all_of_it());
}
