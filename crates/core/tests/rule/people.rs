//! The users of a resource, attached or not, and pages that writes do not upset.

use attache_core::ask::{
    Cut, Effective, Field, Filter, Include, MemberPlace, MemberQuery, Sort, SourceKind,
};
use attache_core::model::Status;
use attache_core::{Command, Locator};

use crate::house::{
    ADA, BO, CY, House, add_group, add_user, at, attach, detach, grant, join, place, remove_user,
    set_status, to_group, to_user,
};

fn all(include: Include) -> MemberQuery {
    MemberQuery {
        include,
        ..MemberQuery::all(Field::Number)
    }
}

/// The numbers of those on a page, and the place of the last of them, as a client
/// keeps that: as text.
fn page(house: &House, on: &Locator, query: &MemberQuery) -> (Vec<u32>, Option<MemberPlace>) {
    let page = house.view().list(house.node(on), query);
    let numbers = page.items.iter().map(|it| it.user().number.0).collect();
    let text = serde_json::to_string(&page.next).expect("it can be written");
    (numbers, serde_json::from_str(&text).expect("and read"))
}

fn numbers(house: &House, on: &Locator, include: Include) -> Vec<u32> {
    page(house, on, &all(include)).0
}

#[test]
fn who_holds_a_role_above_sees_it_and_is_not_attached_to_it() {
    let mut house = House::new();
    let chatbot = place("chatbot", 1);
    house.does(add_group(1));
    house.does(grant(place("workspace", 1), to_group(1), "workspace-admin"));
    // Ada is the admin. Bo owns the customer, and may nothing with chatbots.
    assert_eq!(numbers(&house, &chatbot, Include::EFFECTIVE), [ADA]);
    house.does(join(1, CY));
    assert_eq!(numbers(&house, &chatbot, Include::EFFECTIVE), [ADA, CY]);
    assert_eq!(numbers(&house, &chatbot, Include::Direct), [0; 0]);

    let via = house.view().via(house.node(&chatbot), CY.into());
    let [one] = via[..] else {
        panic!("{via:?}");
    };
    assert_eq!(one.on, house.node(&place("workspace", 1)));
    assert!(
        matches!(one.kind, SourceKind::Grant { group: Some(group), .. } if group.0 == 1),
        "{one:?}"
    );

    house.does(attach(place("workspace", 1), CY, None));
    house.does(attach(chatbot.clone(), CY, None));
    assert_eq!(numbers(&house, &chatbot, Include::Direct), [CY]);
    assert_eq!(numbers(&house, &chatbot, Include::EFFECTIVE), [ADA, CY]);
    let via = house.view().via(house.node(&chatbot), CY.into());
    let kinds = via
        .iter()
        .map(|it| matches!(it.kind, SourceKind::Membership));
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [true, false],
        "the closest first"
    );
}

#[test]
fn inactive_and_expired_users_are_effective_only_when_asked_for() {
    let mut house = House::new();
    let workspace = place("workspace", 1);
    house.does(attach(place("customer", 1), CY, Some(at(10))));
    house.does(grant(place("customer", 1), to_user(CY), "owner"));
    house.does(set_status(BO, Status::Inactive));
    let with = |house: &House, inactive, expired| {
        let query = all(Include::Effective { inactive, expired });
        let page = house.view().list(house.node(&workspace), &query);
        let items = page.items.iter();
        let marked = items.map(|it| (it.user().number.0, it.effective));
        marked
            .map(|(number, effective)| (number, effective.expect("it was asked")))
            .collect::<Vec<_>>()
    };
    let (ada, cy) = ((ADA, Effective::Active), (CY, Effective::Active));
    let bo = (BO, Effective::Inactive);
    assert_eq!(with(&house, false, true), [ada, cy]);
    assert_eq!(with(&house, true, false), [ada, bo, cy]);
    // The grant has no end, and the membership that it needs has.
    house.now = at(10);
    assert_eq!(with(&house, false, false), [ada]);
    let ended = (CY, Effective::Expired);
    assert_eq!(with(&house, true, true), [ada, bo, ended]);
    // Both at once is told as inactive, and asked for as both.
    house.does(set_status(CY, Status::Inactive));
    assert_eq!(with(&house, true, false), [ada, bo]);
    assert_eq!(with(&house, false, true), [ada]);
    let both = (CY, Effective::Inactive);
    assert_eq!(with(&house, true, true), [ada, bo, both]);
    // An entry that says that it ended is the end of it.
    house.does(Command::Expire { most: 10 });
    assert_eq!(with(&house, true, true), [ada, bo]);
}

