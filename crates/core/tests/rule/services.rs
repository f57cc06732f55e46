//! Services under another name.

use attache_core::id::{Key, TokenId};
use attache_core::model::TokenHash;
use attache_core::{Change, Command, Ref, Refusal};
use uuid::Uuid;

use crate::house::{CY, House, add_service, by, grant, may, name, operator, place, to_service};

fn change(service: u32, new_name: Option<&str>, new_key: Option<Option<&str>>) -> Command {
    let key = |text: &str| Key::new(text).expect("it is a key");
    Command::ChangeService {
        service: Ref::Number(service),
        name: new_name.map(name),
        key: new_key.map(|text| text.map(key)),
    }
}

#[test]
fn a_service_that_is_changed_keeps_its_tokens_and_grants() {
    let mut house = House::new();
    house.does(add_service(1));
    house.does(grant(place("customer", 1), to_service(1), "viewer"));
    house.does(Command::CreateToken {
        id: TokenId(Uuid::from_u128(8)),
        service: Ref::Number(1),
        hash: TokenHash([7; 32]),
        hint: "…7".into(),
        expires_at: None,
    });
    let of = |house: &House| {
        let found = house.state.service_node(1.into()).expect("it is there");
        let hangs = (found.tokens.len(), found.granted.len());
        let key = found
            .service
            .key
            .as_ref()
            .map(|key| key.as_str().to_owned());
        (found.service.name.to_string(), key, hangs)
    };
    let key = |text: &str| Some(text.to_owned());
    house.does(change(1, None, Some(Some("robot"))));
    assert_eq!(of(&house), ("Robot".to_owned(), key("robot"), (1, 1)));
    house.does(change(1, Some("Machine"), None));
    assert_eq!(of(&house), ("Machine".to_owned(), key("robot"), (1, 1)));
    house.does(change(1, None, Some(Some("machine"))));
    let find = |text| house.state.find_service(&Ref::text(text));
    assert_eq!((find("robot"), find("machine")), (None, Some(1.into())));
    assert_eq!(house.does(change(1, Some("Machine"), None)), []);
    let changed = house.does(change(1, None, Some(None)));
    assert!(
        matches!(changed[..], [Change::ServiceChanged { key: None, .. }]),
        "{changed:?}"
    );
}

#[test]
fn a_service_takes_no_key_of_another_and_is_changed_by_who_may() {
    let mut house = House::new();
    house.does(add_service(1));
    house.does(add_service(2));
    house.does(change(1, None, Some(Some("robot"))));
    let taken = Err(Refusal::Taken { field: "key" });
    let other = change(2, None, Some(Some("robot")));
    assert_eq!(house.asks(operator(), &other), taken);
    house.does(change(1, Some("Machine"), Some(Some("robot"))));
    let unknown = house.asks(operator(), &change(3, None, None));
    assert!(
        matches!(unknown, Err(Refusal::Unknown { .. })),
        "{unknown:?}"
    );
    let permission = may("tenants.services.change");
    let refused = house.asks(by(CY), &change(1, Some("Mine"), None));
    assert_eq!(refused, Err(Refusal::Forbidden { permission }));
}
