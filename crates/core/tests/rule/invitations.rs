//! Invited users have no access until they accept.

use attache_core::id::IssuerId;
use attache_core::model::{FindsBy, KeySource, Status, TokenHash, Trust};
use attache_core::{Actor, Change, Command, Ref, Refusal, State, Timestamp};
use uuid::Uuid;

use crate::house::{
    ADA, BO, CY, House, at, attach, by, grant, operator, place, set_status, to_user,
};

const MAY: &str = "customers.users.list";

fn invite(user: u32, hash: u8, end: Timestamp) -> Command {
    Command::InviteUser {
        user: Ref::Number(user),
        hash: TokenHash([hash; 32]),
        expires_at: end,
    }
}

fn accept(hash: u8) -> Command {
    Command::AcceptInvitation {
        hash: TokenHash([hash; 32]),
    }
}

/// Bo is an owner of customer 1, and invited.
fn house() -> House {
    let mut house = House::new();
    house.does(attach(place("customer", 1), BO, None));
    house.does(grant(place("customer", 1), to_user(BO), "owner"));
    house.does(set_status(BO, Status::Invited));
    house
}

fn no_invitation() -> Refusal {
    Refusal::NotFound {
        what: "invitation".into(),
    }
}

#[test]
fn an_invited_user_has_no_access_and_keeps_its_roles() {
    let mut house = house();
    let customer = place("customer", 1);
    assert!(!house.may(BO, MAY, &customer));
    house.does(invite(BO, 7, at(60)));
    assert!(!house.may(BO, MAY, &customer));
    let accepted = house.asks(by(BO), &accept(7)).unwrap();
    assert!(matches!(
        accepted[..],
        [Change::InvitationAccepted { through: None, .. }]
    ));
    assert!(house.may(BO, MAY, &customer));
    let bo = house.state.user(BO.into()).unwrap();
    assert_eq!((bo.status, bo.facts.first_login), (Status::Active, false));
    assert_eq!(bo.updated_by, Actor::User(bo.id));
    assert!(house.state.invitation(BO.into()).is_none());
    // It is good once.
    assert_eq!(house.asks(by(BO), &accept(7)), Err(no_invitation()));
}

#[test]
fn an_invitation_is_the_users_own_and_ends() {
    let mut house = house();
    house.does(invite(BO, 7, at(60)));
    for caller in [by(CY), by(ADA), operator()] {
        assert_eq!(house.asks(caller, &accept(7)), Err(no_invitation()));
    }
    house.does(invite(BO, 8, at(60)));
    assert_eq!(house.asks(by(BO), &accept(7)), Err(no_invitation()));
    house.now = at(60);
    assert_eq!(house.asks(by(BO), &accept(8)), Err(no_invitation()));
}

#[test]
fn rule_07_inviting_takes_all_that_the_user_holds() {
    let mut house = house();
    assert!(house.asks(by(ADA), &invite(BO, 7, at(60))).is_ok());
    let refused = house.asks(by(CY), &invite(BO, 8, at(60)));
    assert!(
        matches!(refused, Err(Refusal::Forbidden { .. })),
        "{refused:?}"
    );
    let refused = house.asks(operator(), &invite(CY, 8, at(60)));
    assert!(
        matches!(refused, Err(Refusal::Invalid { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_user_accepts_by_signing_in_where_the_trust_says_so() {
    let mut house = house();
    let issuer = IssuerId(Uuid::from_u128(0x600));
    let mut trust = Trust {
        issuer: "https://login.mill.example".into(),
        keys: KeySource::Discovery,
        audience: "attache".into(),
        subject_claim: "sub".into(),
        finds_by: FindsBy::ExternalAuthId,
        tenant_claim: None,
        token_type: None,
        accepts_invitations: false,
    };
    house.does(Command::AddIssuer {
        id: issuer,
        trust: Box::new(trust.clone()),
    });
    let sign_in = Command::AcceptBySignIn { issuer };
    assert_eq!(house.asks(by(BO), &sign_in), Err(no_invitation()));
    trust.accepts_invitations = true;
    house.does(Command::ChangeIssuer {
        issuer,
        trust: Box::new(trust),
    });
    let accepted = house.asks(by(BO), &sign_in).unwrap();
    assert!(matches!(
        accepted[..],
        [Change::InvitationAccepted {
            through: Some(_),
            ..
        }]
    ));
    // Who is active has nothing to accept, and who is inactive cannot.
    assert_eq!(house.asks(by(BO), &sign_in), Ok(Vec::new()));
    house.does(set_status(BO, Status::Inactive));
    assert_eq!(house.asks(by(BO), &sign_in), Err(no_invitation()));
}

#[test]
fn an_invitation_stands_in_the_facts_of_a_state() {
    let mut house = house();
    house.does(invite(BO, 7, at(60)));
    let again = State::from_facts(house.state.facts()).unwrap();
    assert_eq!(again.facts(), house.state.facts());
    assert!(again.invitation_by_hash(&TokenHash([7; 32])).is_some());
    // Another status ends it.
    house.does(set_status(BO, Status::Active));
    assert!(house.state.invitation(BO.into()).is_none());
}
