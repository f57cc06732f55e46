//! An id that is unknown, another tenant's, or not to be seen: one answer, to
//! the byte.

use attache_testkit::examples::{Operation, all, speaks};
use attache_testkit::world::{World, globex, ids};

#[tokio::test]
async fn unknown_invisible_and_another_tenants_are_the_same_bytes() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in all() {
        let mut answers = Vec::new();
        for other in operation.on_other_things() {
            let ask = other.ask(&world).by("outsider");
            // The id of the request comes back: it must be the same one.
            let ask = ask.header("X-Correlation-Id", ids::NOTHING);
            let answer = ask.send().await;
            speaks(operation.dialect, &answer);
            assert!([403, 404].contains(&answer.status), "{other:?}");
            answers.push(answer.all_of_it());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{operation:?}: {answers:#?}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_token_of_another_tenant_reaches_nothing_here() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in all() {
        let others = operation.on_other_things().into_iter();
        let mut answers = Vec::new();
        for other in others.filter(|other| !other.is_on_globex()) {
            // It holds every permission, of its own tenant.
            let ask = other.ask_at(&world, globex::DOMAIN).by("globex");
            let ask = ask.header("X-Correlation-Id", ids::NOTHING);
            let answer = ask.send().await;
            speaks(operation.dialect, &answer);
            answers.push(answer.all_of_it());
        }
        assert!(answers.len() > 1, "{operation:?}");
        answers.dedup();
        assert_eq!(answers.len(), 1, "{operation:?}: {answers:#?}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn what_is_visible_and_lacking_is_told_apart_where_the_dialect_does() {
    let world = World::new().await;
    for operation in all() {
        let answer = operation.ask(&world).by("glance").send().await;
        assert_eq!(answer.status, 403, "{operation:?}");
        speaks(operation.dialect, &answer);
    }
}

/// What is wrong with a body must not tell what is there either.
#[tokio::test]
async fn a_bad_body_reads_the_same_whether_or_not_the_thing_is_there() {
    let world = World::new().await;
    for operation in all().into_iter().filter(Operation::reads_a_body) {
        for body in [
            "{",
            "{}",
            r#"{"user_ids":["x"],"userId":7,"role":"x","params":{"x":7}}"#,
            r#"{"user_ids":[999],"userId":"x","role":"InboxUser","params":{"x":"7"}}"#,
        ] {
            let mut answers = Vec::new();
            for other in operation.on_other_things() {
                let ask = other.bare(&world).by("outsider");
                answers.push(ask.text(body).send().await.all_of_it());
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "{operation:?} {body}: {answers:#?}");
        }
    }
}
