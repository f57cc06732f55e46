//! What a caller may is judged by the present, whichever view is shown.

use attache_core::ask::{Authority, Sight, View};
use attache_core::id::TenantId;
use attache_core::model::SubjectId;
use attache_core::{Caller, Command, Locator, Refusal, State, Timestamp};
use uuid::Uuid;

use crate::house::{
    ADA, BO, CY, House, TENANT, add_resource, add_user, at, attach, by, detach, grant, may, place,
    remove_user, to_user, user_id, which,
};

const BO_ID: SubjectId = SubjectId::User(user_id(BO));
const CY_ID: SubjectId = SubjectId::User(user_id(CY));

/// A state, kept as it was.
struct Then {
    state: State,
    at: Timestamp,
}

impl Then {
    fn of(house: &House) -> Self {
        Self {
            state: house.state.clone(),
            at: house.now,
        }
    }

    fn view(&self) -> View<'_> {
        self.state.view(self.at)
    }
}

fn revoke(on: Locator, user: u32, role: &str) -> Command {
    Command::Revoke {
        grant: which(on, to_user(user), role),
    }
}

/// Whether the caller may list the users of a resource, sees it, and finds it in the list.
fn may_list(authority: Authority<'_>, subject: View<'_>, on: &Locator) -> bool {
    let may = authority.authorize(subject, on, "users.list").is_ok();
    let node = subject.state().find(on).expect("it is there");
    let family = subject.permission_for(node, "users.list");
    assert_eq!(authority.holds(subject, &family, node), may, "{on}");
    let sight: Sight<'_> = authority.sight(subject);
    let seen = authority.visible(subject, None).contains(&node);
    assert_eq!(sight.sees(node), seen, "{on}, alone and listed");
    assert_eq!(authority.see(subject, on).is_ok(), seen, "{on}");
    assert!(seen || !may, "{on}");
    may
}

#[test]
fn permissions_of_the_past_do_not_decide_who_may_ask_today() {
    let mut house = House::new();
    house.does(grant(Locator::root(), to_user(CY), "admin"));
    let then = Then::of(&house);
    house.now = at(10);
    house.does(revoke(Locator::root(), ADA, "admin"));
    house.does(revoke(place("customer", 1), BO, "owner"));
    house.does(detach(place("customer", 1), BO));
    house.does(grant(Locator::root(), to_user(BO), "admin"));
    let customers = [place("customer", 1), place("customer", 2)];
    for subject in [then.view(), house.view()] {
        // Ada was the admin, and is nobody any more.
        let ada = by(ADA);
        let authority = house.authority(&ada);
        for customer in &customers {
            assert!(!may_list(authority, subject, customer));
            let refused = authority.authorize(subject, customer, "users.list");
            assert_eq!(
                refused,
                Err(Refusal::NotFound {
                    what: "customer".into()
                })
            );
            let refused = authority.authorize_attached(subject, customer, "users.list");
            assert!(refused.is_err());
        }
        assert!(authority.authorize_tenant("users.list").is_err());
        assert!(authority.authorize_everything().is_err());
        assert!(authority.sight_about(subject, None, "check").is_err());
        assert!(!authority.told().profiles());
        // Bo owned one customer, and is the admin now.
        let bo = by(BO);
        let authority = house.authority(&bo);
        for customer in &customers {
            assert!(may_list(authority, subject, customer));
        }
        assert_eq!(authority.authorize_tenant("users.list"), Ok(()));
        assert_eq!(authority.authorize_everything(), Ok(()));
        assert!(authority.told().profiles());
    }
}

