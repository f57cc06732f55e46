//! Who can reach this, attached or not, and through what?

use attache_core::ask::{
    Cut, Field, Filter, Include, MemberPlace, MemberQuery, PlaceValue, Sort, Value,
};
use attache_core::collation::Folded;
use attache_core::id::Node;

use super::town::{
    CROWD, CROWDED, EVERYWHERE, GROUPED, MEMBERS, Town, USUAL, has_access, may, member, members,
    number, user_id,
};
use super::{Failure, Work};

/// A page is so long.
const PAGE: usize = 25;

fn page(include: Include, filters: Vec<Filter>) -> MemberQuery {
    MemberQuery {
        include,
        filters,
        take: PAGE,
        ..MemberQuery::all(Field::FullName)
    }
}

pub(super) fn works(town: &Town) -> Result<Vec<Work>, Failure> {
    let usual = town.node("customer", USUAL)?;
    let crowded = town.node("customer", CROWDED)?;
    let chatbot = town.node("chatbot", 1)?;
    let now = town.now;
    let owner = town.state.role_index("owner").ok_or("no owners")?;

    // How many there are, not how many are shown.
    let people = |name: &str, total: usize, node: Node, query: MemberQuery| {
        Work::asks(name, total, move |state| {
            state.view(now).list(node, &query).total
        })
    };
    let (few, many) = (MEMBERS as usize, CROWD as usize);
    // Inactive users are attached, and not effective.
    let grouped = (EVERYWHERE - GROUPED..EVERYWHERE).filter(|user| has_access(*user));
    let grouped = grouped.count();
    let few_active = members(USUAL).filter(|user| has_access(*user)).count();
    let many_active = (1..=CROWD).filter(|user| has_access(*user)).count();
    let mut continued = page(Include::Direct, Vec::new());
    continued.sort = Sort::ascending(Field::Number);
    continued.cut = Cut::After(MemberPlace {
        value: PlaceValue::Value(Value::Number(CROWD / 2)),
        id: user_id(CROWD / 2),
    });
    let text = Filter::Text(Folded::new("zoë novák"));
    let mut works = vec![
        people(
            "people/25 attached",
            few,
            usual,
            page(Include::Direct, Vec::new()),
        ),
        people(
            "people/25 attached and a group",
            few_active + grouped,
            usual,
            page(Include::EFFECTIVE, Vec::new()),
        ),
        people("people/page of 10,000", many, crowded, continued),
        people(
            "people/page of 10,000 and a group",
            many_active + grouped,
            crowded,
            page(Include::EFFECTIVE, Vec::new()),
        ),
        people(
            "people/a text among 10,000",
            69,
            crowded,
            page(Include::Direct, vec![text]),
        ),
        people(
            "people/a role among 10,000",
            4_000,
            crowded,
            page(Include::Direct, vec![Filter::Role(owner)]),
        ),
    ];

    // The membership and two roles.
    for (name, much, node, user) in [
        ("via/a customer", 3, usual, member(USUAL, 0)),
        // Those on the chatbot, the workspace and the customer.
        ("via/a chatbot", 6, chatbot, member(1, 0)),
        ("via/a group", 1, usual, EVERYWHERE - GROUPED),
        ("via/one of 10,000", 3, crowded, 5),
    ] {
        works.push(Work::asks(name, much, move |state| {
            state.view(now).via(node, number(user)).len()
        }));
    }

    // Three of five hold `owner` or `manager`; the service may do everything.
    for (name, much, node) in [
        ("who/may add to 25", 16, usual),
        ("who/may add to 10,000", 6_001, crowded),
    ] {
        let add = may("customers.users.add")?;
        works.push(Work::asks(name, much, move |state| {
            state.view(now).who(&add, node).len()
        }));
    }
    Ok(works)
}
