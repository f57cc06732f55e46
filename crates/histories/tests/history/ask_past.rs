//! What callers are told of another time: yesterday's permissions decide nothing today, and
//! asking takes a permission of its own.

use attache_core::ask::Authority;
use attache_core::id::{Node, ResourceId};
use attache_core::model::SubjectId;
use attache_core::{Actor, Caller, Locator, Ref, State, Timestamp};

use super::ask_gate::{WHAT, callers, locator};
use super::random::Random;
use super::universe::{USERS, instant, user};
use super::{Questions, same};
use crate::naive::{self, Tenant};

/// A tenant at a time: as the core has it, and as the model has it.
#[derive(Clone, Debug)]
pub(super) struct Then {
    pub(super) state: State,
    pub(super) model: Tenant,
}

/// A state with its model, at an instant.
type At<'a> = (&'a State, &'a Tenant, Timestamp);

/// Lets each be the present of a question about the other.
pub(super) fn compare(
    now: At<'_>,
    then: &Then,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let then = (&then.state, &then.model, instant(random.below(50) as i64));
    ask(now, then, random, questions)?;
    ask(then, now, random, questions)?;
    // The same state, at another instant.
    ask(now, (now.0, now.1, then.2), random, questions)
}

fn ask(
    (present, present_model, now): At<'_>,
    (shown, model, at): At<'_>,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let subject = shown.view(at);
    let id = |node: Node| -> ResourceId {
        let found = shown.resource(node).map(|it| it.id);
        found.expect("an answer is a resource of what is shown")
    };
    let callers = callers();
    let first = random.below(callers.len());
    for n in 0..2 {
        let by = callers[(first + n * 3) % callers.len()];
        // Where the subject is of another time, both are the same.
        let core = Authority::new(&by, present, now);
        let is_present = std::ptr::eq(present, shown) && now == at;
        let core = match is_present || random.percent(50) {
            true => core.about_another_time(),
            false => core,
        };
        let expected = naive::Authority::new(by, (present_model, now), model);
        ask_tenant((core, &expected), by, (shown, at), random, questions)?;
        let sight = core.sight(subject);
        let mut seen = Vec::new();
        for (node, found) in shown.resources() {
            let on = found.resource.id;
            let sees = expected.sees(on);
            same!(
                questions,
                sight.sees(node),
                sees,
                "whether {by:?} sees {on} of {at} at {now}"
            );
            seen.extend(sees.then_some(on));
            let permission = subject.permission_for(node, WHAT[random.below(8)]);
            same!(
                questions,
                core.holds(subject, &permission, node),
                expected.holds(permission.as_str(), on),
                "whether {by:?} holds {permission} on {on} of {at} at {now}"
            );
        }
        let visible = core.visible(subject, None).into_iter().map(id);
        let visible: Vec<ResourceId> = visible.collect();
        same!(
            questions,
            visible,
            seen,
            "what {by:?} sees of {at} at {now}"
        );
        for _ in 0..2 {
            let wanted = locator(model, random);
            let what = WHAT[random.below(8)];
            same!(
                questions,
                core.see(subject, &wanted).map(id),
                expected.see(&wanted),
                "whether {by:?} sees {wanted} of {at} at {now}"
            );
            same!(
                questions,
                core.authorize(subject, &wanted, what).map(id),
                expected.authorize(&wanted, what),
                "{by:?}, {what} on {wanted} of {at} at {now}"
            );
            same!(
                questions,
                core.authorize_attached(subject, &wanted, what).map(id),
                expected.authorize_attached(&wanted, what),
                "{by:?}, attached, {what} on {wanted} of {at} at {now}"
            );
            let Some(node) = shown.find(&wanted) else {
                continue;
            };
            let reseller = random.percent(60).then(|| match random.percent(70) {
                true => Locator::of("reseller", Ref::Number(1 + random.below(2) as u32)),
                false => locator(model, random),
            });
            same!(
                questions,
                core.in_context(subject, node, reseller.as_ref()),
                expected.in_context(id(node), reseller.as_ref()),
                "{by:?}, {wanted} in {reseller:?} of {at} at {now}"
            );
        }
    }
    Ok(())
}

/// What is asked of the tenant as a whole, and about one of its subjects.
fn ask_tenant(
    (core, expected): (Authority<'_>, &naive::Authority<'_>),
    by: Caller,
    (shown, at): (&State, Timestamp),
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let what = WHAT[random.below(8)];
    let core = core.about_another_time();
    same!(
        questions,
        core.authorize_tenant(what),
        expected.authorize_tenant(what),
        "{by:?}, {what} in the tenant of {at}"
    );
    same!(
        questions,
        core.authorize_catalogue(),
        expected.authorize_catalogue(),
        "{by:?} and the catalogue of {at}"
    );
    let about = match by.actor {
        Actor::User(id) if random.percent(60) => SubjectId::User(id),
        Actor::Service(id) if random.percent(60) => SubjectId::Service(id),
        _ => SubjectId::User(user(1 + random.below(USERS))),
    };
    // Who was not there then is nobody.
    let number = shown.subject(about);
    let about = number.map(|_| about);
    same!(
        questions,
        core.authorize_about(number, what),
        expected.authorize_about(about, what),
        "{by:?}, {what} about {about:?} of {at}"
    );
    for (node, found) in shown.resources() {
        let on = found.resource.id;
        let sight = core.sight_about(shown.view(at), number, what);
        same!(
            questions,
            sight.map(|sight| sight.sees(node)),
            expected.is_told(about, what, on),
            "whether {by:?} is told of {on} by {what} about {about:?} of {at}"
        );
    }
    Ok(())
}