#[test]
fn the_instant_that_is_shown_does_not_decide_who_may_ask() {
    let mut house = House::new();
    let customer = place("customer", 2);
    house.does(attach(customer.clone(), CY, Some(at(5))));
    house.does(Command::Grant {
        grant: which(customer.clone(), to_user(CY), "owner"),
        expires_at: Some(at(5)),
    });
    let cy = by(CY);
    let (before, after) = (at(1), at(9));
    // One state: only the instants differ.
    let state = &house.state;
    let now = Authority::new(&cy, state, after);
    assert!(!may_list(now, state.view(before), &customer));
    assert!(!may_list(now, state.view(after), &customer));
    let earlier = Authority::new(&cy, state, before);
    assert!(may_list(earlier, state.view(after), &customer));
    assert!(may_list(earlier, state.view(before), &customer));
    // What is shown follows the instant that is shown.
    let node = house.node(&customer);
    let is_member = |at| state.view(at).is_member(node, CY.into());
    assert!(is_member(before) && !is_member(after));
}

#[test]
fn resources_of_two_states_are_matched_by_id() {
    let mut house = House::new();
    let owned = house.node(&place("customer", 1));
    let owned = house.state.resource(owned).expect("it is there").id;
    // A state that has the same resources in another order, so that their nodes differ.
    let mut other = House {
        state: State::empty(TENANT),
        now: at(0),
    };
    let root = house.state.resource(house.state.root()).expect("a root");
    other.does(Command::CreateTenant {
        root: root.id,
        name: root.name.clone(),
        catalogue: Box::new(house.state.catalogue().expect("there is one").clone()),
    });
    other.does(add_user(ADA));
    other.does(add_resource(9, "reseller", Locator::root()));
    other.does(add_resource(2, "customer", Locator::root()));
    other.does(add_resource(1, "customer", Locator::root()));
    let (there, here) = (
        other.node(&Locator::id(owned)),
        house.node(&Locator::id(owned)),
    );
    assert_ne!(there, here);
    house.now = at(1);
    let bo = by(BO);
    let authority = house.authority(&bo);
    let subject = other.view();
    let found = authority.authorize(subject, &Locator::id(owned), "users.list");
    assert_eq!(found, Ok(there));
    let sight = authority.sight(subject);
    for (node, found) in other.state.resources() {
        let is_owned = found.resource.id == owned;
        assert_eq!(sight.sees(node), is_owned, "{node:?}");
    }
    assert!(!may_list(authority, subject, &place("reseller", 1)));
}

#[test]
fn of_a_resource_that_is_gone_grants_on_the_root_decide() {
    let mut house = House::new();
    let (customer, other) = (place("customer", 1), place("customer", 2));
    house.does(attach(other.clone(), BO, None));
    house.does(grant(other.clone(), to_user(BO), "owner"));
    let then = Then::of(&house);
    house.now = at(10);
    house.does(detach(other.clone(), BO));
    house.does(Command::RemoveResource {
        resource: other.clone(),
    });
    let (ada, bo) = (by(ADA), by(BO));
    assert!(may_list(house.authority(&ada), then.view(), &other));
    assert!(!may_list(house.authority(&bo), then.view(), &other));
    assert!(may_list(house.authority(&bo), then.view(), &customer));
    // A role that gives a part of it on the root.
    house.does(grant(Locator::root(), to_user(CY), "customer-directory"));
    let cy = by(CY);
    let seen = house.authority(&cy).see(then.view(), &other);
    assert_eq!(seen, lacks("customers.history.view"));
    // A role that gives the past of it too.
    house.does(grant(Locator::root(), to_user(CY), "auditor"));
    let authority = house.authority(&cy);
    assert!(authority.see(then.view(), &other).is_ok());
    let move_it = authority.authorize(then.view(), &other, "move");
    assert_eq!(move_it, lacks("customers.move"));
}

fn lacks<T>(permission: &str) -> Result<T, Refusal> {
    let permission = may(permission);
    Err(Refusal::Forbidden { permission })
}

