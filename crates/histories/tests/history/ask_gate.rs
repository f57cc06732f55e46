//! What callers are told: there, not there, not for you.

use attache_core::ask::Authority;
use attache_core::catalogue::Pattern;
use attache_core::command::SubjectRef;
use attache_core::id::{Key, Node, ResourceId};
use attache_core::model::SubjectId;
use attache_core::{Actor, Caller, Locator, Ref, State, Timestamp};

use uuid::Uuid;

use super::callers::of;
use super::random::Random;
use super::universe::{KEYS, OTHER_TENANT, SERVICES, USERS, keys, resource, service, user};
use super::{Questions, same};
use crate::naive::{Place, Tenant};

pub(super) const WHAT: [&str; 8] = [
    "view",
    "users.list",
    "users.add",
    "users.roles.grant",
    "move",
    "change",
    "get",
    "conversations.reply",
];
const KINDS: [&str; 6] = [
    "tenant",
    "reseller",
    "customer",
    "workspace",
    "chatbot",
    "planet",
];

pub(crate) fn pattern(text: &str) -> Pattern {
    Pattern::new(text).expect("the tests use well-formed permissions")
}

pub(super) fn callers() -> Vec<Caller> {
    let mut callers: Vec<Caller> = vec![of(Actor::Operator), of(Actor::Attache)];
    callers.extend((1..=USERS).map(|n| of(Actor::User(user(n)))));
    callers.extend((1..=SERVICES).map(|n| of(Actor::Service(service(n)))));
    callers.extend([Actor::Operator, Actor::User(user(1))].map(|actor| Caller {
        tenant: OTHER_TENANT,
        actor,
    }));
    callers
}

/// A resource under any of its names, or a name that may mean none.
pub(super) fn locator(model: &Tenant, random: &mut Random) -> Locator {
    let locator = match random.of(&model.places) {
        Some(Place { resource, .. }) if random.percent(80) => {
            let reference = match (random.below(4), &resource.key) {
                (0, _) => Ref::Number(resource.number.0),
                (1, Some(key)) => Ref::text(key.as_str()),
                (2, _) => Ref::text(&resource.id.to_string()),
                _ => resource.id.into(),
            };
            let locator = Locator::of(resource.kind.as_str(), reference);
            match random.percent(25) {
                true => Locator {
                    kind: None,
                    ..locator
                },
                false => locator,
            }
        }
        _ => {
            let reference = match random.below(3) {
                0 => Ref::Number(random.below(5) as u32),
                1 => Ref::text(keys()[random.below(KEYS)].as_str()),
                _ => resource(random.below(10)).into(),
            };
            Locator::of(KINDS[random.below(6)], reference)
        }
    };
    match random.of(&model.places) {
        Some(above) if random.percent(15) => locator.under(Locator::id(above.resource.id)),
        _ => locator,
    }
}

