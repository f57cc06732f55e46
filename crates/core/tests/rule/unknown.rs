//! To a caller that may not list the tenant's users, a user that does not exist is one
//! that is attached to nothing. The same of groups, services and roles.

use attache_core::catalogue::{Pattern, Role};
use attache_core::id::RoleId;
use attache_core::{Caller, Change, Command, Locator, Ref, Refusal};
use uuid::Uuid;

use crate::house::{
    ADA, BO, CY, House, add_group, add_service, at, attach, by, detach, grant, join, place,
    service, to_group, to_service, to_user, user_id, which,
};

/// Nobody has this number.
const NOBODY: u32 = 99;

/// Bo owns customer 1 and its chatbot; nothing lets him list the tenant's users.
fn house() -> House {
    let mut house = House::new();
    house.does(attach(place("workspace", 1), BO, None));
    house.does(attach(place("chatbot", 1), BO, None));
    house.does(grant(place("chatbot", 1), to_user(BO), "ChatbotOwner"));
    house
}

fn decided(house: &House, caller: Caller, command: &Command) -> Result<Vec<Change>, Refusal> {
    let changes = house.state.decide(&caller, house.now, command)?;
    Ok(changes.list)
}

#[test]
fn a_user_who_does_not_exist_is_answered_as_one_who_is_attached_to_nothing() {
    let house = house();
    let (customer, chatbot) = (place("customer", 1), place("chatbot", 1));
    let past = Some(at(-1));
    let change = |user: u32, expires_at| Command::ChangeMember {
        resource: customer.clone(),
        user: Ref::Number(user),
        expires_at,
    };
    let sync = |user: u32| Command::SyncMembers {
        resource: chatbot.clone(),
        users: [BO, user, NOBODY].map(Ref::Number).to_vec(),
        expires_at: None,
        allow_mass_detach: true,
    };
    let revoke = |user: u32| Command::Revoke {
        grant: which(customer.clone(), to_user(user), "viewer"),
    };
    let asked: [&dyn Fn(u32) -> Command; 9] = [
        &|user| detach(customer.clone(), user),
        &|user| attach(customer.clone(), user, past),
        &|user| attach(chatbot.clone(), user, None),
        &|user| change(user, None),
        &|user| change(user, past),
        &sync,
        &|user| grant(customer.clone(), to_user(user), "viewer"),
        &|user| grant(chatbot.clone(), to_user(user), "ChatbotMember"),
        &revoke,
    ];
    for ask in asked {
        let there = decided(&house, by(BO), &ask(CY));
        assert_eq!(
            there,
            decided(&house, by(BO), &ask(NOBODY)),
            "{:?}",
            ask(CY)
        );
        // What is wrong with the command itself is told first, to everybody.
        if !matches!(there, Err(Refusal::Invalid { .. })) {
            let admin = decided(&house, by(ADA), &ask(NOBODY));
            assert_ne!(there, admin, "who may list users is told: {:?}", ask(CY));
        }
    }
    let unknown = decided(&house, by(BO), &attach(customer, NOBODY, None));
    assert!(
        matches!(unknown, Err(Refusal::Unknown { .. })),
        "Cy would be attached"
    );
}

#[test]
fn a_role_of_another_kind_does_not_exist_for_who_may_not_read_the_catalogue() {
    let mut house = house();
    house.does(add_service(1));
    house.does(Command::SetRole {
        role: Box::new(Role {
            id: RoleId(Uuid::from_u128(9)),
            name: "granter".into(),
            kind: "customer".into(),
            label: "Granter".to_owned(),
            description: String::new(),
            permissions: vec![Pattern::new("customers.*").expect("it is one")],
            scoped: Vec::new(),
            parameters: Vec::new(),
        }),
    });
    let customer = || place("customer", 1);
    house.does(grant(customer(), to_service(1), "granter"));
    let ask = |role: &str| decided(&house, service(1), &grant(customer(), to_user(BO), role));
    assert_eq!(ask("auditor"), ask("no-such-role"));
    let revoke = |role: &str| {
        let grant = which(customer(), to_user(BO), role);
        decided(&house, service(1), &Command::Revoke { grant })
    };
    assert_eq!(revoke("auditor"), revoke("no-such-role"));
    // Who holds something on the tenant reads its catalogue.
    let told = decided(&house, by(BO), &grant(customer(), to_user(BO), "auditor"));
    assert!(matches!(told, Err(Refusal::Invalid { .. })), "{told:?}");
}

#[test]
fn who_may_not_give_what_a_group_holds_learns_nothing_of_users() {
    let mut house = house();
    house.does(add_group(1));
    house.does(add_service(1));
    house.does(grant(place("customer", 1), to_group(1), "owner"));
    let permissions = ["tenants.groups.users.add", "tenants.groups.users.remove"];
    house.does(Command::SetRole {
        role: Box::new(Role {
            id: RoleId(Uuid::from_u128(9)),
            name: "grouper".into(),
            kind: "tenant".into(),
            label: "Grouper".to_owned(),
            description: String::new(),
            permissions: permissions
                .map(|it| Pattern::new(it).expect("it is one"))
                .to_vec(),
            scoped: Vec::new(),
            parameters: Vec::new(),
        }),
    });
    house.does(grant(Locator::root(), to_service(1), "grouper"));
    let leave = |user: u32| Command::RemoveGroupUser {
        group: Ref::Number(1),
        user: Ref::Number(user),
    };
    let ask = |command: &Command| decided(&house, service(1), command);
    assert_eq!(ask(&join(1, CY)), ask(&join(1, NOBODY)));
    assert_eq!(ask(&leave(CY)), ask(&leave(NOBODY)));
}

#[test]
fn entries_tell_names_to_those_who_may_read_them_elsewhere() {
    let mut house = house();
    let changed = Change::UserProfileSet { user: user_id(CY) };
    house.does(add_service(1));
    let added = house.does(add_group(1));
    let is_told = |caller: &Caller, change: &Change| {
        let told = house.authority(caller).told();
        told.withheld(change).is_empty()
    };
    let (ada, robot) = (by(ADA), service(1));
    for change in added.iter().chain([&changed]) {
        assert!(is_told(&ada, change), "{change:?}");
    }
    assert!(!is_told(&robot, &added[0]), "a group's name");
    assert!(is_told(&robot, &changed), "it says an id");
    assert!(house.authority(&ada).told().profiles());
    assert!(!house.authority(&robot).told().profiles());
}