#[test]
fn asking_about_another_time_takes_a_permission_of_its_own() {
    let mut house = House::new();
    let (customer, other) = (place("customer", 1), place("customer", 2));
    house.does(grant(Locator::root(), to_user(CY), "customer-reader"));
    let then = Then::of(&house);
    house.now = at(10);
    let cy = by(CY);
    let (now, past) = (house.view(), then.view());
    let authority = house.authority(&cy);
    assert!(may_list(authority, now, &customer));
    // Another state, or another instant of the same.
    for subject in [past, house.state.view(at(9))] {
        for asks in [authority, authority.about_another_time()] {
            let refused = lacks("customers.history.view");
            assert_eq!(asks.authorize(subject, &customer, "users.list"), refused);
            assert_eq!(asks.see(subject, &customer), refused);
            assert_eq!(asks.visible(subject, None), []);
            assert!(!asks.sight(subject).sees(house.node(&customer)));
            let attached = asks.authorize_attached(subject, &customer, "users.list");
            assert_eq!(attached, lacks("customers.users.list"));
        }
    }
    // The same of the whole tenant, where the state does not tell.
    let asks = authority.about_another_time();
    assert_eq!(authority.authorize_catalogue(), Ok(()));
    let refused = lacks("tenants.history.view");
    assert_eq!(asks.authorize_catalogue(), refused);
    assert_eq!(asks.authorize_tenant("users.list"), refused);
    let about_itself = asks.sight_about(past, house.state.subject(CY_ID), "access.check");
    let about_itself = about_itself.expect("every caller may ask about itself");
    assert!(!about_itself.sees(house.node(&customer)));
    let refused = authority.sight_about(past, house.state.subject(BO_ID), "access.check");
    assert_eq!(refused.err(), lacks::<()>("tenants.history.view").err());
    // An owner may look back at its customer, and at nothing else.
    let bo = by(BO);
    let authority = house.authority(&bo);
    assert!(may_list(authority, past, &customer));
    assert!(authority.see(past, &other).is_err());
    assert_eq!(
        authority.see(past, &Locator::root()),
        lacks("tenants.history.view")
    );
}

#[test]
fn what_a_name_names_above_must_be_looked_back_at_too() {
    let mut house = House::new();
    let (customer, workspace) = (place("customer", 1), place("workspace", 1));
    house.does(attach(customer.clone(), CY, None));
    house.does(attach(workspace.clone(), CY, None));
    house.does(grant(workspace.clone(), to_user(CY), "workspace-admin"));
    let then = Then::of(&house);
    house.now = at(10);
    let cy = by(CY);
    let authority = house.authority(&cy);
    assert!(authority.see(then.view(), &workspace).is_ok());
    let under = workspace.under(customer.clone());
    assert!(authority.see(house.view(), &under).is_ok());
    let refused = lacks("customers.history.view");
    assert_eq!(authority.see(then.view(), &under), refused);
    house.does(grant(customer, to_user(CY), "owner"));
    assert!(house.authority(&cy).see(then.view(), &under).is_ok());
}

#[test]
fn a_caller_that_is_gone_may_ask_nothing_of_the_past() {
    let mut house = House::new();
    let then = Then::of(&house);
    house.does(remove_user(BO));
    let bo = by(BO);
    let authority = house.authority(&bo);
    assert!(!may_list(authority, then.view(), &place("customer", 1)));
    assert!(authority.visible(then.view(), None).is_empty());
    assert!(!authority.may_hold_something());
}

#[test]
fn a_state_of_another_tenant_is_shown_to_nobody() {
    let house = House::new();
    let ada = by(ADA);
    let foreign = State::empty(TenantId(Uuid::from_u128(77)));
    let authority = house.authority(&ada);
    let subject = foreign.view(house.now);
    assert!(authority.visible(subject, None).is_empty());
    assert!(authority.see(subject, &Locator::root()).is_err());
    let stranger = Caller {
        tenant: TenantId(Uuid::from_u128(77)),
        ..ada
    };
    let authority = house.authority(&stranger);
    assert!(!may_list(authority, house.view(), &place("customer", 1)));
}
