//! Rule 7 for what credentials find users by: nobody is shut out or let in by
//! somebody else's record.

use attache_core::ask::Found;
use attache_core::id::{Key, RoleId, UserNumber};
use attache_core::model::{
    Email, ExternalId, FactsChange, FindsBy, Profile, ProfileChange, Status, UserFacts,
};
use attache_core::{Caller, Command, Draft, Locator, Ref, Refusal};
use uuid::Uuid;

use crate::house::{
    ADA, BO, CY, House, add_user, by, grant, may, operator, remove_user, set_status, to_user,
    user_id,
};

const ADDRESS: &str = "ada@bücher.example";

fn email(text: &str) -> Option<Email> {
    Some(Email::new(text).expect("it is an address"))
}

fn add(number: u32, address: &str, email_verified: bool, status: Status) -> Command {
    Command::AddUser {
        id: user_id(number),
        number: Some(number),
        key: None,
        profile: Box::new(Profile {
            email: email(address),
            ..Profile::default()
        }),
        status,
        facts: UserFacts {
            email_verified,
            ..UserFacts::default()
        },
    }
}

fn change(user: u32, address: Option<Option<&str>>, email_verified: Option<bool>) -> Command {
    Command::ChangeUser {
        user: Ref::Number(user),
        key: None,
        profile: Box::new(ProfileChange {
            email: address.map(|address| address.and_then(email)),
            ..ProfileChange::default()
        }),
        status: None,
        facts: FactsChange {
            email_verified,
            ..FactsChange::default()
        },
    }
}

/// Ada is the admin and has a verified address; Cy may do all to users, and no more.
fn house() -> House {
    let mut house = House::new();
    let admin = house.state.catalogue().and_then(|it| it.role("admin"));
    house.does(Command::SetRole {
        role: Box::new(attache_core::catalogue::Role {
            id: RoleId(Uuid::from_u128(9)),
            name: "registrar".into(),
            permissions: vec![may("tenants.users.*")],
            ..admin.expect("it is there").clone()
        }),
    });
    house.does(grant(Locator::root(), to_user(CY), "registrar"));
    house.does(change(ADA, Some(Some(ADDRESS)), Some(true)));
    house
}

fn found(house: &House, address: &str) -> Found {
    house.view().found_by(FindsBy::Email, address)
}

fn by_key(house: &House, key: &str) -> Found {
    house.view().found_by(FindsBy::Key, key)
}

fn must_exceed(house: &mut House, caller: Caller, command: &Command) {
    let refused = house.asks(caller, command);
    assert!(
        matches!(refused, Err(Refusal::Exceeds { .. })),
        "{command:?}: {refused:?}"
    );
}

#[test]
fn rule_07_nobody_is_shut_out_by_a_user_who_is_added_with_their_address() {
    let mut house = house();
    for address in [ADDRESS, "ADA@xn--bcher-kva.example", "Ada@BÜCHER.example."] {
        // The grammar of new addresses knows no dot at the end.
        let address = address.trim_end_matches('.');
        for status in [Status::Active, Status::Inactive, Status::Invited] {
            must_exceed(&mut house, by(CY), &add(20, address, true, status));
        }
    }
    assert_eq!(found(&house, ADDRESS), Found::One(ADA.into()));
    // What is not verified finds nobody, and another address another user.
    house
        .asks(by(CY), &add(20, ADDRESS, false, Status::Active))
        .unwrap();
    house
        .asks(by(CY), &add(21, "cy@bücher.example", true, Status::Active))
        .unwrap();
    // To verify it, or to change to it, is the same.
    must_exceed(&mut house, by(CY), &change(20, None, Some(true)));
    must_exceed(
        &mut house,
        by(CY),
        &change(21, Some(Some(ADDRESS)), Some(true)),
    );
    must_exceed(
        &mut house,
        by(CY),
        &change(CY, Some(Some(ADDRESS)), Some(true)),
    );
    house
        .asks(by(CY), &change(CY, Some(Some(ADDRESS)), None))
        .unwrap();
    assert_eq!(found(&house, ADDRESS), Found::One(ADA.into()));
    // Who holds all that Ada holds may, and then it finds nobody.
    house.asks(by(ADA), &change(20, None, Some(true))).unwrap();
    let both = vec![UserNumber(ADA), UserNumber(20)];
    assert_eq!(found(&house, ADDRESS), Found::Several(both));
    assert_eq!(house.state.user_by_verified_email(ADDRESS), None);
}

