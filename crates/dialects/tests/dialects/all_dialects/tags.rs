//! `ETag` on lists: what a caller has is not sent again, and what is not so any
//! more is.

use attache_testkit::examples::{Operation, all};
use attache_testkit::world::acme::{self, MINE};
use attache_testkit::world::wishes::attach;
use attache_testkit::world::{World, person};

/// The lists, each as somebody who may see all of it.
fn lists() -> impl Iterator<Item = Operation> {
    all()
        .into_iter()
        .filter(|operation| operation.method == "GET")
}

/// What becomes of a list that the caller has already, under a tag.
async fn again(world: &World, list: &Operation, by: &str, tag: &str) -> (u16, Option<String>) {
    let ask = list.ask(world).by(by).header("If-None-Match", tag);
    let answer = ask.send().await;
    assert!(answer.body.is_empty() || answer.status != 304, "{list:?}");
    (answer.status, answer.header("etag").map(str::to_owned))
}

#[tokio::test]
async fn a_list_that_the_caller_has_is_not_sent_again() {
    let world = World::new().await;
    for list in lists() {
        let tag = list.send(&world).await.header("etag").unwrap().to_owned();
        for sent in [&tag, "*", &format!("\"x\", W/{tag}")] {
            let answer = again(&world, &list, "keeper", sent).await;
            assert_eq!(answer, (304, Some(tag.clone())), "{list:?}");
        }
        for sent in ["\"x\"", "x", ""] {
            let answer = again(&world, &list, "keeper", sent).await;
            assert_eq!(answer, (200, Some(tag.clone())), "{list:?}");
        }
        for (sent, status) in [(&*tag, 200), ("*", 200), ("\"x\"", 412), ("x", 400)] {
            let ask = list.ask(&world).by("keeper").header("If-Match", sent);
            assert_eq!(ask.send().await.status, status, "{list:?} {sent}");
        }
        // What another caller has is no caller's business.
        let (status, other) = again(&world, &list, "glance", &tag).await;
        assert_ne!(status, 304, "{list:?}");
        assert_ne!(other, Some(tag), "{list:?}");
    }
}

#[tokio::test]
async fn what_is_written_and_what_expires_change_the_tag() {
    let world = World::new().await;
    for (list, user) in lists().zip(300..) {
        let before = list.send(&world).await.header("etag").unwrap().to_owned();
        let somebody = person(user).add();
        world.operate(&[somebody, attach(MINE, user)]).await;
        let (status, written) = again(&world, &list, "keeper", &before).await;
        assert_eq!(status, 200, "{list:?}");
        assert_ne!(written.unwrap(), before, "{list:?}");
    }
    let tags = |world: World| async move {
        let mut tags = Vec::new();
        for list in lists() {
            tags.push(list.send(&world).await.header("etag").unwrap().to_owned());
        }
        (world, tags)
    };
    let (world, before) = tags(world).await;
    world.pass(acme::AN_HOUR);
    let (_, after) = tags(world).await;
    for (before, after) in before.iter().zip(&after) {
        assert_ne!(before, after);
    }
}
