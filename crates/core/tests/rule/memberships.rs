//! Each membership has a number of its own, and knows when it last changed.

use attache_core::id::MembershipNumber;
use attache_core::{Command, Locator, Ref, Refusal, State, Timestamp};

use crate::house::{
    ADA, BO, CY, House, add_service, at, attach, by, detach, grant, operator, place, service,
    to_service, to_user, which,
};

const BOS: MembershipNumber = MembershipNumber(1);

/// The number of a membership, and when it changed.
fn shown(house: &House, on: &Locator, user: u32) -> Option<(Option<u32>, Timestamp)> {
    let view = house.state.view(house.now);
    let member = view.member(house.node(on), user.into())?;
    let number = member.membership.number().map(|number| number.0);
    Some((number, member.updated_at(&house.state)))
}

fn let_end(on: Locator, user: u32, end: Timestamp) -> Command {
    Command::ChangeMember {
        resource: on,
        user: Ref::Number(user),
        expires_at: Some(end),
    }
}

#[test]
fn memberships_are_numbered_as_they_come_and_never_alike() {
    let mut house = House::new();
    let (one, two) = (place("customer", 1), place("customer", 2));
    assert_eq!(shown(&house, &one, BO), Some((Some(1), at(0))));
    house.does(attach(two.clone(), CY, None));
    house.does(attach(one.clone(), CY, None));
    assert_eq!(shown(&house, &two, CY), Some((Some(2), at(0))));
    assert_eq!(shown(&house, &one, CY), Some((Some(3), at(0))));
    house.does(detach(one.clone(), CY));
    house.does(attach(one.clone(), CY, None));
    assert_eq!(shown(&house, &one, CY), Some((Some(4), at(0))));
    for (number, user) in [
        (1, Some(BO)),
        (2, Some(CY)),
        (3, None),
        (4, Some(CY)),
        (5, None),
    ] {
        let found = house.state.membership(MembershipNumber(number));
        assert_eq!(found.map(|(_, user, _)| user.0), user, "{number}");
    }
}

#[test]
fn several_who_are_attached_at_once_are_numbered_in_the_order_of_their_own_numbers() {
    let mut house = House::new();
    let two = place("customer", 2);
    house.does(Command::SyncMembers {
        resource: two.clone(),
        users: [CY, ADA, BO].map(Ref::Number).into(),
        expires_at: None,
        allow_mass_detach: false,
    });
    let numbers = [ADA, BO, CY].map(|user| shown(&house, &two, user).and_then(|it| it.0));
    assert_eq!(numbers, [Some(2), Some(3), Some(4)]);
}

#[test]
fn a_membership_that_expired_has_another_number_when_it_is_given_again() {
    let mut house = House::new();
    let two = place("customer", 2);
    house.does(attach(two.clone(), CY, Some(at(5))));
    house.now = at(6);
    house.does(attach(two.clone(), CY, None));
    assert_eq!(shown(&house, &two, CY), Some((Some(3), at(6))));
}

#[test]
fn a_membership_changes_with_its_end_and_with_the_users_own_roles_there() {
    let mut house = House::new();
    let one = place("customer", 1);
    house.does(attach(one.clone(), CY, None));
    let mut expect = |minute: i64, command: Command, changed: i64| {
        house.now = at(minute);
        house.does(command.clone());
        let (_, updated) = shown(&house, &one, CY).expect("it is a member");
        assert_eq!(updated, at(changed), "{command:?}");
    };
    let viewer = || grant(place("customer", 1), to_user(CY), "viewer");
    expect(1, attach(place("customer", 1), CY, None), 0);
    expect(2, let_end(place("customer", 1), CY, at(99)), 2);
    expect(3, viewer(), 3);
    expect(4, viewer(), 3);
    let revoke = Command::Revoke {
        grant: which(place("customer", 1), to_user(CY), "viewer"),
    };
    expect(5, revoke.clone(), 5);
    expect(6, revoke, 5);
    let short = Command::Grant {
        grant: which(place("customer", 1), to_user(CY), "viewer"),
        expires_at: Some(at(8)),
    };
    expect(7, short, 7);
    // A role that ends by itself is no change.
    expect(9, Command::Expire { most: 9 }, 7);
    // Roles elsewhere, other users' roles and groups' roles are no part of it.
    expect(10, grant(place("customer", 1), to_user(BO), "viewer"), 7);
    expect(
        11,
        grant(Locator::root(), to_user(CY), "customer-reader"),
        7,
    );
}

