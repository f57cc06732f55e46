//! Many members at once.

use attache_core::{Change, Command, Ref, Refusal};

use crate::house::{House, add_user, attach, place};

const FIRST: u32 = 100;

/// A customer with so many members, and nobody else.
fn with_members(count: u32) -> House {
    let mut house = House::new();
    house.does(sync(FIRST..FIRST, true));
    for user in FIRST..FIRST + count {
        house.does(add_user(user));
        house.does(attach(place("customer", 1), user, None));
    }
    house
}

fn sync(users: std::ops::Range<u32>, allow_mass_detach: bool) -> Command {
    Command::SyncMembers {
        resource: place("customer", 1),
        users: users.map(Ref::Number).collect(),
        expires_at: None,
        allow_mass_detach,
    }
}

#[test]
fn to_detach_more_than_half_of_ten_or_more_takes_a_word() {
    let mut house = with_members(10);
    let refused = house.asks(crate::house::operator(), &sync(FIRST..FIRST + 4, false));
    let expected = Refusal::MassDetach {
        detached: 6,
        of: 10,
    };
    assert_eq!(refused, Err(expected));
    let changes = house.asks(crate::house::operator(), &sync(FIRST..FIRST + 4, true));
    let detached = |change: &Change| matches!(change, Change::MemberRemoved { .. });
    assert_eq!(
        changes.map(|all| all.iter().filter(|it| detached(it)).count()),
        Ok(6)
    );
}

#[test]
fn half_of_them_and_most_of_a_few_take_none() {
    let mut house = with_members(10);
    assert!(
        house
            .asks(crate::house::operator(), &sync(FIRST..FIRST + 5, false))
            .is_ok()
    );
    let mut house = with_members(9);
    assert!(
        house
            .asks(crate::house::operator(), &sync(FIRST..FIRST, false))
            .is_ok()
    );
}
