//! Parameters of grants are texts: spelled as keys are, and compared in one form.

use attache_core::command::GrantRef;
use attache_core::id::{EntryId, ResourceId};
use attache_core::model::{Parameters, SubjectId};
use attache_core::{Change, Changes, Command, Entry, Locator, Refusal, Timestamp};
use uuid::Uuid;

use crate::house::{CY, House, at, attach, inbox, operator, place, to_user, user_id, which};

const COMPOSED: &str = "Zo\u{eb}";
const DECOMPOSED: &str = "Zoe\u{308}";
const REPLY: &str = "chatbots.conversations.reply";

fn chatbot() -> Locator {
    place("chatbot", 1)
}

fn of_inbox(parameters: Parameters) -> GrantRef {
    GrantRef {
        parameters,
        ..which(chatbot(), to_user(CY), "InboxUser")
    }
}

fn granted(parameters: Parameters, expires_at: Option<Timestamp>) -> Command {
    let grant = of_inbox(parameters);
    Command::Grant { grant, expires_at }
}

fn revoked(parameters: Parameters) -> Command {
    let grant = of_inbox(parameters);
    Command::Revoke { grant }
}

/// Cy is attached to the chatbot.
fn furnished() -> House {
    let mut house = House::new();
    house.does(attach(place("workspace", 1), CY, None));
    house.does(attach(chatbot(), CY, None));
    house
}

/// A grant of the log of an older version, which took any text.
fn grant_of_old(house: &mut House, value: &str) {
    let revision = house.state.revision().next();
    let change = Change::RoleGranted {
        resource: ResourceId(Uuid::from_u128(0x204)),
        subject: SubjectId::User(user_id(CY)),
        role: "InboxUser".into(),
        parameters: as_stored(value),
        expires_at: None,
    };
    house.state.apply(&Entry {
        id: EntryId(Uuid::from_u128(revision.0.into())),
        revision,
        at: house.now,
        actor: operator().actor,
        correlation_id: "old".into(),
        head: attache_core::EntryHead::default(),
        changes: Changes {
            list: vec![change],
            ..Changes::default()
        },
    });
}

fn as_stored(value: &str) -> Parameters {
    Parameters::as_stored([("inboxId", value)])
}

fn parameters_of(changes: &[Change]) -> Option<&Parameters> {
    match changes {
        [Change::RoleGranted { parameters, .. } | Change::RoleRevoked { parameters, .. }] => {
            Some(parameters)
        }
        _ => None,
    }
}

#[test]
fn a_parameter_is_one_in_both_normal_forms() {
    let mut house = furnished();
    let done = house.does(granted(inbox(DECOMPOSED), None));
    assert_eq!(parameters_of(&done), Some(&as_stored(COMPOSED)));
    assert!(house.does(granted(inbox(COMPOSED), None)).is_empty());
    assert!(house.does(granted(as_stored(DECOMPOSED), None)).is_empty());
    for named in [inbox(COMPOSED), inbox(DECOMPOSED), as_stored(DECOMPOSED)] {
        assert!(house.may_in(CY, REPLY, &chatbot(), &named), "{named:?}");
    }
    assert!(!house.may_in(CY, REPLY, &chatbot(), &inbox("Zoe")));
    assert_eq!(house.does(revoked(inbox(DECOMPOSED))).len(), 1);
    assert!(!house.may_in(CY, REPLY, &chatbot(), &inbox(COMPOSED)));
}

#[test]
fn a_parameter_of_an_older_log_is_found_in_both_forms_and_stays_as_it_is() {
    let mut house = furnished();
    grant_of_old(&mut house, DECOMPOSED);
    for named in [inbox(COMPOSED), inbox(DECOMPOSED)] {
        assert!(house.may_in(CY, REPLY, &chatbot(), &named), "{named:?}");
    }
    assert!(house.does(granted(inbox(COMPOSED), None)).is_empty());
    let shorter = house.does(granted(inbox(COMPOSED), Some(at(9))));
    assert_eq!(parameters_of(&shorter), Some(&as_stored(DECOMPOSED)));
    let gone = house.does(revoked(inbox(COMPOSED)));
    assert_eq!(parameters_of(&gone), Some(&as_stored(DECOMPOSED)));
    assert!(!house.may_in(CY, REPLY, &chatbot(), &inbox(COMPOSED)));
    // Granted anew, it is in normal form.
    let done = house.does(granted(inbox(DECOMPOSED), None));
    assert_eq!(parameters_of(&done), Some(&as_stored(COMPOSED)));
}

#[test]
fn a_value_that_no_key_could_be_is_refused_and_an_older_one_can_be_changed() {
    for value in [
        "7\n",
        "a\u{0}b",
        "7\u{200b}",
        "\u{202e}7",
        " 7",
        "7 ",
        "\u{3164}",
        "a\u{85}",
    ] {
        let mut house = furnished();
        let refused = house.asks(operator(), &granted(inbox(value), None));
        let Err(Refusal::Invalid { field, .. }) = refused else {
            panic!("{value:?}: {refused:?}");
        };
        assert_eq!(&*field, "parameters.inboxId");
        grant_of_old(&mut house, value);
        assert!(house.may_in(CY, REPLY, &chatbot(), &inbox(value)));
        assert!(
            house.does(granted(inbox(value), None)).is_empty(),
            "{value:?}"
        );
        assert_eq!(house.does(granted(inbox(value), Some(at(9)))).len(), 1);
        assert_eq!(house.does(revoked(inbox(value))).len(), 1);
    }
}
