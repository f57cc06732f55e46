//! May this subject do that here, and what may it do?

use attache_core::ask::Authority;
use attache_core::model::{Parameters, Subject};

use super::town::{
    self, CROWDED, EVERYWHERE, GROUPED, Town, USUAL, by, customer, may, member, portal, subject,
};
use super::{Failure, Work};

pub(super) fn works(town: &Town) -> Result<Vec<Work>, Failure> {
    let usual = town.node("customer", USUAL)?;
    let crowded = town.node("customer", CROWDED)?;
    let first = town.node("customer", 1)?;
    let workspace = town.node("workspace", 1)?;
    let chatbot = town.node("chatbot", 1)?;
    let now = town.now;

    let check = |name: &str, allowed: bool, who: Subject, permission: &str, node| {
        let permission = may(permission)?;
        let none = Parameters::none();
        Ok::<_, Failure>(Work::asks(name, allowed.into(), move |state| {
            let access = state.view(now).access(who, &permission, node, &none);
            access.is_allowed().into()
        }))
    };
    // The first member holds `owner` and `manager`, the fifth `viewer` and `cro`.
    let (owner, viewer) = (subject(member(USUAL, 0)), subject(member(USUAL, 4)));
    let add = "customers.users.add";
    let list = "customers.users.list";
    let mut works = vec![
        check("check/a role held there", true, owner, add, usual)?,
        check(
            "check/a role held there, not enough",
            false,
            viewer,
            add,
            usual,
        )?,
        check("check/a stranger", false, subject(1), add, usual)?,
        check(
            "check/a role held above",
            true,
            subject(member(1, 0)),
            "workspaces.change",
            workspace,
        )?,
        check(
            "check/a group's role on the root",
            true,
            subject(EVERYWHERE - GROUPED),
            list,
            usual,
        )?,
        check(
            "check/one of 10,000 members",
            true,
            subject(5),
            add,
            crowded,
        )?,
        check(
            "check/a user of 2,000 customers",
            true,
            subject(EVERYWHERE),
            list,
            first,
        )?,
    ];

    let answer = may("chatbots.conversations.answer")?;
    let inbox = Parameters::from_iter([("inboxId", "7")]);
    let inbox_user = subject(member(1, 0));
    works.push(Work::asks("check/a part of a chatbot", 1, move |state| {
        let access = state.view(now).access(inbox_user, &answer, chatbot, &inbox);
        access.is_allowed().into()
    }));
    // What lacks, with the steps up to the root and the roles that would help.
    let wanted = may(add)?;
    works.push(Work::asks(
        "explain/a role held there, not enough",
        0,
        move |state| {
            let none = Parameters::none();
            let said = state.view(now).explain(viewer, &wanted, usual, &none);
            said.access.is_allowed().into()
        },
    ));
    works.push(Work::asks("permissions/on a customer", 2, move |state| {
        state.view(now).permissions(owner, usual).len()
    }));
    // Those of `owner` and `ChatbotMember`, and of `InboxUser` one on all of the
    // chatbot and three on a part of it.
    works.push(Work::asks("permissions/on a chatbot", 8, move |state| {
        state.view(now).permissions(inbox_user, chatbot).len()
    }));
    works.push(Work::asks("roles/on a customer", 2, move |state| {
        let user = town::number(member(USUAL, 0));
        state.view(now).roles_on(usual, user).len()
    }));
    for (name, caller) in [("a user", by(member(USUAL, 0))), ("a service", portal())] {
        let customer = customer(USUAL);
        works.push(Work::asks(&format!("gate/{name}"), 1, move |state| {
            let gate = Authority::new(&caller, state, now).authorize(
                state.view(now),
                &customer,
                "users.list",
            );
            gate.is_ok().into()
        }));
    }
    Ok(works)
}
