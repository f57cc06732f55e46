//! Rule 7 in time: nobody gives anything for longer than they hold it, and to let
//! something end takes what it takes to remove it.

use attache_core::catalogue::{Kind, Role};
use attache_core::id::{IssuerId, Key, RoleId, TokenId};
use attache_core::model::{FindsBy, KeySource, Status, TokenHash, Trust};
use attache_core::time::Expiry;
use attache_core::{Caller, Change, Command, Draft, Locator, Ref, Refusal, Timestamp};
use uuid::Uuid;

use crate::house::{
    ADA, BO, CY, House, add_group, add_resource, add_service, add_user, at, attach, by, detach,
    grant, join, may, place, remove_user, service, set_status, to_group, to_service, to_user,
    user_id, which,
};

/// A command, by the end that it says.
type Way<'a> = &'a dyn Fn(Option<Timestamp>) -> Command;

fn grant_until(on: Locator, user: u32, role: &str, end: Option<Timestamp>) -> Command {
    Command::Grant {
        grant: which(on, to_user(user), role),
        expires_at: end,
    }
}

fn let_end(on: Locator, user: u32, end: Option<Timestamp>) -> Command {
    Command::ChangeMember {
        resource: on,
        user: Ref::Number(user),
        expires_at: end,
    }
}

fn token(end: Option<Timestamp>) -> Command {
    Command::CreateToken {
        id: TokenId(Uuid::from_u128(8)),
        service: Ref::Number(1),
        hash: TokenHash([7; 32]),
        hint: "…7".into(),
        expires_at: end,
    }
}

fn sync(users: &[u32], end: Option<Timestamp>) -> Command {
    Command::SyncMembers {
        resource: place("customer", 1),
        users: users.iter().map(|user| Ref::Number(*user)).collect(),
        expires_at: end,
        allow_mass_detach: true,
    }
}

fn set_key(user: u32, key: &str) -> Command {
    Command::ChangeUser {
        user: Ref::Number(user),
        key: Some(Some(Key::new(key).expect("it is a key"))),
        profile: Default::default(),
        status: None,
        facts: Default::default(),
    }
}

fn set_group_key(key: &str) -> Command {
    Command::ChangeGroup {
        group: Ref::Number(1),
        name: None,
        key: Some(Some(Key::new(key).expect("it is a key"))),
    }
}

fn set_service_key(key: &str) -> Command {
    Command::ChangeService {
        service: Ref::Number(1),
        name: None,
        key: Some(Some(Key::new(key).expect("it is a key"))),
    }
}

fn role(house: &House, name: &str, kind: &str, permissions: &[&str]) -> Role {
    let catalogue = house.state.catalogue().expect("it began");
    Role {
        id: RoleId(Uuid::from_u128(name.bytes().map(u128::from).sum())),
        name: name.into(),
        kind: kind.into(),
        permissions: permissions.iter().map(|it| may(it)).collect(),
        ..catalogue.roles[0].clone()
    }
}

fn add_role(house: &mut House, name: &str, kind: &str, permissions: &[&str]) {
    let role = role(house, name, kind, permissions);
    house.does(Command::SetRole {
        role: Box::new(role),
    });
}

/// Cy is admin for an hour.
fn house() -> House {
    let mut house = House::new();
    house.does(grant_until(Locator::root(), CY, "admin", Some(at(60))));
    house.does(add_group(1));
    house.does(add_service(1));
    house
}

fn must_outlast(
    house: &mut House,
    caller: Caller,
    command: &Command,
    field: Option<&'static str>,
    until: Timestamp,
) {
    match house.asks(caller, command) {
        Err(Refusal::Outlasts {
            field: said,
            until: end,
            ..
        }) => assert_eq!((said, end), (field, until), "{command:?}"),
        other => panic!("{command:?}: {other:?}"),
    }
}

