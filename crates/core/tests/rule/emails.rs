//! Whose e-mail address is that? Only one whose it is for sure is found by it.

use attache_core::model::{Email, FactsChange, ProfileChange};
use attache_core::{Command, Ref, State};

use crate::house::{ADA, BO, CY, House, remove_user};

fn has(user: u32, email: Option<&str>, email_verified: bool) -> Command {
    let email = email.map(|text| Email::new(text).expect("it is an address"));
    Command::ChangeUser {
        user: Ref::Number(user),
        key: None,
        profile: Box::new(ProfileChange {
            email: Some(email),
            ..ProfileChange::default()
        }),
        status: None,
        facts: FactsChange {
            email_verified: Some(email_verified),
            ..FactsChange::default()
        },
    }
}

/// Who is found, by the state and by what a snapshot of it makes.
fn found(house: &House, email: &str) -> Option<u32> {
    let again = State::from_facts(house.state.facts()).expect("they are a state's");
    let found = house.state.user_by_verified_email(email);
    assert_eq!(again.user_by_verified_email(email), found);
    found.map(|user| user.0)
}

#[test]
fn a_user_is_found_by_an_address_that_is_verified_whatever_its_case() {
    let mut house = House::new();
    house.does(has(BO, Some("Bo@Mill.example"), false));
    assert_eq!(found(&house, "Bo@Mill.example"), None, "anybody can say so");
    house.does(has(BO, Some("Bo@Mill.example"), true));
    assert_eq!(found(&house, "Bo@Mill.example"), Some(BO));
    assert_eq!(found(&house, "bo@mill.EXAMPLE"), Some(BO));
    for other in ["b@mill.example", "bo@mill.exampl", "bo@mill.example ", ""] {
        assert_eq!(found(&house, other), None, "{other:?}");
    }
    house.does(has(BO, Some("Bo@Mill.example"), false));
    assert_eq!(found(&house, "bo@mill.example"), None, "no longer verified");
}

#[test]
fn nobody_is_found_by_an_address_that_two_have() {
    let mut house = House::new();
    house.does(has(BO, Some("bo@mill.example"), true));
    house.does(has(CY, Some("BO@mill.example"), false));
    assert_eq!(
        found(&house, "bo@mill.example"),
        Some(BO),
        "Cy only says so"
    );
    house.does(has(CY, Some("BO@mill.example"), true));
    assert_eq!(found(&house, "bo@mill.example"), None);
    // However many they are.
    house.does(has(ADA, Some("bo@mill.example"), true));
    house.does(remove_user(CY));
    assert_eq!(found(&house, "bo@mill.example"), None);
    house.does(has(ADA, None, true));
    assert_eq!(
        found(&house, "bo@mill.example"),
        Some(BO),
        "the only one left"
    );
}

#[test]
fn nobody_is_found_by_an_address_that_was_given_up() {
    let mut house = House::new();
    house.does(has(BO, Some("bo@mill.example"), true));
    house.does(has(BO, Some("bo@forge.example"), true));
    assert_eq!(found(&house, "bo@mill.example"), None);
    assert_eq!(found(&house, "bo@forge.example"), Some(BO));
    house.does(remove_user(BO));
    assert_eq!(found(&house, "bo@forge.example"), None);
    // Who comes next is somebody else, and has to prove it.
    house.does(has(CY, Some("bo@forge.example"), true));
    assert_eq!(found(&house, "bo@forge.example"), Some(CY));
}
