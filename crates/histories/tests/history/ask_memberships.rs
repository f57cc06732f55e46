//! The memberships of a user, as far as a reader sees the resources.

use attache_core::ask::{Authority, Cut, MembershipRow};
use attache_core::id::{MembershipNumber, Node, ResourceId};
use attache_core::time::Expiry;
use attache_core::{Actor, State, Timestamp};

use super::ask_gate::callers;
use super::random::Random;
use super::{Questions, same};
use crate::naive::{ListPage, Tenant};

type Row = (ResourceId, Timestamp, Timestamp, Expiry, Option<Actor>);

const KINDS: [Option<&str>; 5] = [
    None,
    Some("customer"),
    Some("workspace"),
    Some("chatbot"),
    Some("tenant"),
];

fn core_row(state: &State, row: &MembershipRow<'_>) -> Row {
    let membership = row.membership;
    let since = membership.added_at();
    let by = state.giver(membership.added_by());
    let changed = row.updated_at(state);
    (row.resource.id, since, changed, membership.expires_at(), by)
}

/// Both find the same memberships by their numbers, for the same callers.
fn by_number(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let readers = callers();
    for number in 0..=model.memberships_ever + 1 {
        let reader = readers[random.below(readers.len())];
        let name = MembershipNumber(number);
        let view = state.view(at);
        let authority = Authority::new(&reader, state, at);
        let core = authority.membership_of_number(view, name);
        let core = core.map(|row| {
            let again = row.membership.number().map(|it| it.0);
            (row.user.id, row.resource.id, again, row.updated_at(state))
        });
        let expected = model.membership_of_number(&reader, number, at);
        let expected = expected.map(|it| (it.user, it.resource, Some(it.number), it.updated_at));
        same!(
            questions,
            core,
            expected,
            "membership {number}, to {reader:?}"
        );
    }
    for user in state.users() {
        let core = state.view(at).member_ever(state.root(), user.user.number);
        let core = core.map(|it| {
            (
                it.membership.number(),
                it.updated_at(state),
                it.origin(state),
            )
        });
        let expected = model
            .root()
            .and_then(|root| model.updated_at(root, user.user.id));
        let mut origins = model.user_origins.iter();
        let origin = origins.find(|(id, _)| *id == user.user.id).map(|it| it.1);
        let expected = expected.zip(origin).map(|(at, origin)| (None, at, origin));
        same!(
            questions,
            core,
            expected,
            "the membership of the root of {}",
            user.user.id
        );
    }
    Ok(())
}

pub(crate) fn compare(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    by_number(state, model, at, random, questions)?;
    let readers = callers();
    let nodes: Vec<(ResourceId, Node)> = state
        .resources()
        .map(|(node, found)| (found.resource.id, node))
        .collect();
    let node_of = |id: ResourceId| nodes.iter().find(|it| it.0 == id).map(|it| it.1);
    for user in &model.users {
        if !random.percent(40) {
            continue;
        }
        let reader = readers[random.below(readers.len())];
        let kind = KINDS[random.below(KINDS.len())];
        let index = kind.and_then(|kind| state.kind_index(kind));
        if kind.is_some() && index.is_none() {
            continue;
        }
        // Where a resource stands, stood or will stand.
        let place = Node(random.below(nodes.len() + 2) as u32);
        let cut = match random.below(4) {
            0 => Cut::Start,
            1 => Cut::Skip(random.below(4)),
            2 => Cut::After(place),
            _ => Cut::Before(place),
        };
        let take = [1, 2, usize::MAX][random.below(3)];
        let sight = Authority::new(&reader, state, at).sight(state.view(at));
        let page = sight.memberships_of(user.number, index, &cut, take);
        let core: Vec<Row> = page.items.iter().map(|it| core_row(state, it)).collect();
        let beside = (page.previous.is_some(), page.next.is_some());
        let expected = model.memberships_of(user.id, kind, at, &reader);
        let expected: Vec<(Option<Node>, Row)> = expected
            .into_iter()
            .map(|(on, (since, end, by))| {
                let changed = model.updated_at(on, user.id).unwrap_or(since);
                (node_of(on), (on, since, changed, end, Some(by)))
            })
            .collect();
        let expected = ListPage::cut(&expected, &cut, take, |one, place| one.0.cmp(&Some(*place)));
        let rows: Vec<Row> = expected.items.into_iter().map(|(_, row)| row).collect();
        same!(
            questions,
            (core, page.total, beside),
            (rows, expected.total, expected.beside),
            "the memberships of {} on {kind:?}, {cut:?}, {take}, as {reader:?} sees them",
            user.id
        );
    }
    Ok(())
}
