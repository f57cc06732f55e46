//! `X-Tenant`: the tenant's web domain.

use super::path_of;
use attache_testkit::world::{Answer, World, acme, globex};

async fn with(world: &World, domains: &[&str]) -> Answer {
    let mut ask = world.get(&path_of(acme::MILL)).by("reader");
    ask = ask.header("X-Correlation-Id", "11111111-2222-4333-8444-555555555555");
    for domain in domains {
        ask = ask.header("X-Tenant", domain);
    }
    ask.send().await
}

#[tokio::test]
async fn missing_it_is_400_naming_it() {
    let world = World::new().await;
    insta::assert_snapshot!(with(&world, &[]).await.golden());
}

#[tokio::test]
async fn nobodys_domain_is_answered_as_another_tenants() {
    let world = World::new().await;
    let another = with(&world, &[globex::DOMAIN]).await;
    for domain in [
        "nobody.example",
        "",
        "acme",
        "example",
        "x.acme.example",
        "tenant:acme",
        "ä.example",
    ] {
        let answer = with(&world, &[domain]).await;
        assert_eq!(answer.all_of_it(), another.all_of_it(), "{domain:?}");
    }
}

#[tokio::test]
async fn standing_twice_it_is_400_naming_it() {
    let world = World::new().await;
    let answer = with(&world, &[acme::DOMAIN, acme::DOMAIN]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.at("/errors/0/propertyName"), "X-Tenant");
}

#[tokio::test]
async fn another_tenants_domain_is_403_without_a_body() {
    let world = World::new().await;
    let answer = with(&world, &[globex::DOMAIN]).await;
    assert_eq!((answer.status, answer.body.as_str()), (403, ""));
    // Whatever is asked for there.
    let ask = world.get(&path_of(globex::CUSTOMER)).by("reader");
    let theirs = ask.header("X-Tenant", globex::DOMAIN).send().await;
    assert_eq!(theirs.all_of_it(), answer.all_of_it());
}

#[tokio::test]
async fn every_domain_of_the_tenant_will_do_whatever_its_case() {
    let world = World::new().await;
    let first = with(&world, &[acme::DOMAIN]).await;
    assert_eq!(first.status, 200);
    for domain in ["acme.example", "ACME.Example", "acme.example:8443"] {
        let other = with(&world, &[domain]).await;
        assert_eq!(other.all_of_it(), first.all_of_it(), "{domain}");
    }
}

#[tokio::test]
async fn without_a_credential_it_is_401_before_anything_is_said_of_it() {
    let world = World::new().await;
    for domain in ["nobody.example", acme::DOMAIN, globex::DOMAIN] {
        let ask = world.get(&path_of(acme::MILL));
        let answer = ask.header("X-Tenant", domain).send().await;
        assert_eq!((answer.status, answer.body.as_str()), (401, ""));
    }
}
