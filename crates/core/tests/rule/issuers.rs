//! Issuers whose tokens a tenant accepts: who chooses them, and how many.

use attache_core::id::{IssuerId, RoleId};
use attache_core::model::{FindsBy, KeySource, TenantClaim, Trust};
use attache_core::{Change, Command, Locator, Refusal, State};
use uuid::Uuid;

use crate::house::{ADA, BO, CY, House, at, by, grant, may, operator, to_user};

fn id(n: u128) -> IssuerId {
    IssuerId(Uuid::from_u128(0x600 + n))
}

fn trust(audience: &str) -> Box<Trust> {
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
}

fn add(n: u128, trust: Box<Trust>) -> Command {
    Command::AddIssuer { id: id(n), trust }
}

fn change(n: u128, trust: Box<Trust>) -> Command {
    Command::ChangeIssuer {
        issuer: id(n),
        trust,
    }
}

fn remove(n: u128) -> Command {
    Command::RemoveIssuer { issuer: id(n) }
}

/// An issuer can say that anybody is anybody, the admin too: to hold all that
/// there is in the tenant's own family of permissions is not enough.
#[test]
fn only_who_holds_everything_says_whose_tokens_are_accepted() {
    let mut house = House::new();
    let admin = house.state.catalogue().and_then(|it| it.role("admin"));
    let keeper = attache_core::catalogue::Role {
        id: RoleId(Uuid::from_u128(9)),
        name: "keeper".into(),
        permissions: vec![may("tenants.*")],
        ..admin.expect("it is there").clone()
    };
    house.does(Command::SetRole {
        role: Box::new(keeper),
    });
    house.does(grant(Locator::root(), to_user(CY), "keeper"));
    for way in [add(1, trust("a")), change(1, trust("b")), remove(1)] {
        let permission = may("*");
        let forbidden = Err(Refusal::Forbidden { permission });
        assert_eq!(house.asks(by(BO), &way), forbidden, "{way:?}");
        assert_eq!(house.asks(by(CY), &way), forbidden, "{way:?}");
        assert!(house.asks(by(ADA), &way).is_ok(), "{way:?}");
    }
}

#[test]
fn no_two_issuers_are_accepted_for_the_same_tokens() {
    let mut house = House::new();
    let taken = Err(Refusal::Taken { field: "issuer" });
    house.does(add(1, trust("a")));
    let same_id = house.asks(operator(), &add(1, trust("b")));
    assert_eq!(same_id, Err(Refusal::Taken { field: "id" }));
    // Read in another way, they would be the same tokens still.
    let by_email = Box::new(Trust {
        finds_by: FindsBy::Email,
        subject_claim: "email".into(),
        keys: KeySource::Url("https://keys.mill.example".into()),
        ..*trust("a")
    });
    assert_eq!(house.asks(operator(), &add(2, by_email.clone())), taken);
    // For somebody else, or for another tenant of the issuer, they are others.
    let tenant_claim = Some(TenantClaim {
        name: "tid".into(),
        value: "mill".into(),
    });
    house.does(add(2, trust("b")));
    house.does(add(
        3,
        Box::new(Trust {
            tenant_claim,
            ..*trust("a")
        }),
    ));
    assert_eq!(house.asks(operator(), &change(2, trust("a"))), taken);
    // Its own place is free for it, and another's once that one is gone.
    house.does(change(1, by_email));
    house.does(remove(1));
    house.does(change(2, trust("a")));
}

#[test]
fn a_tenant_trusts_at_most_100_issuers() {
    let mut house = House::new();
    for n in 1..=100 {
        house.does(add(n, trust(&n.to_string())));
    }
    let more = add(101, trust("101"));
    let refused = house.asks(operator(), &more);
    assert!(
        matches!(&refused, Err(Refusal::Invalid { field, .. }) if &**field == "issuer"),
        "{refused:?}"
    );
    house.does(change(100, trust("hundred")));
    house.does(remove(7));
    house.does(more);
    assert_eq!(house.state.issuers().count(), 100);
}

#[test]
fn terms_that_cannot_be_are_refused_by_the_field_that_is_wrong() {
    let mut house = House::new();
    let by_url = Trust {
        keys: KeySource::Url("http://keys.mill.example".into()),
        ..*trust("a")
    };
    for (wrong, expected) in [(trust(""), "audience"), (Box::new(by_url), "keys.url")] {
        house.does(add(1, trust("a")));
        for way in [add(2, wrong.clone()), change(1, wrong)] {
            let refused = house.asks(operator(), &way);
            assert!(
                matches!(&refused, Err(Refusal::Invalid { field, .. }) if &**field == expected),
                "{way:?}: {refused:?}"
            );
        }
        house.does(remove(1));
    }
}

#[test]
fn an_issuer_that_is_changed_is_the_same_one_and_one_that_is_gone_is_not_there() {
    let mut house = House::new();
    house.does(add(1, trust("a")));
    house.now = at(5);
    assert_eq!(house.does(change(1, trust("a"))), [], "it is so already");
    house.does(change(1, trust("b")));
    let issuer = house.state.issuer(id(1)).expect("it is there");
    assert_eq!(&*issuer.trust.audience, "b");
    assert_eq!(issuer.created_at, at(0));
    let again = State::from_facts(house.state.facts()).expect("they are a state's");
    assert_eq!(again.issuer(id(1)), Some(issuer));

    let gone = house.does(remove(1));
    assert_eq!(gone, [Change::IssuerRemoved { issuer: id(1) }]);
    let not_found = Err(Refusal::NotFound {
        what: "issuer".into(),
    });
    for way in [change(1, trust("a")), remove(1)] {
        assert_eq!(house.asks(operator(), &way), not_found);
    }
}
