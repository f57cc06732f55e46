//! Rule 9: a resource is seen by the holders of a permission of its kind's own
//! family.

use attache_core::catalogue::{Pattern, Role, Scope, ScopedPermissions};
use attache_core::command::GrantRef;
use attache_core::id::RoleId;
use attache_core::model::{Parameters, Subject};
use attache_core::refusal::Use;
use attache_core::{Command, Locator, Refusal};
use uuid::Uuid;

use crate::house::{
    CY, House, add_resource, add_service, attach, by, grant, inbox, place, service, to_service,
    which,
};

const ROBOT: Subject = Subject::Service(attache_core::id::ServiceNumber(1));

/// A house with a service, and a role that gives exactly this, in part only
/// where it says so.
fn house(kind: &str, permissions: &[&str], scoped: &[&str]) -> House {
    let mut house = House::new();
    house.does(add_service(1));
    let patterns = |texts: &[&str]| {
        let patterns = texts.iter().map(|text| Pattern::new(text));
        patterns
            .collect::<Result<Vec<_>, _>>()
            .expect("they are permissions")
    };
    let scope = format!("{kind}s/{{id}}/inboxes/{{inboxId}}");
    let inbox = attache_core::catalogue::Parameter {
        name: "inboxId".to_owned(),
        required: false,
    };
    house.does(Command::SetRole {
        role: Box::new(Role {
            id: RoleId(Uuid::from_u128(9)),
            name: "exactly".into(),
            kind: kind.into(),
            label: "Exactly".to_owned(),
            description: String::new(),
            permissions: patterns(permissions),
            scoped: vec![ScopedPermissions {
                scope: Scope::try_from(scope).expect("it is a path"),
                permissions: patterns(scoped),
            }],
            parameters: vec![inbox],
        }),
    });
    house
}

fn sees(house: &House, subject: Subject, on: &Locator) -> bool {
    let node = house.node(on);
    let seen = house.view().seen(subject, None);
    let sees = house.view().sees(subject, node);
    assert_eq!(seen.contains(&node), sees, "{on}, listed and alone");
    sees
}

fn give(house: &mut House, on: Locator, parameters: Parameters) {
    house.does(Command::Grant {
        grant: GrantRef {
            parameters,
            ..which(on, to_service(1), "exactly")
        },
        expires_at: None,
    });
}

#[test]
fn a_permission_of_the_kinds_own_family_shows_a_resource() {
    let (customer, workspace) = (place("customer", 1), place("workspace", 1));
    for (held, sees_customer, sees_workspace) in [
        ("*", true, true),
        ("customers.*", true, false),
        ("customers.view", true, false),
        ("customers.users.roles.grant", true, false),
        ("customers.calls.*", true, false),
        ("workspaces.users.*", false, true),
        ("chatbots.*", false, false),
        ("billing.read", false, false),
        ("customers", false, false),
        ("customer.view", false, false),
        ("customerss.view", false, false),
        ("tenants.*", false, false),
    ] {
        let mut house = house("customer", &[held], &[]);
        give(&mut house, customer.clone(), Parameters::none());
        assert_eq!(sees(&house, ROBOT, &customer), sees_customer, "{held}");
        assert_eq!(sees(&house, ROBOT, &workspace), sees_workspace, "{held}");
        assert!(!sees(&house, ROBOT, &place("customer", 2)), "{held}");
        assert!(!sees(&house, ROBOT, &Locator::root()), "{held}");
    }
}

#[test]
fn a_permission_for_a_part_shows_the_resource_that_has_the_part() {
    let (workspace, chatbot) = (place("workspace", 1), place("chatbot", 1));
    let seven = || inbox("7");
    let mut there = house("chatbot", &[], &["chatbots.inbox.*"]);
    give(&mut there, chatbot.clone(), seven());
    assert!(sees(&there, ROBOT, &chatbot));
    // A workspace has no part that is a chatbot below it.
    let mut above = house("workspace", &[], &["chatbots.inbox.*"]);
    give(&mut above, workspace.clone(), seven());
    assert!(!sees(&above, ROBOT, &chatbot));
    assert!(!sees(&above, ROBOT, &workspace));
    // Without its parameter a role holds for all there is.
    give(&mut above, workspace.clone(), Parameters::none());
    assert!(sees(&above, ROBOT, &chatbot));
    assert!(!sees(&above, ROBOT, &workspace));
}