#[test]
fn rule_07_an_admin_for_an_hour_gives_for_an_hour() {
    let mut house = house();
    house.does(attach(place("customer", 2), CY, Some(at(60))));
    let root = Locator::root;
    let ways: [fn(Option<Timestamp>) -> Command; 7] = [
        |end| grant_until(Locator::root(), CY, "admin", end),
        |end| grant_until(Locator::root(), BO, "admin", end),
        |end| grant_until(place("customer", 1), BO, "viewer", end),
        |end| attach(place("customer", 2), BO, end),
        |end| let_end(place("customer", 2), CY, end),
        |end| sync(&[BO, CY], end),
        token,
    ];
    for way in ways {
        for end in [None, Some(at(61))] {
            must_outlast(&mut house, by(CY), &way(end), Some("expires_at"), at(60));
        }
        let given = house.asks(by(CY), &way(Some(at(60))));
        assert!(given.is_ok(), "{given:?}");
    }
    // Who has no end gives without one.
    house
        .asks(by(ADA), &grant(root(), to_user(BO), "admin"))
        .unwrap();
}

#[test]
fn rule_07_what_has_no_end_takes_a_caller_without_one() {
    let mut house = house();
    let trust = |audience: &str| {
        Box::new(Trust {
            issuer: "https://login.mill.example".into(),
            keys: KeySource::Discovery,
            audience: audience.into(),
            subject_claim: "sub".into(),
            finds_by: FindsBy::Key,
            tenant_claim: None,
            token_type: None,
            accepts_invitations: false,
        })
    };
    let (old, new) = (IssuerId(Uuid::from_u128(1)), IssuerId(Uuid::from_u128(2)));
    house.does(Command::AddIssuer {
        id: old,
        trust: trust("attache"),
    });
    house.does(grant(place("customer", 1), to_group(1), "owner"));
    house.does(grant(place("customer", 1), to_service(1), "owner"));
    house.does(add_user(9));
    house.does(grant(Locator::root(), to_user(9), "admin"));
    house.does(set_status(9, Status::Inactive));
    let mut wide = role(&house, "owner", "customer", &["*"]);
    let owner = house.state.catalogue().and_then(|it| it.role("owner"));
    wide.parameters = owner.expect("it is there").parameters.clone();
    let ways = [
        Command::AddIssuer {
            id: new,
            trust: trust("other"),
        },
        Command::ChangeIssuer {
            issuer: old,
            trust: trust("third"),
        },
        Command::SetRole {
            role: Box::new(wide),
        },
        Command::SetKind {
            kind: Box::new(Kind {
                name: "customer".into(),
                parents: vec!["tenant".into(), "reseller".into()],
                members_may: vec![may("customers.*")],
                members_from_parent: false,
            }),
        },
        Command::SetKind {
            kind: Box::new(Kind {
                name: "tenant".into(),
                parents: Vec::new(),
                members_may: vec![may("tenants.view"), may("tenants.users.list")],
                members_from_parent: false,
            }),
        },
        // Whoever can become another must hold what the other holds, and as long.
        set_key(ADA, "cy"),
        set_key(BO, "bo"),
        set_group_key("staff"),
        set_service_key("portal"),
        set_status(9, Status::Active),
        // Last: from then on, Cy holds what the group holds.
        join(1, CY),
    ];
    for way in ways {
        must_outlast(&mut house, by(CY), &way, None, at(60));
        let given = house.asks(by(ADA), &way);
        assert!(given.is_ok(), "{way:?}: {given:?}");
    }
}