#[test]
fn rule_07_nobody_is_let_in_when_the_record_beside_theirs_goes() {
    let mut house = house();
    house.does(add(20, ADDRESS, true, Status::Inactive));
    for way in [
        remove_user(20),
        change(20, None, Some(false)),
        change(20, Some(None), None),
        change(20, Some(Some("other@mill.example")), None),
        change(20, Some(Some("other@mill.example")), Some(true)),
    ] {
        must_exceed(&mut house, by(CY), &way);
    }
    // A third record changes nothing for the two others.
    house
        .asks(by(CY), &add(21, ADDRESS, true, Status::Active))
        .unwrap();
    house.asks(by(CY), &remove_user(21)).unwrap();
    house.asks(by(ADA), &remove_user(20)).unwrap();
    assert_eq!(found(&house, ADDRESS), Found::One(ADA.into()));
}

#[test]
fn rule_07_those_who_hold_no_more_can_be_ambiguous() {
    let mut house = house();
    house.does(add(20, "dot@mill.example", true, Status::Active));
    house
        .asks(by(CY), &add(21, "dot@mill.example", true, Status::Active))
        .unwrap();
    house.asks(by(CY), &remove_user(21)).unwrap();
    // Bo owns a customer, of which Cy holds nothing.
    house.does(change(BO, Some(Some("bo@mill.example")), Some(true)));
    must_exceed(
        &mut house,
        by(CY),
        &add(22, "bo@mill.example", true, Status::Active),
    );
}

#[test]
fn a_proof_belongs_to_the_address_that_was_proven() {
    let mut house = house();
    let is_verified = |house: &House| {
        let user = house.state.user(ADA.into()).expect("it is there");
        user.facts.email_verified
    };
    // The same address, however it is written, stays proven.
    for same in [ADDRESS, "Ada@bücher.example", "ada@xn--bcher-kva.example"] {
        house.does(change(ADA, Some(Some(same)), None));
        assert!(is_verified(&house), "{same}");
    }
    house.does(change(ADA, Some(Some("ada@mill.example")), None));
    assert!(!is_verified(&house));
    house.does(change(ADA, Some(Some(ADDRESS)), Some(true)));
    assert!(is_verified(&house), "the same request says so");
    house.does(change(ADA, Some(None), None));
    assert!(!is_verified(&house));
    house.does(change(ADA, Some(Some(ADDRESS)), None));
    assert!(
        !is_verified(&house),
        "it was proven once, of whom is not known"
    );
    // What leaves the address leaves the proof.
    house.does(change(ADA, None, Some(true)));
    house.does(set_status(ADA, Status::Active));
    assert!(is_verified(&house));
}

#[test]
fn a_credential_finds_by_what_it_says_and_by_nothing_else() {
    let mut house = house();
    let upper = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
    let key = |user: u32, key: &str| Command::ChangeUser {
        user: Ref::Number(user),
        key: Some(Some(Key::new(key).expect("it is a key"))),
        profile: Box::default(),
        status: None,
        facts: FactsChange::default(),
    };
    house.does(key(BO, upper));
    house.does(key(CY, "3"));
    assert_eq!(by_key(&house, upper), Found::One(BO.into()));
    assert_eq!(by_key(&house, &upper.to_lowercase()), Found::One(BO.into()));
    assert_eq!(by_key(&house, "3"), Found::One(CY.into()));
    let id = user_id(ADA).to_string();
    for no_key in ["#1", "1", &id, "", " 3", ADDRESS, "user:3"] {
        assert_eq!(by_key(&house, no_key), Found::Nobody, "{no_key:?}");
    }
    // An issuer that writes a UUID in another way means another subject.
    let simple = upper.replace('-', "");
    assert_eq!(by_key(&house, &simple), Found::Nobody);
    house.does(key(BO, &simple));
    assert_eq!(by_key(&house, &simple), Found::One(BO.into()));
    assert_eq!(by_key(&house, &simple.to_lowercase()), Found::Nobody);
    assert_eq!(by_key(&house, upper), Found::One(BO.into()));
    let by_id = |name: &str| house.view().found_by(FindsBy::Id, name);
    assert_eq!(by_id(&id), Found::One(ADA.into()));
    assert_eq!(by_id(&id.to_uppercase()), Found::One(ADA.into()));
    for no_id in ["3", "#1", upper, "", &id.replace('-', "")] {
        assert_eq!(by_id(no_id), Found::Nobody, "{no_id:?}");
    }
}

