//! `Authorization: Bearer …`

use attache_core::{Command, Ref};

use attache_testkit::examples::{Operation, all, speaks};
use attache_testkit::world::{Answer, World, acme};

#[tokio::test]
async fn without_a_credential_nothing_is_told_or_done() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in all() {
        let answer = operation.ask(&world).send().await;
        assert_eq!(answer.status, 401, "{operation:?}");
        speaks(operation.dialect, &answer);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        // Nobody is asking, so no tenant answers.
        assert_eq!(answer.revision(), 0);
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn all_that_is_not_good_is_answered_alike() {
    let world = World::new().await;
    let good = world.token("keeper");
    let (front, back) = good.split_at(good.len() - 1);
    let other = if back == "2" { "3" } else { "2" };
    let headers = [
        "Bearer x".to_owned(),
        "Bearer attache_".to_owned(),
        format!("Bearer {front}"),
        format!("Bearer {front}{other}"),
        format!("Bearer {good}{good}"),
        format!("Bearer {good}, Bearer {good}"),
        format!("Bearer {}", good.to_uppercase()),
    ];
    for operation in all() {
        let bad = refused(&world, &operation).await;
        for header in &headers {
            let ask = operation.ask(&world).header("Authorization", header);
            let answer = ask.send().await;
            assert_eq!(answer.all_of_it(), bad.all_of_it(), "{operation:?}");
        }
        // Two are one too many, even if both are good.
        let twice = operation.ask(&world).by("keeper").by("keeper");
        assert_eq!(twice.send().await.all_of_it(), bad.all_of_it());
    }
}

/// What a token that is not good gets.
async fn refused(world: &World, operation: &Operation) -> Answer {
    let ask = operation.ask(world).header("Authorization", "Bearer x");
    let answer = ask.send().await;
    assert_eq!(answer.status, 401, "{operation:?}");
    answer
}

#[tokio::test]
async fn what_is_no_token_is_answered_like_nothing() {
    let world = World::new().await;
    let good = world.token("keeper");
    for operation in all() {
        let none = operation.ask(&world).send().await;
        for header in [
            good.to_owned(),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            format!("Bearer{good}"),
            format!("Basic {good}"),
        ] {
            let ask = operation.ask(&world).header("Authorization", &header);
            let answer = ask.send().await;
            assert_eq!(answer.all_of_it(), none.all_of_it(), "{operation:?}");
        }
    }
}

#[tokio::test]
async fn the_word_bearer_is_read_without_case() {
    let world = World::new().await;
    let good = world.token("keeper");
    for operation in all() {
        let header = format!("bEARER  {good}");
        let ask = operation.ask(&world).header("Authorization", &header);
        assert_eq!(ask.send().await.status, operation.status, "{operation:?}");
    }
}

#[tokio::test]
async fn a_token_that_has_expired_is_not_good() {
    let world = World::new().await;
    for operation in all().iter().filter(|operation| !operation.writes()) {
        let ask = operation.ask(&world).by("brief");
        assert_ne!(ask.send().await.status, 401, "{operation:?}");
    }
    world.pass(acme::AN_HOUR);
    for operation in all() {
        let brief = operation.ask(&world).by("brief").send().await;
        let bad = refused(&world, &operation).await;
        assert_eq!(brief.all_of_it(), bad.all_of_it(), "{operation:?}");
    }
}

#[tokio::test]
async fn a_token_that_was_revoked_is_not_good() {
    let world = World::new().await;
    let state = world.state().await;
    let keeper = state.find_service(&Ref::text("keeper")).unwrap();
    let tokens = state.tokens().filter(|token| token.service == keeper);
    let revoked: Vec<_> = tokens
        .map(|token| Command::RevokeToken { token: token.id })
        .collect();
    world.operate(&revoked).await;
    for operation in all() {
        let answer = operation.send(&world).await;
        assert_eq!(answer.status, 401, "{operation:?}");
    }
}

#[tokio::test]
async fn a_token_of_a_service_that_is_gone_is_not_good() {
    let world = World::new().await;
    let gone = Command::RemoveService {
        service: Ref::text("keeper"),
    };
    world.operate(&[gone]).await;
    for operation in all() {
        let answer = operation.send(&world).await;
        assert_eq!(answer.status, 401, "{operation:?}");
    }
}

#[tokio::test]
async fn a_token_of_a_tenant_that_does_not_exist_is_not_good() {
    let world = World::new().await;
    let nowhere = attache_core::id::TenantId(uuid::Uuid::from_u128(7));
    let token = attache_http::api_token::ApiToken::new(nowhere, world.tenants.ambient());
    let header = format!("Bearer {}", token.reveal());
    for operation in all() {
        let ask = operation.ask(&world).header("Authorization", &header);
        let bad = refused(&world, &operation).await;
        assert_eq!(ask.send().await.all_of_it(), bad.all_of_it());
    }
}

#[tokio::test]
async fn a_grant_that_has_expired_no_longer_counts() {
    let world = World::new().await;
    // It sees customers and their users.
    let is_seen = |it: &Operation| it.example.needs == ["customers.users.list"];
    for operation in all().into_iter().filter(is_seen) {
        let before = operation.ask(&world).by("lapsing").send().await;
        assert_eq!(before.status, 200, "{operation:?}");
    }
    world.pass(acme::AN_HOUR);
    for operation in all() {
        let after = operation.ask(&world).by("lapsing").send().await;
        assert!([403, 404].contains(&after.status), "{operation:?}");
    }
}
