//! What can this subject reach, and how high does it stand?

use attache_core::ask::{Authority, Standing};

use super::town::{
    CUSTOMERS, EVERYWHERE, PLACES, Town, USUAL, by, may, member, members, number, portal, subject,
};
use super::{Failure, Work};

/// A customer of the first reseller.
const RESOLD: u32 = 10;

pub(super) fn works(town: &Town) -> Result<Vec<Work>, Failure> {
    let customers = town.state.kind_index("customer");
    let places = PLACES as usize;
    let everywhere = subject(EVERYWHERE);
    let usual = member(USUAL, 0);
    let node = town.node("customer", USUAL)?;
    let now = town.now;
    let list = may("customers.users.list")?;
    let may_list = list.clone();
    let customers_of = |user: u32| {
        let its = |customer: &u32| members(*customer).any(|member| member == user);
        (1..=CUSTOMERS).filter(its).count()
    };
    let mut works = vec![
        Work::asks("reach/2,000 customers", places, move |state| {
            state.view(now).seen(everywhere, customers).len()
        }),
        Work::asks(
            "reach/2,000 customers with a permission",
            places,
            move |state| state.view(now).reach(everywhere, &list, customers).len(),
        ),
        Work::asks(
            "reach/of a usual user, with a permission",
            customers_of(usual),
            move |state| {
                state
                    .view(now)
                    .reach(subject(usual), &may_list, customers)
                    .len()
            },
        ),
        // The crowded one, and the one whose members are gone.
        Work::asks(
            "reach/all that a service sees",
            CUSTOMERS as usize + 2,
            move |state| {
                Authority::new(&portal(), state, now)
                    .visible(state.view(now), customers)
                    .len()
            },
        ),
        Work::asks("reach/where 2,000 were granted", places, move |state| {
            state.view(now).granted_on(everywhere).len()
        }),
    ];
    for (name, much, user) in [
        ("standing/a user of 2,000 customers", 0, EVERYWHERE),
        ("standing/a usual user", 0, usual),
        ("standing/a reseller's user", 1, 1),
    ] {
        works.push(Work::asks(name, much, move |state| {
            match state.view(now).standing(number(user)) {
                Standing::Tenant => 2,
                Standing::Reseller(_) => 1,
                Standing::Customer => 0,
            }
        }));
    }
    let below = town.node("customer", RESOLD)?;
    for (name, much, node) in [("its own", 1, below), ("another's", 0, node)] {
        works.push(Work::asks(&format!("context/{name}"), much, move |state| {
            let within = Authority::new(&by(1), state, now).in_context(state.view(now), node, None);
            within.is_ok_and(|within| within).into()
        }));
    }
    Ok(works)
}