pub(crate) fn compare(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let id = |node: Node| -> ResourceId {
        state
            .resource(node)
            .map(|it| it.id)
            .expect("an answer is a resource")
    };
    let callers = callers();
    // Some of them, others in the next history.
    let first = random.below(callers.len());
    for n in 0..4 {
        let by = callers[(first + n * 5) % callers.len()];
        let (authority, view) = (Authority::new(&by, state, at), state.view(at));
        for (node, found) in state.resources() {
            let what = WHAT[random.below(8)];
            let permission = view.permission_for(node, what);
            let on = found.resource.id;
            let model_holds = model.holds(&by, permission.as_str(), on, at);
            let core = authority.holds(view, &permission, node);
            same!(
                questions,
                core,
                model_holds,
                "whether {by:?} holds {permission} on {on}"
            );
        }
        ask_tenant(state, model, at, &by, random, questions)?;
        let visible: Vec<ResourceId> = authority.visible(view, None).into_iter().map(id).collect();
        let ids = model.places.iter().map(|place| place.resource.id);
        let mut expected: Vec<ResourceId> = ids
            .filter(|on| model.see(&by, &Locator::id(*on), at).is_ok())
            .collect();
        let mut core = visible;
        core.sort_unstable();
        expected.sort_unstable();
        same!(questions, core, expected, "what {by:?} sees");
        let core = authority.authorize_catalogue();
        let expected = model.authorize_catalogue(&by, at);
        same!(questions, core, expected, "{by:?} and the catalogue");
        let sight = authority.sight(view);
        for (node, found) in state.resources() {
            let parent = sight.parent(node).map(|it| it.id);
            let expected = model.place(found.resource.id).and_then(|it| it.parent);
            let expected = expected.filter(|it| model.is_seen(&by, *it, at));
            same!(
                questions,
                parent,
                expected,
                "what {by:?} sees above {node:?}"
            );
        }
        for _ in 0..2 {
            let wanted = locator(model, random);
            let what = WHAT[random.below(8)];
            same!(
                questions,
                state.find(&wanted).map(id),
                model.find(&wanted),
                "{wanted}"
            );
            let core = authority.see(view, &wanted).map(id);
            same!(
                questions,
                core,
                model.see(&by, &wanted, at),
                "whether {by:?} sees {wanted}"
            );
            let core = authority.authorize(view, &wanted, what).map(id);
            let expected = model.authorize(&by, &wanted, what, at);
            same!(questions, core, expected, "{by:?}, {what} on {wanted}");
            let core = authority.authorize_attached(view, &wanted, what).map(id);
            let expected = model.authorize_attached(&by, &wanted, what, at);
            same!(
                questions,
                core,
                expected,
                "{by:?}, attached, {what} on {wanted}"
            );
            let Some(node) = state.find(&wanted) else {
                continue;
            };
            let reseller = random.percent(60).then(|| match random.percent(70) {
                true => Locator::of("reseller", Ref::Number(1 + random.below(2) as u32)),
                false => locator(model, random),
            });
            let core = authority.in_context(view, node, reseller.as_ref());
            let expected = model.in_context(&by, id(node), reseller.as_ref(), at);
            same!(
                questions,
                core,
                expected,
                "{by:?}, {wanted} in {reseller:?}"
            );
        }
    }
    Ok(())
}

/// What is asked of the tenant as a whole, and of one of its subjects.
fn ask_tenant(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    by: &Caller,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let what = WHAT[random.below(8)];
    let authority = Authority::new(by, state, at);
    let core = authority.authorize_tenant(what);
    let expected = model.authorize_tenant(by, what, at);
    same!(questions, core, expected, "{by:?}, {what} in the tenant");
    let own = match by.actor {
        Actor::User(id) => Some(SubjectId::User(id)),
        Actor::Service(id) => Some(SubjectId::Service(id)),
        Actor::Operator | Actor::Attache => None,
    };
    let about = match random.below(4) {
        0 | 1 => own,
        2 => Some(SubjectId::User(user(1 + random.below(USERS)))),
        _ => random.of(&model.groups).map(|it| SubjectId::Group(it.id)),
    };
    let core = authority.authorize_about(about.and_then(|it| state.subject(it)), what);
    let about = about.filter(|it| model.exists(*it));
    let expected = model.authorize_about(by, about, what, at);
    same!(questions, core, expected, "{by:?}, {what} about {about:?}");
    for name in subjects(model, random) {
        let core = authority.known_subject(&name);
        let expected = model.known_subject(by, &name, at);
        same!(questions, core, expected, "whether {by:?} knows {name:?}");
    }
    Ok(())
}

/// A user, a group and a service under any of their names.
fn subjects(model: &Tenant, random: &mut Random) -> Vec<SubjectRef> {
    let user = random.of(&model.users).map(|it| (it.id.0, it.key.as_ref()));
    let user = user.map(|(id, key)| SubjectRef::User(name(id, key, random)));
    let group = random.of(&model.groups);
    let group = group.map(|it| (it.id.0, it.key.as_ref()));
    let group = group.map(|(id, key)| SubjectRef::Group(name(id, key, random)));
    let service = random.of(&model.services);
    let service = service.map(|it| (it.id.0, it.key.as_ref()));
    let service = service.map(|(id, key)| SubjectRef::Service(name(id, key, random)));
    [user, group, service].into_iter().flatten().collect()
}

fn name(id: Uuid, key: Option<&Key>, random: &mut Random) -> Ref {
    match (random.below(6), key) {
        (0, _) => Ref::Id(id),
        (1, _) => Ref::text(&id.to_string()),
        (2, _) => Ref::text(&format!("#{}", 1 + random.below(4))),
        (_, Some(key)) => Ref::text(key.as_str()),
        (_, None) => Ref::Number(1 + random.below(4) as u32),
    }
}
