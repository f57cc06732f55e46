//! What has an end, so that nothing grows without one.

use attache_core::id::ResourceId;
use attache_core::model::Parameters;
use attache_core::{Command, Locator, Refusal};
use uuid::Uuid;

use crate::house::{ADA, House, add_resource, inbox, operator, place, to_user, which};

fn field_of(refused: Result<impl Sized, Refusal>) -> Box<str> {
    match refused {
        Err(Refusal::Invalid { field, .. }) => field,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

/// The highest number that can be chosen.
const HIGHEST: u32 = 2_147_483_647;

#[test]
fn a_tree_is_at_most_32_levels_deep_whether_built_or_moved() {
    let mut house = House::new();
    let mut catalogue = house.state.catalogue().expect("it began").clone();
    for kind in &mut catalogue.kinds {
        if kind.name.as_str() == "customer" {
            kind.parents.push("customer".into());
        }
    }
    house.does(Command::SetCatalogue {
        catalogue: Box::new(catalogue),
    });
    let customer = |n: u128| Locator::id(ResourceId(Uuid::from_u128(0x200 + n)));
    // The root is level 1, this one level 2.
    house.does(add_resource(102, "customer", Locator::root()));
    for level in 103..=132 {
        house.does(add_resource(level, "customer", customer(level - 1)));
    }
    let deeper = add_resource(133, "customer", customer(132));
    assert_eq!(&*field_of(house.asks(operator(), &deeper)), "parent");

    // Customer 1 has a workspace and that a chatbot: three levels.
    let to = |level| Command::MoveResource {
        resource: place("customer", 1),
        parent: customer(level),
    };
    assert_eq!(&*field_of(house.asks(operator(), &to(130))), "parent");
    house.does(to(129));
    let chatbot = house.node(&place("chatbot", 1));
    assert_eq!(house.state.up(chatbot).count(), 32);
}

#[test]
fn numbers_end_and_do_not_begin_again() {
    let mut house = House::new();
    let with_number = |id, number| match add_resource(id, "customer", Locator::root()) {
        Command::AddResource {
            id,
            kind,
            parent,
            key,
            name,
            ..
        } => Command::AddResource {
            id,
            kind,
            parent,
            number,
            key,
            name,
        },
        other => other,
    };
    let too_high = house.asks(operator(), &with_number(50, Some(HIGHEST + 1)));
    assert_eq!(
        &*field_of(too_high),
        "number",
        "or nobody could be added any more"
    );
    house.does(with_number(50, Some(HIGHEST)));
    house.does(with_number(51, None));
    assert!(house.state.find(&place("customer", HIGHEST + 1)).is_some());
    house.does(Command::RemoveResource {
        resource: place("customer", HIGHEST),
    });
    let again = house.asks(operator(), &with_number(52, Some(HIGHEST)));
    assert_eq!(again, Err(Refusal::Taken { field: "number" }));
    house.does(with_number(52, Some(7)));
}

#[test]
fn parameters_are_few_and_short_and_stay_within_their_place_in_a_path() {
    let mut house = House::new();
    let many = Parameters::from_iter((0..=Parameters::MAX).map(|n| (n.to_string(), "7")));
    let long = "7".repeat(Parameters::MAX_BYTES + 1);
    for (parameters, field) in [
        (many, "parameters"),
        (inbox(&long), "parameters.inboxId"),
        (inbox(""), "parameters.inboxId"),
        (inbox("7/versions/1"), "parameters.inboxId"),
        (inbox("7\n"), "parameters.inboxId"),
        (Parameters::from_iter([("box", "7")]), "parameters.box"),
    ] {
        let mut grant = which(place("chatbot", 1), to_user(ADA), "InboxUser");
        grant.parameters = parameters;
        let command = Command::Grant {
            grant,
            expires_at: None,
        };
        assert_eq!(&*field_of(house.asks(operator(), &command)), field);
    }
}

#[test]
fn a_subject_has_at_most_256_grants_on_a_resource() {
    let mut house = House::new();
    let chatbot = place("chatbot", 1);
    let grant = |inbox_id: u32| Command::Grant {
        grant: attache_core::command::GrantRef {
            parameters: inbox(&inbox_id.to_string()),
            ..which(chatbot.clone(), to_user(ADA), "InboxUser")
        },
        expires_at: None,
    };
    house.does(crate::house::attach(place("workspace", 1), ADA, None));
    house.does(crate::house::attach(chatbot.clone(), ADA, None));
    for inbox_id in 0..256 {
        house.does(grant(inbox_id));
    }
    assert_eq!(&*field_of(house.asks(operator(), &grant(256))), "role");
    // One that is there is granted again as before.
    assert!(house.asks(operator(), &grant(255)).is_ok());
}

#[test]
fn a_key_that_is_another_things_id_would_hide_it() {
    let mut house = House::new();
    let id = |n: u128| ResourceId(Uuid::from_u128(n));
    let with_key = |n: u128, key: Option<&str>| Command::AddResource {
        id: id(n),
        kind: "customer".into(),
        parent: Locator::root(),
        number: None,
        key: key.map(|key| attache_core::id::Key::new(key).expect("it is a key")),
        name: crate::house::name("Somebody"),
    };
    house.does(with_key(0x900, None));
    for text in [id(0x900).to_string(), id(0x900).to_string().to_uppercase()] {
        let refused = house.asks(operator(), &with_key(0x901, Some(&text)));
        assert!(
            matches!(refused, Err(Refusal::Taken { field: "key" })),
            "{refused:?}"
        );
    }
    house.does(with_key(0x902, Some(&id(0x903).to_string())));
    let refused = house.asks(operator(), &with_key(0x903, None));
    assert!(
        matches!(refused, Err(Refusal::Taken { field: "id" })),
        "{refused:?}"
    );
}
