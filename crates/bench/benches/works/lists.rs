//! Who is attached to this, and what may each of them do?

use attache_core::ask::{Cut, Field, Filter, MemberQuery};
use attache_core::id::Node;
use attache_core::model::Status;

use super::town::{CROWD, CROWDED, MEMBERS, Town, USUAL, has_access, members};
use super::{Failure, Work};

/// A page is so long.
const PAGE: usize = 25;

fn page(by: Field, skip: usize) -> MemberQuery {
    MemberQuery {
        cut: Cut::Skip(skip),
        take: PAGE,
        ..MemberQuery::all(by)
    }
}

pub(super) fn works(town: &Town) -> Result<Vec<Work>, Failure> {
    let usual = town.node("customer", USUAL)?;
    let crowded = town.node("customer", CROWDED)?;
    let chatbot = town.node("chatbot", 1)?;
    let now = town.now;
    let (few, many) = (MEMBERS as usize, CROWD as usize);

    let list = |name: &str, much: usize, node: Node, query: MemberQuery| {
        Work::asks(name, much, move |state| {
            state.view(now).list(node, &query).items.len()
        })
    };
    let middle = many / 2;
    let active = Filter::StatusIsNot(Status::Inactive);
    let mut works = vec![
        list(
            "members/all 25 by number",
            few,
            usual,
            MemberQuery::all(Field::Number),
        ),
        list(
            "members/page of 25 of 10,000 by number",
            PAGE,
            crowded,
            page(Field::Number, middle),
        ),
        list(
            "members/page of 25 of 10,000 by name",
            PAGE,
            crowded,
            page(Field::FullName, middle),
        ),
        list(
            "members/page of 25 of 10,000 by role",
            PAGE,
            crowded,
            page(Field::FirstRole, middle),
        ),
        list(
            "members/page of 25 of the active",
            PAGE,
            crowded,
            page(Field::LastName, middle).only(active),
        ),
    ];
    works.push(Work::asks("members/is one of 10,000", 1, move |state| {
        let user = CROWD.into();
        state.view(now).member(crowded, user).iter().len()
    }));

    // What a list shows of each, from what it looked up once.
    let roles = |name: &str, much: usize, node: Node| {
        Work::asks(name, much, move |state| {
            let Some(branch) = state.view(now).branch(node) else {
                return 0;
            };
            let page = branch.list(&MemberQuery::all(Field::Number));
            let roles = page
                .items
                .iter()
                .map(|member| branch.roles(member.row).len());
            roles.sum()
        })
    };
    works.push(roles("branch/25 with their roles", 2 * few, usual));
    works.push(roles("branch/10,000 with their roles", 2 * many, crowded));
    let permissions = |name: &str, much: usize, node: Node| {
        Work::asks(name, much, move |state| {
            let Some(branch) = state.view(now).branch(node) else {
                return 0;
            };
            let page = branch.list(&MemberQuery::all(Field::Number));
            let may = page.items.iter().map(|member| {
                let held = branch.held(member.row);
                usize::from(!branch.patterns(&held).is_empty())
            });
            may.sum()
        })
    };
    let may_act =
        |users: &mut dyn Iterator<Item = u32>| users.filter(|user| has_access(*user)).count();
    works.push(permissions(
        "branch/25 with what each may",
        may_act(&mut members(USUAL)),
        usual,
    ));
    works.push(permissions(
        "branch/25 of a chatbot with what each may",
        may_act(&mut members(1)),
        chatbot,
    ));
    works.push(permissions(
        "branch/10,000 with what each may",
        may_act(&mut (1..=CROWD)),
        crowded,
    ));
    Ok(works)
}