#[test]
fn rule_07_an_admin_for_an_hour_removes_and_adds_things() {
    let mut house = house();
    let customer = || place("customer", 1);
    house.does(add_user(9));
    house.does(attach(customer(), 9, None));
    house.does(grant(customer(), to_user(9), "manager"));
    house.does(join(1, 9));
    let ways = [
        // To shorten is to remove.
        let_end(customer(), 9, Some(at(90))),
        let_end(customer(), 9, Some(at(30))),
        grant_until(customer(), 9, "manager", Some(at(90))),
        grant_until(customer(), 9, "manager", Some(at(10))),
        Command::RemoveGroupUser {
            group: Ref::Number(1),
            user: Ref::Number(9),
        },
        Command::Revoke {
            grant: which(customer(), to_user(BO), "owner"),
        },
        detach(customer(), BO),
        remove_user(9),
        // A thing that is new is given to nobody.
        add_user(10),
        add_group(2),
        add_service(2),
        add_resource(8, "customer", Locator::root()),
        set_group_key("empty"),
        // A role that nobody has gives nothing; neither does less of one.
        Command::SetRole {
            role: Box::new(role(&house, "new", "customer", &["customers.*"])),
        },
        Command::SetRole {
            role: Box::new(role(
                &house,
                "new",
                "customer",
                &["customers.*", "billing.*"],
            )),
        },
        Command::RemoveRole { name: "new".into() },
    ];
    for way in ways {
        let done = house.asks(by(CY), &way);
        assert!(done.is_ok_and(|it| !it.is_empty()), "{way:?}");
    }
    // What is so already is not given again.
    house.does(join(1, BO));
    for same in [
        grant(Locator::root(), to_user(ADA), "admin"),
        join(1, BO),
        attach(place("customer", 1), 10, Some(at(60))),
        attach(place("customer", 1), 10, None),
    ] {
        assert!(house.asks(by(CY), &same).is_ok(), "{same:?}");
    }
}

#[test]
fn rule_07_the_latest_end_counts_of_all_that_gives_a_permission() {
    let mut house = House::new();
    let customer = || place("customer", 1);
    house.does(attach(customer(), CY, None));
    house.does(grant_until(customer(), CY, "owner", Some(at(10))));
    house.does(add_user(9));
    house.does(attach(customer(), 9, None));
    let to_nine = grant_until(customer(), 9, "viewer", None);
    let ends = |house: &mut House, end| {
        must_outlast(house, by(CY), &to_nine, Some("expires_at"), end);
    };
    ends(&mut house, at(10));
    // A group that Cy is in owns it for longer, though not for ever.
    house.does(add_group(1));
    house.does(join(1, CY));
    house.does(Command::Grant {
        grant: which(customer(), to_group(1), "owner"),
        expires_at: Some(at(20)),
    });
    ends(&mut house, at(20));
    // Of what it takes, the earliest end counts: to grant, and what is granted.
    add_role(
        &mut house,
        "granter",
        "tenant",
        &["customers.users.roles.grant"],
    );
    house.does(grant(Locator::root(), to_user(CY), "granter"));
    ends(&mut house, at(20));
    house.does(grant(customer(), to_user(CY), "viewer"));
    assert!(house.asks(by(CY), &to_nine).is_ok());
}

#[test]
fn rule_07_a_role_is_held_until_the_membership_ends() {
    let mut house = House::new();
    let customer = || place("customer", 1);
    house.does(let_end(customer(), BO, Some(at(30))));
    let ways: [fn(Option<Timestamp>) -> Command; 4] = [
        |end| attach(place("customer", 1), CY, end),
        |end| let_end(place("customer", 1), BO, end),
        |end| sync(&[BO, CY], end),
        |end| grant_until(place("customer", 1), BO, "viewer", end),
    ];
    for way in ways {
        must_outlast(&mut house, by(BO), &way(None), Some("expires_at"), at(30));
    }
    // Those who are attached keep their ends, whatever the list's says.
    house.does(attach(customer(), ADA, None));
    let list = sync(&[ADA, BO, CY], Some(at(20)));
    let changes = house.asks(by(BO), &list).unwrap();
    assert!(
        matches!(changes[..], [Change::MemberAdded { user, expires_at: Some(end), .. }]
            if user == user_id(CY) && end == at(20)),
        "{changes:?}"
    );
    // A role without an end, on a membership with one, is given until the membership ends.
    house.does(grant(customer(), to_user(CY), "viewer"));
    let longer = let_end(customer(), CY, Some(at(25)));
    assert!(house.asks(by(BO), &longer).is_ok());
    // A list that attaches nobody needs no end.
    let changes = house.asks(by(BO), &sync(&[BO, CY], None)).unwrap();
    assert!(matches!(changes[..], [Change::MemberRemoved { .. }]));
}

