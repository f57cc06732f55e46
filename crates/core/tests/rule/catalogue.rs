//! One role, one kind: how they come, change and go.

use attache_core::catalogue::{Kind, Parameter, Role};
use attache_core::id::{ResourceId, RoleId};
use attache_core::model::SubjectId;
use attache_core::refusal::Use;
use attache_core::{Command, Locator, Refusal};
use uuid::Uuid;

use crate::house::{
    BO, CY, House, add_group, add_resource, at, attach, by, grant, may, operator, place, to_group,
    to_user, user_id, which,
};

fn role(house: &House, name: &str) -> Role {
    let found = house.state.catalogue().and_then(|it| it.role(name));
    found.expect("it is in the catalogue").clone()
}

fn set_role(role: Role) -> Command {
    Command::SetRole {
        role: Box::new(role),
    }
}

fn remove_role(name: &str) -> Command {
    Command::RemoveRole { name: name.into() }
}

fn shed(members_from_parent: bool) -> Command {
    Command::SetKind {
        kind: Box::new(Kind {
            name: "shed".into(),
            parents: vec!["customer".into()],
            members_may: vec![may("sheds.view")],
            members_from_parent,
        }),
    }
}

fn remove_kind(name: &str) -> Command {
    Command::RemoveKind { name: name.into() }
}

fn resource(n: u128) -> ResourceId {
    ResourceId(Uuid::from_u128(0x200 + n))
}

