//! Who and what a caller's names mean, and the tree.

use attache_core::model::TokenHash;
use attache_core::{Locator, Ref};

use super::town::{self, CUSTOMERS, RESELLERS, TOKEN, Town, USUAL, customer_id, user_id};
use super::{Failure, Work};

pub(super) fn works(town: &Town) -> Result<Vec<Work>, Failure> {
    let by_id = Ref::from(user_id(USUAL));
    let by_key = Ref::text(&town::key(USUAL));
    let customer_by_id = Locator::id(customer_id(USUAL));
    let customer_by_key = Locator::of("customer", Ref::text(&format!("customer-{USUAL:07}")));
    let email = town::email(USUAL);
    let chatbot = town.node("chatbot", 1)?;
    let reseller = town.node("reseller", 1)?;
    let customers = town.state.kind_index("customer").ok_or("no customers")?;
    let below = (1_000 / RESELLERS) as usize;
    Ok(vec![
        Work::asks("find/a user by id", 1, move |state| {
            state.find_user(&by_id).iter().len()
        }),
        Work::asks("find/a user by key", 1, move |state| {
            state.find_user(&by_key).iter().len()
        }),
        Work::asks("find/a user by e-mail address", 1, move |state| {
            state.user_by_verified_email(&email).iter().len()
        }),
        Work::asks("find/a customer by id", 1, move |state| {
            state.find(&customer_by_id).iter().len()
        }),
        Work::asks("find/a customer by key", 1, move |state| {
            state.find(&customer_by_key).iter().len()
        }),
        Work::asks("find/a token by hash", 1, move |state| {
            state.token_by_hash(&TokenHash(TOKEN)).iter().len()
        }),
        Work::asks("resources/page of 25 of 10,000", 25, move |state| {
            let page = state.resources_of_kind(customers);
            let page = page.skip(CUSTOMERS as usize / 2).take(25);
            page.filter_map(|node| state.resource(node)).count()
        }),
        // Customer, reseller, root; workspace and chatbot below.
        Work::asks("resources/above a chatbot", 5, move |state| {
            state.up(chatbot).count()
        }),
        // Each tenth of the first 100 customers has a workspace and a chatbot.
        Work::asks(
            "resources/below a reseller",
            1 + below + 2 * 10,
            move |state| state.down(reseller).count(),
        ),
    ])
}
