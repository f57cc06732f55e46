//! Lists, searches and single checks agree: the effective users of a resource,
//! what a user sees, who holds what where, and whether it may.

use std::collections::BTreeSet;

use attache_core::ask::{Effective, Field, Include, Member, MemberQuery, Permission};
use attache_core::catalogue::Pattern;
use attache_core::id::{Node, UserNumber};
use attache_core::model::{Parameters, Subject};
use attache_core::{State, Timestamp};

use super::random::Random;
use super::{Questions, same};

/// Whether a permission is of the family of a kind.
fn is_of(pattern: &Pattern, kind: &str) -> bool {
    let text = pattern.as_str();
    text == "*" || text.starts_with(&format!("{kind}s."))
}

/// The part of a resource that a permission is held for.
fn part(permission: &Permission) -> Parameters {
    let parts = permission.scope.iter().flat_map(|scope| &scope.parts);
    parts
        .map(|part| (part.parameter.clone(), part.value.clone()))
        .collect()
}

pub(crate) fn compare(
    state: &State,
    at: Timestamp,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let nodes: Vec<Node> = state.resources().map(|(node, _)| node).collect();
    let all = all_patterns(state);
    for node in nodes {
        if !random.percent(12) {
            continue;
        }
        let listed = listed(state, node, at);
        for row in state.users() {
            let user = row.user.number;
            let sees = listed.contains(&user);
            one(state, at, (node, user), sees, &all, questions)?;
        }
        searched(state, at, node, random.of(&all), questions)?;
    }
    Ok(())
}

/// The effective users of a resource.
fn listed(state: &State, node: Node, at: Timestamp) -> BTreeSet<UserNumber> {
    let query = MemberQuery {
        include: Include::EFFECTIVE,
        ..MemberQuery::all(Field::Number)
    };
    let page = state.view(at).list(node, &query);
    let active = |it: &Member<'_>| {
        assert_eq!(it.effective, Some(Effective::Active));
        it.user().number
    };
    page.items.iter().map(active).collect()
}

/// Every pattern that the catalogue names.
fn all_patterns(state: &State) -> Vec<Pattern> {
    let Some(catalogue) = state.catalogue() else {
        return Vec::new();
    };
    let members = catalogue.kinds.iter().flat_map(|kind| &kind.members_may);
    let roles = catalogue.roles.iter().flat_map(|role| {
        let scoped = role.scoped.iter().flat_map(|it| &it.permissions);
        role.permissions.iter().chain(scoped)
    });
    let known = catalogue.permissions.iter().map(|it| &it.name);
    let all: BTreeSet<Pattern> = members.chain(roles).chain(known).cloned().collect();
    all.into_iter().collect()
}

/// One user and one resource.
fn one(
    state: &State,
    at: Timestamp,
    (node, user): (Node, UserNumber),
    sees: bool,
    all: &[Pattern],
    questions: &mut Questions,
) -> Result<(), String> {
    let view = state.view(at);
    let subject = Subject::User(user);
    same!(
        questions,
        (
            view.sees(subject, node),
            view.seen(subject, None).contains(&node)
        ),
        (sees, sees),
        "whether {user:?} sees {node:?}, alone, in its list, and in that of the resource"
    );
    let kind = state.resource(node).map_or("", |it| it.kind.as_str());
    let may = |wanted: &Pattern, parameters: &Parameters| {
        let access = view.access(subject, wanted, node, parameters);
        access.is_allowed()
    };
    // It sees what it may do something of the family on, and nothing else.
    let held = view.permissions(subject, node);
    let family = held.iter().filter(|held| is_of(&held.pattern, kind));
    let mut may_any = family.map(|held| may(&held.pattern, &part(held)));
    same!(
        questions,
        may_any.any(|may| may),
        sees,
        "whether {user:?} may do something of {kind}s on {node:?}"
    );
    let parts: [&[(&str, &str)]; 3] = [&[], &[("inboxId", "7")], &[("inboxId", "8")]];
    for wanted in all.iter().filter(|it| !sees && is_of(it, kind)) {
        for named in parts {
            let named: Parameters = named.iter().copied().collect();
            let allowed = may(wanted, &named);
            same!(
                questions,
                allowed,
                false,
                "{user:?} {wanted} on {node:?}, unseen"
            );
        }
    }
    // What a list says that it may do, it may.
    if let Some((branch, row)) = view.branch(node).zip(state.user_node(user)) {
        for listed in branch.patterns(&branch.held(row)) {
            let allowed = may(listed, &Parameters::none());
            same!(
                questions,
                allowed,
                true,
                "{user:?} {listed} on {node:?}, as listed"
            );
        }
    }
    Ok(())
}

/// Who may do something there, by search and one by one.
fn searched(
    state: &State,
    at: Timestamp,
    node: Node,
    wanted: Option<&Pattern>,
    questions: &mut Questions,
) -> Result<(), String> {
    let view = state.view(at);
    let Some(wanted) = wanted else { return Ok(()) };
    let found = view.who(wanted, node);
    for row in state.users() {
        let subject = Subject::User(row.user.number);
        let access = view.access(subject, wanted, node, &Parameters::none());
        let reached = view.reach(subject, wanted, None).contains(&node);
        same!(
            questions,
            (found.contains(&subject), reached),
            (access.is_allowed(), access.is_allowed()),
            "{subject:?} {wanted} on {node:?}, by search and by check"
        );
    }
    Ok(())
}