/// What is said to be in the way.
fn uses(refused: Result<impl std::fmt::Debug, Refusal>) -> Vec<Use> {
    match refused {
        Err(Refusal::InUse { uses, .. }) => uses,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_role_that_is_granted_stays_and_the_refusal_lists_its_grants() {
    let mut house = House::new();
    let customer = place("customer", 2);
    house.does(attach(customer.clone(), CY, None));
    house.does(Command::Grant {
        grant: which(customer.clone(), to_user(CY), "viewer"),
        expires_at: Some(at(10)),
    });
    let of_cy = [Use::Grant {
        resource: resource(2),
        subject: SubjectId::User(user_id(CY)),
        role: "viewer".into(),
    }];
    assert_eq!(uses(house.asks(operator(), &remove_role("viewer"))), of_cy);
    // The entry that says that it ran out will name the role.
    house.now = at(20);
    assert_eq!(uses(house.asks(operator(), &remove_role("viewer"))), of_cy);
    house.does(Command::Expire { most: 9 });
    house.does(remove_role("viewer"));
    let refused = house.asks(operator(), &grant(customer, to_user(CY), "viewer"));
    assert!(
        matches!(refused, Err(Refusal::Unknown { field: "role", .. })),
        "{refused:?}"
    );
    let refused = house.asks(operator(), &remove_role("viewer"));
    assert_eq!(
        refused,
        Err(Refusal::NotFound {
            what: "role".into()
        })
    );
}

#[test]
fn a_role_that_is_replaced_keeps_its_id_its_place_and_its_grants() {
    let mut house = House::new();
    let customer = place("customer", 2);
    house.does(attach(customer.clone(), CY, None));
    house.does(grant(customer.clone(), to_user(CY), "viewer"));
    let old = role(&house, "viewer");
    let position = |house: &House| {
        let roles = &house.state.catalogue().expect("it began").roles;
        roles.iter().position(|it| it.name.as_str() == "viewer")
    };
    let stood = position(&house);
    let new = Role {
        id: RoleId(Uuid::from_u128(9)),
        permissions: vec![may("customers.revenue.*")],
        ..old.clone()
    };
    house.does(set_role(new.clone()));
    assert_eq!(role(&house, "viewer"), Role { id: old.id, ..new });
    assert_eq!(position(&house), stood);
    assert!(house.may(CY, "customers.revenue.list", &customer));
    assert!(!house.may(CY, "customers.users.list", &customer));

    let again = Role {
        id: RoleId(Uuid::from_u128(8)),
        ..role(&house, "viewer")
    };
    assert_eq!(house.does(set_role(again)), [], "it is so already");
}

/// A grant that stands would no longer be one that could be made.
#[test]
fn a_role_that_is_granted_keeps_its_kind_and_its_parameters() {
    let mut house = House::new();
    house.does(attach(place("customer", 2), CY, None));
    house.does(grant(place("customer", 2), to_user(CY), "viewer"));
    let old = role(&house, "viewer");
    let elsewhere = Role {
        kind: "workspace".into(),
        ..old.clone()
    };
    let parameters = vec![Parameter {
        name: "floor".to_owned(),
        required: false,
    }];
    let other = Role { parameters, ..old };
    for new in [elsewhere, other] {
        assert_eq!(uses(house.asks(operator(), &set_role(new))).len(), 1);
    }
}

#[test]
fn a_new_role_comes_at_the_end_and_has_an_id_of_its_own() {
    let mut house = House::new();
    let new = Role {
        id: RoleId(Uuid::from_u128(9)),
        name: "gardener".into(),
        ..role(&house, "viewer")
    };
    house.does(set_role(new.clone()));
    let catalogue = house.state.catalogue().expect("it began");
    assert_eq!(catalogue.roles.last(), Some(&new));
    let same_id = Role {
        name: "florist".into(),
        ..new
    };
    let refused = house.asks(operator(), &set_role(same_id));
    assert!(
        matches!(refused, Err(Refusal::Invalid { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_kind_stays_while_there_are_such_resources_and_the_refusal_lists_them() {
    let mut house = House::new();
    house.does(shed(false));
    house.does(add_resource(9, "shed", place("customer", 1)));
    let it = [Use::Resource(resource(9))];
    assert_eq!(uses(house.asks(operator(), &remove_kind("shed"))), it);
    assert_eq!(uses(house.asks(operator(), &shed(true))), it);
    house.does(Command::RemoveResource {
        resource: place("shed", 1),
    });
    house.does(shed(true));
    house.does(remove_kind("shed"));
    let refused = house.asks(operator(), &remove_kind("shed"));
    assert_eq!(
        refused,
        Err(Refusal::NotFound {
            what: "kind".into()
        })
    );
    // Others stand under it too, and roles are for it: what is in the way comes first.
    let workspaces = uses(house.asks(operator(), &remove_kind("workspace")));
    assert_eq!(workspaces.len(), 1);
    // Nothing is of this kind, and others stand under it.
    let refused = house.asks(operator(), &remove_kind("reseller"));
    assert!(
        matches!(refused, Err(Refusal::Invalid { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_refusal_lists_the_first_100_that_are_in_the_way() {
    let mut house = House::new();
    house.does(add_group(1));
    house.does(add_resource(10, "reseller", Locator::root()));
    for n in 100..=200 {
        house.does(add_resource(n, "customer", place("reseller", 1)));
        let customer = Locator::id(resource(n));
        house.does(grant(customer, to_group(1), "viewer"));
    }
    let remove = Command::RemoveResource {
        resource: place("reseller", 1),
    };
    let first: Vec<Use> = (100..200).map(|n| Use::Resource(resource(n))).collect();
    assert_eq!(uses(house.asks(operator(), &remove)), first);
    let grants = uses(house.asks(operator(), &remove_role("viewer")));
    assert_eq!(grants.len(), Use::MOST);
}

/// Who changes what a role means gives and takes for everybody who has it.
#[test]
fn only_who_holds_everything_changes_the_catalogue() {
    let mut house = House::new();
    let viewer = role(&house, "viewer");
    for way in [
        set_role(viewer),
        remove_role("viewer"),
        remove_role("nobody"),
        shed(false),
        remove_kind("reseller"),
    ] {
        for caller in [BO, CY] {
            let permission = may("*");
            let forbidden = Err(Refusal::Forbidden { permission });
            assert_eq!(house.asks(by(caller), &way), forbidden, "{way:?}");
        }
    }
}
