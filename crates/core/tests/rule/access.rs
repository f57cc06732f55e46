//! Rules 1 to 5: what gives access, and until when.

use attache_core::model::{Parameters, Subject};
use attache_core::{Change, Command, Locator};

use crate::house::{
    ADA, BO, CY, House, add_group, add_resource, add_service, at, attach, grant, inbox, join,
    place, to_group, to_service, to_user, which,
};

#[test]
fn rule_01_a_grant_holds_on_its_resource_and_below_and_a_groups_grants_are_its_users() {
    let mut house = House::new();
    let customer = place("customer", 1);
    assert!(house.may(BO, "workspaces.users.add", &customer));
    assert!(house.may(BO, "workspaces.users.add", &place("workspace", 1)));
    assert!(
        !house.may(BO, "workspaces.users.add", &Locator::root()),
        "not above"
    );
    assert!(
        !house.may(BO, "workspaces.users.add", &place("customer", 2)),
        "not beside"
    );

    house.does(add_group(1));
    house.does(grant(place("customer", 2), to_group(1), "viewer"));
    assert!(!house.may(CY, "customers.users.list", &place("customer", 2)));
    house.does(join(1, CY));
    assert!(house.may(CY, "customers.users.list", &place("customer", 2)));

    // One more grant never takes anything away.
    house.does(grant(customer.clone(), to_user(BO), "viewer"));
    assert!(house.may(BO, "workspaces.users.add", &customer));
}

#[test]
fn rule_02_members_may_what_the_catalogue_says_on_the_very_resource() {
    let mut house = House::new();
    let customer = place("customer", 2);
    assert!(!house.may(CY, "customers.view", &customer));
    house.does(attach(customer.clone(), CY, None));
    house.does(add_resource(9, "workspace", customer.clone()));
    assert!(house.may(CY, "customers.view", &customer));
    assert!(
        !house.may(CY, "customers.users.list", &customer),
        "nothing else"
    );
    assert!(
        !house.may(CY, "customers.view", &place("workspace", 2)),
        "not below"
    );
    assert!(
        house.may(CY, "tenants.view", &Locator::root()),
        "everybody is a member of the root"
    );
}

#[test]
fn rule_03_a_role_with_other_parameters_is_another_grant_and_holds_for_that_part() {
    let mut house = House::new();
    let chatbot = place("chatbot", 1);
    house.does(attach(place("workspace", 1), CY, None));
    house.does(attach(chatbot.clone(), CY, None));
    let in_inbox = |id| Command::Grant {
        grant: attache_core::command::GrantRef {
            parameters: inbox(id),
            ..which(place("chatbot", 1), to_user(CY), "InboxUser")
        },
        expires_at: None,
    };
    house.does(in_inbox("7"));
    let reply = "chatbots.conversations.reply";
    assert!(house.may_in(CY, reply, &chatbot, &inbox("7")));
    assert!(!house.may_in(CY, reply, &chatbot, &inbox("8")));
    assert!(!house.may(CY, reply, &chatbot), "a part is not the whole");
    assert!(
        house.may(CY, "chatbots.contacts.list", &chatbot),
        "what is not scoped"
    );

    assert_eq!(house.does(in_inbox("8")).len(), 1);
    assert_eq!(house.does(in_inbox("8")).len(), 0, "it is granted already");
    assert!(house.may_in(CY, reply, &chatbot, &inbox("7")));
    assert!(house.may_in(CY, reply, &chatbot, &inbox("8")));

    // Without its parameter the role holds in all inboxes.
    house.does(grant(chatbot.clone(), to_user(CY), "InboxUser"));
    assert!(house.may(CY, reply, &chatbot));
}

#[test]
fn rule_04_what_expires_stops_counting_at_that_instant_whether_or_not_a_sweep_ran() {
    let mut house = House::new();
    let customer = place("customer", 2);
    house.does(attach(customer.clone(), CY, Some(at(10))));
    house.does(add_service(1));
    house.does(Command::Grant {
        grant: which(customer.clone(), to_service(1), "viewer"),
        expires_at: Some(at(10)),
    });
    let robot = Subject::Service(1.into());
    let both = |house: &House| {
        let lists = house.subject_may(
            robot,
            "customers.users.list",
            &customer,
            &Parameters::none(),
        );
        (house.is_member(CY, &customer), lists)
    };
    house.now = attache_core::Timestamp::from_millis(at(10).as_millis() - 1);
    assert_eq!(both(&house), (true, true));
    house.now = at(10);
    assert_eq!(both(&house), (false, false), "at the very instant");

    let swept = house.does(Command::Expire { most: 10 });
    assert!(matches!(
        swept[..],
        [Change::MemberExpired { .. }, Change::GrantExpired { .. }]
    ));
    assert_eq!(both(&house), (false, false), "the sweep changes no answer");
    assert_eq!(house.state.next_expiry(), None);
}

#[test]
fn rule_05_admin_on_the_root_holds_everything() {
    let house = House::new();
    let kinds = ["tenant", "customer", "workspace", "chatbot"];
    for place in kinds.map(|kind| place(kind, 1)) {
        for permission in ["*", "chatbots.apikey.create", "never.heard-of"] {
            assert!(
                house.may(ADA, permission, &place),
                "{permission} on {place}"
            );
            assert!(
                !house.may(CY, permission, &place),
                "{permission} on {place}"
            );
        }
    }
}
