//! Rules 6 to 11: what commands need, and what callers are told.

use attache_core::id::TenantId;
use attache_core::model::Status;
use attache_core::{Actor, Caller, Change, Command, Locator, Ref, Refusal};
use uuid::Uuid;

use crate::house::{
    ADA, BO, CY, House, TENANT, add_group, add_resource, add_service, add_user, at, attach, by,
    detach, grant, join, may, operator, place, remove_user, set_status, to_group, to_service,
    to_user, user_id, which,
};

#[test]
fn rule_06_a_user_is_a_member_before_it_is_granted_a_role_and_loses_both_together() {
    let mut house = House::new();
    let customer = place("customer", 2);
    let to_cy = grant(customer.clone(), to_user(CY), "viewer");
    let refused = house.asks(operator(), &to_cy);
    assert!(
        matches!(refused, Err(Refusal::NotAMember { .. })),
        "{refused:?}"
    );
    house.does(attach(customer.clone(), CY, None));
    house.does(to_cy);
    let gone = house.does(detach(customer.clone(), CY));
    assert!(matches!(
        gone[..],
        [Change::RoleRevoked { .. }, Change::MemberRemoved { .. }]
    ));

    // Whoever is attached again has the membership, not the old roles.
    house.does(attach(customer.clone(), CY, None));
    assert!(!house.may(CY, "customers.users.list", &customer));

    // Groups and services have no memberships and need none.
    house.does(add_group(1));
    house.does(add_service(1));
    house.does(grant(customer.clone(), to_group(1), "viewer"));
    house.does(grant(customer, to_service(1), "viewer"));
}

#[test]
fn rule_06_memberships_of_chatbots_go_with_that_of_their_workspace() {
    let mut house = House::new();
    let (workspace, chatbot) = (place("workspace", 1), place("chatbot", 1));
    let refused = house.asks(operator(), &attach(chatbot.clone(), CY, None));
    assert!(
        matches!(refused, Err(Refusal::NotInParent { .. })),
        "{refused:?}"
    );
    house.does(attach(workspace.clone(), CY, None));
    house.does(attach(chatbot.clone(), CY, None));
    house.does(grant(chatbot.clone(), to_user(CY), "ChatbotMember"));
    let gone = house.does(detach(workspace, CY));
    assert!(matches!(
        gone[..],
        [
            Change::RoleRevoked { .. },
            Change::MemberRemoved { .. },
            Change::MemberRemoved { .. }
        ]
    ));
    assert!(!house.is_member(CY, &chatbot));
}

/// The membership of a chatbot ended with that of its workspace, though no
/// sweep has said so: under another workspace it does not come back.
#[test]
fn rule_06_what_ended_with_the_workspace_does_not_come_back_by_a_move() {
    let mut house = House::new();
    let chatbot = place("chatbot", 1);
    house.does(add_resource(9, "workspace", place("customer", 2)));
    house.does(attach(place("workspace", 1), CY, Some(at(10))));
    house.does(attach(place("workspace", 2), CY, None));
    house.does(attach(chatbot.clone(), CY, None));
    house.does(grant(chatbot.clone(), to_user(CY), "ChatbotMember"));
    house.now = at(10);
    assert!(!house.is_member(CY, &chatbot));
    house.does(Command::MoveResource {
        resource: chatbot.clone(),
        parent: place("workspace", 2),
    });
    assert!(!house.is_member(CY, &chatbot));
    assert!(!house.may(CY, "chatbots.users.list", &chatbot));
}

#[test]
fn rule_07_nobody_grants_what_they_do_not_hold() {
    let mut house = House::new();
    let customer = place("customer", 1);
    house.does(attach(customer.clone(), CY, None));
    assert!(
        house
            .asks(by(BO), &grant(customer.clone(), to_user(CY), "manager"))
            .is_ok()
    );
    let refused = house.asks(by(CY), &grant(customer, to_user(CY), "owner"));
    assert!(
        matches!(refused, Err(Refusal::Forbidden { .. })),
        "{refused:?}"
    );

    // Bo may grant roles on the workspace, and holds nothing on chatbots.
    let workspace = place("workspace", 1);
    house.does(attach(workspace.clone(), CY, None));
    let too_much = grant(workspace, to_user(CY), "workspace-admin");
    let refused = house.asks(by(BO), &too_much);
    let permission = may("chatbots.*");
    assert_eq!(refused, Err(Refusal::Exceeds { permission }));
    assert!(house.asks(by(ADA), &too_much).is_ok());
}

/// Somebody who can let another act as a group, a service or a user gives all
/// that these hold.
#[test]
fn rule_07_nobody_lets_another_act_with_more_than_they_hold() {
    let mut house = House::new();
    let mut catalogue = house.state.catalogue().expect("it began").clone();
    catalogue.roles.push(attache_core::catalogue::Role {
        id: attache_core::id::RoleId(Uuid::from_u128(9)),
        name: "keeper".into(),
        permissions: vec![may("tenants.*")],
        ..catalogue.roles[0].clone()
    });
    house.does(Command::SetCatalogue {
        catalogue: Box::new(catalogue),
    });
    house.does(grant(Locator::root(), to_user(CY), "keeper"));
    house.does(add_group(1));
    house.does(grant(place("customer", 1), to_group(1), "owner"));
    house.does(add_service(1));
    house.does(grant(place("customer", 1), to_service(1), "owner"));
    house.does(set_status(BO, Status::Inactive));
    let ways = [
        set_status(BO, Status::Active),
        Command::CreateToken {
            id: attache_core::id::TokenId(Uuid::from_u128(8)),
            service: Ref::Number(1),
            hash: attache_core::model::TokenHash([7; 32]),
            hint: "…7".into(),
            expires_at: None,
        },
        Command::ChangeUser {
            user: Ref::Number(BO),
            key: Some(Some(attache_core::id::Key::new("cy").expect("it is a key"))),
            profile: Default::default(),
            status: None,
            facts: Default::default(),
        },
        join(1, CY),
    ];
    for way in ways {
        let refused = house.asks(by(CY), &way);
        assert!(
            matches!(refused, Err(Refusal::Exceeds { .. })),
            "{way:?}: {refused:?}"
        );
        assert!(house.asks(by(ADA), &way).is_ok(), "{way:?}");
    }
}