#[test]
fn those_are_wanted_to_whom_a_role_gives_something_wherever_it_was_granted() {
    let mut house = House::new();
    let workspace = place("workspace", 1);
    house.does(attach(workspace.clone(), CY, None));
    let owner = house.state.role_index("owner").expect("it is a role");
    let owners = MemberQuery {
        filters: vec![Filter::Role(owner)],
        ..all(Include::EFFECTIVE)
    };
    assert_eq!(page(&house, &workspace, &owners).0, [BO]);
    assert_eq!(page(&house, &place("customer", 2), &owners).0, [0; 0]);
    let sleeping = MemberQuery {
        filters: vec![Filter::Role(owner), Filter::Status(Status::Inactive)],
        ..all(Include::EFFECTIVE)
    };
    assert_eq!(
        page(&house, &workspace, &sleeping).0,
        [0; 0],
        "both must hold"
    );
}

/// Customer 2 with users 11 to 18.
fn full() -> (House, Locator) {
    let mut house = House::new();
    let customer = place("customer", 2);
    for number in 11..=18 {
        house.does(add_user(number));
        house.does(attach(customer.clone(), number, None));
    }
    (house, customer)
}

#[test]
fn a_page_after_a_write_loses_nobody_who_stayed_and_repeats_nobody() {
    let (mut house, customer) = full();
    let mut pages = MemberQuery {
        take: 3,
        ..all(Include::Direct)
    };
    let (first, next) = page(&house, &customer, &pages);
    assert_eq!(first, [11, 12, 13]);
    // Before the place and after it, somebody goes and somebody comes.
    house.does(detach(customer.clone(), 11));
    house.does(detach(customer.clone(), 15));
    house.does(attach(customer.clone(), CY, None));
    house.does(add_user(20));
    house.does(attach(customer.clone(), 20, None));
    pages.cut = next.map_or(Cut::Start, Cut::After);
    let (second, next) = page(&house, &customer, &pages);
    assert_eq!(second, [14, 16, 17]);
    pages.cut = next.map_or(Cut::Start, Cut::After);
    assert_eq!(page(&house, &customer, &pages), (vec![18, 20], None));
}

#[test]
fn a_page_begins_where_somebody_stood_who_is_gone() {
    let (mut house, customer) = full();
    for descending in [false, true] {
        let mut pages = MemberQuery {
            sort: Sort {
                by: Field::Added,
                descending,
            },
            take: 2,
            ..all(Include::Direct)
        };
        let (first, next) = page(&house, &customer, &pages);
        let gone = first[1];
        pages.cut = next.map_or(Cut::Start, Cut::After);
        let stayed = page(&house, &customer, &pages).0;
        house.does(remove_user(gone));
        assert_eq!(page(&house, &customer, &pages).0, stayed, "after {gone}");
    }
}

#[test]
fn pages_backwards_end_right_before_a_place() {
    let (mut house, customer) = full();
    let node = house.node(&customer);
    let query = |cut| MemberQuery {
        cut,
        take: 3,
        ..all(Include::Direct)
    };
    let page = |house: &House, cut| {
        let page = house.view().list(node, &query(cut));
        let numbers: Vec<u32> = page.items.iter().map(|it| it.user().number.0).collect();
        (numbers, page.previous, page.next)
    };
    let (last, place, next) = page(&house, Cut::Skip(6));
    assert_eq!((last, next), (vec![17, 18], None));
    let place = place.expect("something stands before it");
    let (before, previous, next) = page(&house, Cut::Before(place.clone()));
    assert_eq!(before, [14, 15, 16]);
    assert!(previous.is_some() && next.is_some());
    // The user at the place may be gone.
    house.does(remove_user(17));
    house.does(detach(customer, 15));
    let (before, previous, next) = page(&house, Cut::Before(place));
    assert_eq!(before, [13, 14, 16]);
    assert!(next.is_some());
    let previous = previous.expect("something stands before it");
    let (first, none, _) = page(&house, Cut::Before(previous));
    assert_eq!((first, none), (vec![11, 12], None));
}