fn external(user: u32, id: Option<&str>) -> Command {
    Command::ChangeUser {
        user: Ref::Number(user),
        key: None,
        profile: Box::default(),
        status: None,
        facts: FactsChange {
            external_auth_id: Some(id.map(ExternalId::from)),
            ..FactsChange::default()
        },
    }
}

#[test]
fn a_credential_finds_by_the_id_at_an_identity_provider() {
    let mut house = house();
    let by_external = |house: &House, id: &str| house.view().found_by(FindsBy::ExternalAuthId, id);
    house.does(external(BO, Some("auth0|5f7c")));
    assert_eq!(by_external(&house, "auth0|5f7c"), Found::One(BO.into()));
    for other in ["auth0|5F7C", "5f7c", "", "#2"] {
        assert_eq!(by_external(&house, other), Found::Nobody, "{other:?}");
    }
    let oid = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
    house.does(external(CY, Some(oid)));
    assert_eq!(
        by_external(&house, &oid.to_uppercase()),
        Found::One(CY.into())
    );
    assert_eq!(by_external(&house, &oid.replace('-', "")), Found::Nobody);
    let taken = Err(Refusal::Taken {
        field: "external_auth_id",
    });
    let other_form = format!("{{{oid}}}");
    for id in ["auth0|5f7c", oid, &other_form] {
        assert_eq!(house.asks(operator(), &external(ADA, Some(id))), taken);
    }
    // Rule 7: to be found by it is to be let in as that user.
    must_exceed(&mut house, by(CY), &external(ADA, Some("auth0|ada")));
    house.does(external(BO, None));
    assert_eq!(by_external(&house, "auth0|5f7c"), Found::Nobody);
    house.does(remove_user(CY));
    assert_eq!(by_external(&house, oid), Found::Nobody);
}

/// Versions before let two users share one: it finds neither, and to take it from one of
/// them lets the other in.
#[test]
fn rule_07_an_id_that_two_share_finds_neither_until_one_gives_it_up() {
    let mut house = house();
    house.does(external(BO, Some("auth0|x")));
    house.does(add_user(20));
    let mut draft = Draft::new(house.state.clone(), operator(), house.now);
    draft.run_as_is(&external(20, Some("auth0|x"))).unwrap();
    let (_, state, _) = draft.finish();
    house.state = state;
    let found = house.view().found_by(FindsBy::ExternalAuthId, "auth0|x");
    assert_eq!(found, Found::Several(vec![BO.into(), UserNumber(20)]));
    house.does(grant(Locator::root(), to_user(BO), "admin"));
    must_exceed(&mut house, by(CY), &external(20, None));
    must_exceed(&mut house, by(CY), &remove_user(20));
    house.does(external(20, None));
    let found = house.view().found_by(FindsBy::ExternalAuthId, "auth0|x");
    assert_eq!(found, Found::One(BO.into()));
}

#[test]
fn rule_07_to_end_somebodys_access_takes_what_removing_takes() {
    let mut house = House::new();
    let only = |permissions: &[&str]| Command::SetRole {
        role: Box::new(attache_core::catalogue::Role {
            id: RoleId(Uuid::from_u128(0xFACE)),
            name: "clerk".into(),
            kind: "tenant".into(),
            label: "Clerk".into(),
            description: String::new(),
            permissions: permissions.iter().map(|it| may(it)).collect(),
            scoped: Vec::new(),
            parameters: Vec::new(),
        }),
    };
    house.does(only(&["tenants.users.change"]));
    house.does(grant(Locator::root(), to_user(BO), "clerk"));
    let asleep = |status| set_status(CY, status);
    for status in [Status::Inactive, Status::Invited] {
        let refused = house.asks(by(BO), &asleep(status));
        let removing = may("tenants.users.remove");
        assert!(
            matches!(&refused, Err(Refusal::Forbidden { permission }) if *permission == removing),
            "{refused:?}"
        );
    }
    house.does(only(&["tenants.users.change", "tenants.users.remove"]));
    assert!(house.asks(by(BO), &asleep(Status::Inactive)).is_ok());
    // To write an address in another way changes nobody's.
    house.does(change(CY, Some(Some("cy@mill.example")), Some(true)));
    house.does(grant(Locator::root(), to_user(CY), "admin"));
    let same = change(CY, Some(Some("CY@MILL.example")), None);
    assert!(house.asks(by(BO), &same).is_ok());
    let other = change(CY, Some(Some("other@mill.example")), None);
    assert!(matches!(
        house.asks(by(BO), &other),
        Err(Refusal::Exceeds { .. })
    ));
}
