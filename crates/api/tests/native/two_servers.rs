//! Two servers over one file: what one did, the other knows as soon as it must.

use serde_json::{Value, json};

use crate::ask::{ADMIN, ask, done, get, is};
use attache_testkit::world::{Answer, World};

async fn add(world: &World, key: &str) -> Answer {
    let ask = ask(world, "POST", "/groups").by(ADMIN);
    let ask = ask.header("Idempotency-Key", key);
    ask.json(&json!({"name": "Group"})).send().await
}

/// Let a server open acme as it is now.
async fn open(world: &World) -> u64 {
    get(world, "/me").await;
    world.revision().await
}

#[tokio::test]
async fn what_one_did_the_other_does_not_do_again() {
    let one = World::new().await;
    let two = one.beside().await;
    let before = open(&two).await;
    let first = add(&one, "a").await;
    assert_eq!(first.revision(), before + 1);
    assert_eq!(open(&two).await, before, "it has not looked yet");
    let second = add(&two, "a").await;
    assert_eq!(second.body, first.body);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    let third = add(&two, "b").await;
    assert_ne!(third.body, first.body);
    assert_eq!(third.revision(), before + 2);
    assert_eq!(add(&one, "b").await.body, third.body);
}

#[tokio::test]
async fn asked_of_both_at_once_it_is_done_once() {
    let one = World::new().await;
    let two = one.beside().await;
    let before = open(&two).await;
    for round in 0..5 {
        let key = format!("round {round}");
        let asked = (0..4).map(|place| add(if place % 2 == 0 { &one } else { &two }, &key));
        let answers = futures_util::future::join_all(asked).await;
        let done = answers.iter().filter(|answer| answer.status == 201);
        let ids: std::collections::BTreeSet<String> =
            done.map(|answer| answer.at("/id").to_string()).collect();
        assert_eq!(ids.len(), 1, "{answers:?}");
    }
    let last = add(&one, "last").await.revision();
    assert_eq!(last, before + 6);
}

#[tokio::test]
async fn who_wants_what_one_wrote_gets_it_from_the_other() {
    let one = World::new().await;
    let two = one.beside().await;
    open(&two).await;
    let written = done(&one, "POST /users", json!({"key": "nina"})).await;
    let read = |at_least: Option<u64>| {
        let ask = ask(&two, "GET", "/users/nina").by(ADMIN);
        match at_least {
            None => ask.send(),
            Some(revision) => ask.header("Attache-At-Least", &revision.to_string()).send(),
        }
    };
    is(&read(None).await, 404, "not-found");
    let caught_up = read(Some(written.revision())).await;
    assert_eq!(caught_up.status, 200, "{}", caught_up.body);
    assert_eq!(caught_up.revision(), written.revision());
    assert_eq!(read(None).await.status, 200);
}

#[tokio::test]
async fn a_token_that_one_revoked_is_none_where_that_is_known() {
    let one = World::new().await;
    let two = one.beside().await;
    open(&two).await;
    let token = get(&one, "/services/reader/tokens").await["items"][0]["id"].clone();
    let path = format!("DELETE /services/reader/tokens/{}", token.as_str().unwrap());
    let revision = done(&one, &path, Value::Null).await.revision();
    let asked = ask(&two, "GET", "/me").by("reader");
    let asked = asked.header("Attache-At-Least", &revision.to_string());
    is(&asked.send().await, 401, "unauthenticated");
}

#[tokio::test]
async fn a_token_that_one_revoked_writes_nothing_through_another() {
    let one = World::new().await;
    let two = one.beside().await;
    open(&two).await;
    let made = done(&one, "POST /services/deputy/tokens", Value::Null).await;
    let (id, secret) = (made.at("/id"), made.at("/secret"));
    let (id, secret) = (id.as_str().unwrap(), secret.as_str().unwrap());
    let bearer = format!("Bearer {secret}");
    let before = open(&one).await;
    // The other one knows the token, and does not know that it is revoked.
    let known = ask(&two, "GET", "/me").header("Authorization", &bearer);
    let known = known.header("Attache-At-Least", &before.to_string());
    assert_eq!(known.send().await.status, 200);
    done(
        &one,
        &format!("DELETE /services/deputy/tokens/{id}"),
        Value::Null,
    )
    .await;
    let read = ask(&two, "GET", "/me").header("Authorization", &bearer);
    assert_eq!(read.send().await.status, 200, "it has not looked yet");
    for key in [None, Some("a name")] {
        let mut write = ask(&two, "POST", "/groups").header("Authorization", &bearer);
        if let Some(key) = key {
            write = write.header("Idempotency-Key", key);
        }
        let write = write.json(&json!({"name": "Late"})).send().await;
        is(&write, 401, "unauthenticated");
    }
    assert_eq!(open(&one).await, before + 1, "only the revocation");
}

#[tokio::test]
async fn a_token_that_one_made_counts_where_that_is_asked_for() {
    let one = World::new().await;
    let two = one.beside().await;
    open(&two).await;
    let made = done(&one, "POST /services/reader/tokens", Value::Null).await;
    let token = made.at("/secret").as_str().unwrap().to_owned();
    let asked = |at_least: Option<u64>| {
        let ask = ask(&two, "GET", "/me").header("Authorization", &format!("Bearer {token}"));
        match at_least {
            None => ask.send(),
            Some(revision) => ask.header("Attache-At-Least", &revision.to_string()).send(),
        }
    };
    is(&asked(None).await, 401, "unauthenticated");
    let known = asked(Some(made.revision())).await;
    assert_eq!(known.status, 200, "{}", known.body);
    // Whoever has none learns nothing of how far the tenant is.
    let nobody = ask(&two, "GET", "/me").header("Authorization", "Bearer attache_none");
    let nobody = nobody.header("Attache-At-Least", "99999").send().await;
    is(&nobody, 401, "unauthenticated");
}

#[tokio::test]
async fn a_precondition_is_held_against_what_the_other_wrote() {
    let one = World::new().await;
    let two = one.beside().await;
    let read = |world| async move {
        let read = ask(world, "GET", "/users/greta").by(ADMIN).send().await;
        read.header("etag").unwrap().to_owned()
    };
    let change = |world, tag: String, phone: &'static str| async move {
        let ask = ask(world, "PATCH", "/users/greta").by(ADMIN);
        let ask = ask.header("If-Match", &tag).json(&json!({"phone": phone}));
        ask.send().await
    };
    let old = read(&two).await;
    let changed = change(&one, old.clone(), "+1").await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let new = read(&one).await;
    assert_eq!(read(&two).await, old, "it has not looked yet");
    is(&change(&two, old, "+2").await, 412, "changed");
    let again = change(&two, new, "+3").await;
    assert_eq!(again.status, 200, "{}", again.body);
}