#[test]
fn the_membership_of_the_root_comes_with_the_user_and_has_no_number() {
    let mut house = House::new();
    house.now = at(3);
    let root = Locator::root();
    assert_eq!(shown(&house, &root, CY), Some((None, at(0))));
    house.does(grant(root.clone(), to_user(CY), "customer-reader"));
    assert_eq!(shown(&house, &root, CY), Some((None, at(3))));
}

#[test]
fn the_number_of_a_membership_names_its_resource_and_its_user_until_it_goes() {
    let mut house = House::new();
    let remove = |number| Command::RemoveMember {
        resource: Locator::of_membership(number),
        user: Ref::OfMembership(number),
    };
    let end = Command::ChangeMember {
        resource: Locator::of_membership(BOS),
        user: Ref::OfMembership(BOS),
        expires_at: Some(at(9)),
    };
    assert_eq!(house.does(end).len(), 1);
    house.does(remove(BOS));
    house.does(attach(place("customer", 1), BO, None));
    let gone = house.asks(operator(), &remove(BOS));
    assert!(matches!(gone, Err(Refusal::NotFound { .. })), "{gone:?}");
    assert!(
        house.is_member(BO, &place("customer", 1)),
        "by another membership"
    );
}

#[test]
fn who_may_list_the_users_of_the_resource_finds_a_membership_by_its_number_and_so_does_its_user() {
    let mut house = House::new();
    house.does(attach(place("customer", 1), CY, None));
    house.does(add_service(1));
    house.does(add_service(2));
    house.does(grant(place("customer", 1), to_service(1), "viewer"));
    house.does(grant(place("customer", 2), to_service(2), "viewer"));
    let view = house.state.view(house.now);
    let finds_one = |caller: attache_core::Caller, number| {
        let authority = house.authority(&caller);
        authority.membership_of_number(view, number).is_some()
    };
    let finds = |caller| finds_one(caller, BOS);
    assert!(finds(operator()) && finds(by(BO)) && finds(service(1)));
    assert!(!finds(by(CY)), "it is attached, and lists nobody");
    assert!(!finds(service(2)), "it lists the users of another customer");
    let own = MembershipNumber(2);
    assert!(finds_one(by(CY), own));
    let elsewhere = attache_core::Caller {
        tenant: attache_core::id::TenantId(uuid::Uuid::from_u128(9)),
        ..operator()
    };
    assert!(!finds(elsewhere));
}

#[test]
fn a_state_that_is_loaded_numbers_on_and_knows_what_changed() {
    let mut house = House::new();
    let one = place("customer", 1);
    house.does(attach(one.clone(), CY, None));
    house.does(detach(one.clone(), CY));
    house.now = at(4);
    house.does(let_end(one.clone(), BO, at(99)));
    house.does(grant(Locator::root(), to_user(CY), "customer-reader"));
    let loaded = State::from_facts(house.state.facts()).expect("they are a state's");
    assert_eq!(loaded, house.state);
    house.state = loaded;
    assert_eq!(shown(&house, &one, BO), Some((Some(1), at(4))));
    assert_eq!(shown(&house, &Locator::root(), CY), Some((None, at(4))));
    assert_eq!(house.state.membership(MembershipNumber(2)), None);
    house.does(attach(one.clone(), CY, None));
    assert_eq!(shown(&house, &one, CY), Some((Some(3), at(4))));
}