#[test]
fn members_see_by_what_members_of_the_kind_may() {
    let mut house = House::new();
    let customer = place("customer", 1);
    let cy = Subject::User(CY.into());
    assert!(sees(&house, cy, &Locator::root()), "every user is a member");
    house.does(attach(customer.clone(), CY, None));
    assert!(sees(&house, cy, &customer));
    assert!(!sees(&house, cy, &place("workspace", 1)), "not below");
    let kinds = &house.state.catalogue().expect("there is one").kinds;
    let mut kind = kinds.iter().find(|it| it.name.as_str() == "customer");
    let mut kind = kind.take().expect("it is a kind").clone();
    kind.members_may = vec![Pattern::new("workspaces.view").expect("it is one")];
    house.does(Command::SetKind {
        kind: Box::new(kind),
    });
    assert!(!sees(&house, cy, &customer));
    assert!(house.may(CY, "workspaces.view", &customer), "it holds that");
}

#[test]
fn a_resource_that_is_not_seen_is_not_found_by_any_command() {
    let mut house = house("customer", &["workspaces.*"], &[]);
    let customer = place("customer", 1);
    give(&mut house, customer.clone(), Parameters::none());
    let robot = service(1);
    let not_found = Refusal::NotFound {
        what: "customer".into(),
    };
    for command in [
        add_resource(9, "workspace", customer.clone()),
        Command::MoveResource {
            resource: place("workspace", 1),
            parent: customer.clone(),
        },
        Command::RemoveResource {
            resource: customer.clone(),
        },
        attach(customer.clone(), CY, None),
        grant(customer, to_service(1), "viewer"),
    ] {
        let refused = house.asks(robot, &command);
        assert_eq!(refused, Err(not_found.clone()), "{command:?}");
    }
}

#[test]
fn a_resource_is_not_found_under_one_that_is_not_seen() {
    let (workspace, chatbot) = (place("workspace", 1), place("chatbot", 1));
    let named = chatbot.clone().under(workspace.clone());
    let mut house = house("chatbot", &["chatbots.*"], &[]);
    give(&mut house, chatbot.clone(), Parameters::none());
    let robot = service(1);
    let list = |house: &House, on: &Locator| {
        let asked = [
            house.authority(&robot).see(house.view(), on),
            house
                .authority(&robot)
                .authorize(house.view(), on, "users.list"),
        ];
        asked.map(|answer| answer.is_ok())
    };
    assert_eq!(list(&house, &chatbot), [true, true]);
    assert_eq!(list(&house, &named), [false, false]);
    let remove = Command::RemoveMember {
        resource: named.clone(),
        user: attache_core::Ref::Number(CY),
    };
    let unknown = Refusal::NotFound {
        what: "chatbot".into(),
    };
    assert_eq!(house.asks(robot, &remove), Err(unknown));
    // It can be named under the workspace by a caller that sees that too.
    house.does(grant(workspace, to_service(1), "workspace-member"));
    assert_eq!(list(&house, &named), [true, true]);
    assert!(house.asks(robot, &remove).is_ok());
}

#[test]
fn what_stands_below_is_in_the_way_and_told_as_far_as_it_is_seen() {
    let mut house = house("workspace", &["workspaces.*"], &[]);
    let workspace = place("workspace", 1);
    give(&mut house, workspace.clone(), Parameters::none());
    house.does(add_resource(9, "chatbot", workspace.clone()));
    let robot = service(1);
    let remove = Command::RemoveResource {
        resource: workspace,
    };
    let told = |house: &mut House| match house.asks(robot, &remove) {
        Err(Refusal::InUse { by, uses, .. }) => (by, uses),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        told(&mut house),
        ("what stands below it".into(), Vec::new())
    );
    house.does(grant(place("chatbot", 2), to_service(1), "ChatbotMember"));
    let chatbot = house.state.resource(house.node(&place("chatbot", 2)));
    let chatbot = chatbot.expect("it is there").id;
    let one = ("1 resource below it".into(), vec![Use::Resource(chatbot)]);
    assert_eq!(told(&mut house), one);
}

#[test]
fn what_is_lacking_in_the_tenant_is_told_whether_or_not_the_tenant_is_seen() {
    let mut house = house("tenant", &["customers.view"], &[]);
    give(&mut house, Locator::root(), Parameters::none());
    assert!(!sees(&house, ROBOT, &Locator::root()));
    for (caller, command) in [
        (service(1), crate::house::add_user(9)),
        (by(CY), crate::house::add_user(9)),
        (service(1), crate::house::add_group(9)),
    ] {
        let refused = house.asks(caller, &command);
        let is_forbidden = matches!(refused, Err(Refusal::Forbidden { .. }));
        assert!(is_forbidden, "{refused:?}");
    }
}

#[test]
fn the_catalogue_is_known_to_who_holds_anything_on_the_root() {
    let mut house = house("customer", &["customers.view"], &[]);
    let caller = service(1);
    let customer = place("customer", 1);
    give(&mut house, customer, Parameters::none());
    let known = |house: &House| house.authority(&caller).authorize_catalogue().is_ok();
    assert!(!known(&house));
    house.does(grant(Locator::root(), to_service(1), "customer-directory"));
    assert!(known(&house));
    assert!(!sees(&house, ROBOT, &Locator::root()));
}