#[test]
fn rule_08_the_last_admin_stays() {
    let mut house = House::new();
    let root = Locator::root;
    let ways = [
        remove_user(ADA),
        set_status(ADA, Status::Inactive),
        set_status(ADA, Status::Invited),
        Command::Revoke {
            grant: which(root(), to_user(ADA), "admin"),
        },
        Command::Grant {
            grant: which(root(), to_user(ADA), "admin"),
            expires_at: Some(at(99)),
        },
    ];
    for way in &ways {
        for caller in [operator(), by(ADA)] {
            assert_eq!(house.asks(caller, way), Err(Refusal::LastAdmin), "{way:?}");
        }
    }
    // An admin whose rights end, or who is inactive, is none to rely on.
    house.does(Command::Grant {
        grant: which(root(), to_user(BO), "admin"),
        expires_at: Some(at(99)),
    });
    house.does(add_user(4));
    house.does(set_status(4, Status::Inactive));
    house.does(grant(root(), to_user(4), "admin"));
    assert_eq!(house.asks(operator(), &ways[0]), Err(Refusal::LastAdmin));
    // One through a group is.
    house.does(add_group(1));
    house.does(grant(root(), to_group(1), "admin"));
    house.does(join(1, CY));
    assert!(house.asks(by(ADA), &ways[0]).is_ok());
    let leave = Command::RemoveGroupUser {
        group: Ref::Number(1),
        user: Ref::Number(CY),
    };
    assert_eq!(house.asks(operator(), &leave), Err(Refusal::LastAdmin));
}

#[test]
fn rule_09_what_nobody_may_see_is_not_there_and_what_is_seen_is_forbidden() {
    let house = House::new();
    let ask = |caller, place: &Locator| {
        let found = house
            .authority(&caller)
            .authorize(house.view(), place, "users.add");
        found.map(|_| ())
    };
    let not_found = Err(Refusal::NotFound {
        what: "customer".into(),
    });
    assert_eq!(ask(by(BO), &place("customer", 1)), Ok(()));
    // Not there and not to be seen look the same.
    assert_eq!(ask(by(BO), &place("customer", 2)), not_found);
    assert_eq!(ask(by(BO), &place("customer", 9)), not_found);
    assert_eq!(ask(by(ADA), &place("customer", 9)), not_found);
    let forbidden = Err(Refusal::Forbidden {
        permission: may("tenants.users.add"),
    });
    assert_eq!(ask(by(BO), &Locator::root()), forbidden);
}

#[test]
fn rule_10_an_inactive_user_has_no_access_and_keeps_its_memberships() {
    let mut house = House::new();
    let customer = place("customer", 1);
    house.does(set_status(BO, Status::Inactive));
    assert!(!house.may(BO, "customers.view", &customer));
    assert!(house.is_member(BO, &customer));
    let refused = house.asks(by(BO), &detach(customer.clone(), BO));
    assert!(
        matches!(refused, Err(Refusal::NotFound { .. })),
        "{refused:?}"
    );
    house.does(set_status(BO, Status::Active));
    assert!(
        house.may(BO, "customers.users.add", &customer),
        "with its grants"
    );
}

#[test]
fn rule_11_tenants_never_meet() {
    let mut house = House::new();
    let other = TenantId(Uuid::from_u128(2));
    assert_ne!(other, TENANT);
    let actors = [Actor::Operator, Actor::Attache, Actor::User(user_id(ADA))];
    house.now = at(10);
    for actor in actors {
        let caller = Caller {
            tenant: other,
            actor,
        };
        for command in [add_user(9), remove_user(CY), Command::Expire { most: 1 }] {
            let refused = house.asks(caller, &command);
            assert!(
                matches!(refused, Err(Refusal::NotFound { .. })),
                "{refused:?}"
            );
        }
        let sees = house.authority(&caller).see(house.view(), &Locator::root());
        assert!(matches!(sees, Err(Refusal::NotFound { .. })), "{sees:?}");
        let root = house.state.root();
        assert!(
            !house
                .authority(&caller)
                .holds(house.view(), &may("*"), root)
        );
    }
}

/// A membership that lasts longer is access that lasts longer.
#[test]
fn rule_07_nobody_lets_a_role_last_longer_that_they_do_not_hold() {
    let mut house = House::new();
    let customer = place("customer", 1);
    house.does(attach(customer.clone(), CY, Some(at(10))));
    house.does(grant(customer.clone(), to_user(CY), "owner"));
    house.does(attach(customer.clone(), ADA, None));
    house.does(add_user(9));
    house.does(attach(customer.clone(), 9, None));
    house.does(grant(customer.clone(), to_user(9), "manager"));
    let longer = Command::ChangeMember {
        resource: customer,
        user: Ref::Number(CY),
        expires_at: None,
    };
    let refused = house.asks(by(9), &longer);
    assert!(
        matches!(refused, Err(Refusal::Exceeds { .. })),
        "{refused:?}"
    );
    assert!(house.asks(by(ADA), &longer).is_ok());
}