#[test]
fn rule_07_a_credential_that_ends_makes_credentials_until_then() {
    let mut house = House::new();
    house.does(add_service(1));
    house.does(grant(Locator::root(), to_service(1), "admin"));
    let draft = |end: Timestamp, command: &Command| {
        let draft = Draft::new(house.state.clone(), service(1), house.now);
        let mut draft = draft.with_end(Expiry::from(Some(end)));
        draft.run(command)
    };
    for command in [token(None), token(Some(at(61)))] {
        let refused = draft(at(60), &command);
        assert!(
            matches!(&refused, Err(Refusal::Outlasts { until, .. }) if *until == at(60)),
            "{command:?}: {refused:?}"
        );
    }
    // What it gives besides is held by the service, whatever token it calls with.
    for command in [
        token(Some(at(60))),
        grant(Locator::root(), to_user(BO), "admin"),
        attach(place("customer", 1), CY, Some(at(61))),
    ] {
        assert_eq!(draft(at(60), &command), Ok(()), "{command:?}");
    }
    // One that has ended does nothing, not even remove.
    let refused = draft(at(0), &detach(place("customer", 1), BO));
    assert!(matches!(refused, Err(Refusal::NotFound { .. })));
}

#[test]
fn to_end_something_earlier_takes_the_permission_to_remove() {
    let mut house = House::new();
    let customer = || place("customer", 1);
    for (user, name, permissions) in [
        (
            9,
            "adder",
            &["customers.users.add", "customers.users.roles.grant"][..],
        ),
        (
            10,
            "remover",
            &["customers.users.remove", "customers.users.roles.revoke"],
        ),
    ] {
        house.does(add_user(user));
        add_role(&mut house, name, "tenant", permissions);
        house.does(grant(Locator::root(), to_user(user), name));
    }
    // What is granted gives nothing that the two would have to hold.
    add_role(&mut house, "guest", "customer", &[]);
    house.does(attach(customer(), CY, Some(at(50))));
    house.does(grant_until(customer(), CY, "guest", Some(at(50))));
    let (member, granted) = (
        |end| let_end(place("customer", 1), CY, end),
        |end| grant_until(place("customer", 1), CY, "guest", end),
    );
    let ways: [(Way<'_>, &str, &str); 2] = [
        (&member, "customers.users.add", "customers.users.remove"),
        (
            &granted,
            "customers.users.roles.grant",
            "customers.users.roles.revoke",
        ),
    ];
    for (way, to_add, to_remove) in ways {
        let lacks = |permission| {
            Err(Refusal::Forbidden {
                permission: may(permission),
            })
        };
        let earlier = way(Some(at(1)));
        assert_eq!(house.asks(by(9), &earlier), lacks(to_remove));
        assert_eq!(house.asks(by(10), &way(None)), lacks(to_add));
        assert!(house.asks(by(9), &way(Some(at(60)))).is_ok());
        assert!(house.asks(by(10), &way(Some(at(40)))).is_ok());
        assert!(house.asks(by(9), &way(None)).is_ok());
        assert!(house.asks(by(10), &earlier).is_ok());
        house.does(way(Some(at(50))));
    }
}

/// A chatbot's members are members as long as they are members of its workspace.
#[test]
fn a_move_that_lets_memberships_last_longer_takes_what_that_takes() {
    let mut house = House::new();
    let chatbot = || place("chatbot", 1);
    house.does(add_resource(9, "workspace", place("customer", 1)));
    for (workspace, end) in [(1, Some(at(10))), (2, None)] {
        house.does(attach(place("workspace", workspace), CY, end));
    }
    house.does(attach(chatbot(), CY, None));
    house.does(grant(chatbot(), to_user(CY), "ChatbotMember"));
    house.does(add_user(9));
    add_role(
        &mut house,
        "mover",
        "tenant",
        &["workspaces.view", "chatbots.move", "chatbots.get"],
    );
    house.does(grant(Locator::root(), to_user(9), "mover"));
    let to = |workspace| Command::MoveResource {
        resource: place("chatbot", 1),
        parent: place("workspace", workspace),
    };
    let lacks = |what| {
        Err(Refusal::Forbidden {
            permission: may(what),
        })
    };
    assert_eq!(house.asks(by(9), &to(2)), lacks("chatbots.users.add"));
    add_role(&mut house, "adder", "tenant", &["chatbots.users.add"]);
    house.does(grant(Locator::root(), to_user(9), "adder"));
    let refused = house.asks(by(9), &to(2));
    assert!(
        matches!(refused, Err(Refusal::Exceeds { .. })),
        "{refused:?}"
    );
    house.does(grant_until(
        Locator::root(),
        9,
        "chatbot-directory",
        Some(at(60)),
    ));
    must_outlast(&mut house, by(9), &to(2), None, at(60));
    house.does(to(2));
    house.does(Command::Revoke {
        grant: which(Locator::root(), to_user(9), "chatbot-directory"),
    });
    assert_eq!(house.asks(by(9), &to(1)), lacks("chatbots.users.remove"));
}

#[test]
fn rule_07_whoever_wakes_a_user_gives_what_members_of_the_tenant_may() {
    let mut house = House::new();
    house.does(set_status(CY, Status::Inactive));
    house.does(add_service(1));
    add_role(&mut house, "registrar", "tenant", &["tenants.users.*"]);
    house.does(grant(Locator::root(), to_service(1), "registrar"));
    for way in [set_status(CY, Status::Active), set_key(CY, "cy")] {
        let permission = may("tenants.view");
        let refused = house.asks(service(1), &way);
        assert_eq!(refused, Err(Refusal::Exceeds { permission }), "{way:?}");
    }
    add_role(&mut house, "viewer-of-all", "tenant", &["tenants.view"]);
    house.does(grant(Locator::root(), to_service(1), "viewer-of-all"));
    assert!(house.asks(service(1), &set_key(CY, "cy")).is_ok());
}

#[test]
fn rule_07_who_gives_a_group_or_a_service_another_key_holds_what_it_holds() {
    let mut house = House::new();
    add_role(&mut house, "keeper", "tenant", &["tenants.*"]);
    house.does(grant(Locator::root(), to_user(CY), "keeper"));
    house.does(add_group(1));
    house.does(add_service(1));
    for way in [set_group_key("staff"), set_service_key("portal")] {
        assert!(house.asks(by(CY), &way).is_ok(), "{way:?}");
    }
    house.does(grant(place("customer", 1), to_group(1), "viewer"));
    house.does(grant(place("customer", 1), to_service(1), "viewer"));
    for way in [set_group_key("team"), set_service_key("shop")] {
        let refused = house.asks(by(CY), &way);
        assert!(
            matches!(refused, Err(Refusal::Exceeds { .. })),
            "{way:?}: {refused:?}"
        );
        assert!(house.asks(by(ADA), &way).is_ok(), "{way:?}");
    }
}

#[test]
fn what_has_ended_by_the_time_of_the_decision_decides_nothing() {
    let mut house = house();
    house.now = at(60);
    let refused = house.asks(by(CY), &add_user(9));
    let permission = may("tenants.users.add");
    assert_eq!(refused, Err(Refusal::Forbidden { permission }));
}

#[test]
fn an_entry_of_the_future_ends_nothing_and_refuses_no_end_before_it() {
    let mut house = House::new();
    let customer = || place("customer", 1);
    house.does(attach(customer(), CY, Some(at(60))));
    house.does(grant_until(customer(), CY, "viewer", Some(at(60))));
    let now = house.now;
    // Somebody's clock is two months ahead for a moment.
    house.now = at(90_000);
    house.does(add_user(40));
    let last = house.state.at();
    assert_eq!(last, at(90_000));
    house.now = now;
    // What ends at 60 has not ended: attaching again changes nothing, nothing is swept.
    let again = house.asks(by(ADA), &attach(customer(), CY, Some(at(60))));
    assert_eq!(again, Ok(Vec::new()));
    assert_eq!(house.does(Command::Expire { most: 9 }), []);
    house.does(let_end(customer(), CY, Some(at(59))));
    let longer = let_end(customer(), CY, Some(at(61)));
    assert!(house.asks(by(ADA), &longer).is_ok());
    // No entry is earlier than the one before it.
    assert_eq!(house.state.at(), last);
}
