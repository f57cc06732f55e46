//! Pages, cursors and tags of lists of another time.

use attache_testkit::world::acme::{GRETA, HUGO, MILL};
use attache_testkit::world::wishes::attach;
use attache_testkit::world::{Answer, World};
use serde_json::{Value, json};

const MEMBERS: &str = "/api/v1/resources/customer:%231/members";

async fn get(world: &World, path: &str, revision: Option<u64>) -> Answer {
    let ask = world.get(path).by("deputy");
    let ask = match revision {
        Some(revision) => ask.header("Attache-At", &format!("revision={revision}")),
        None => ask,
    };
    ask.send().await
}

#[tokio::test]
async fn pages_stay_about_the_moment_and_their_cursors_belong_to_it() {
    let world = World::new().await;
    let all = get(&world, MEMBERS, None).await.each("/items", "number");
    let then = world.revision().await;
    world.pass(60);
    let mut seen = Vec::new();
    let mut cursor = String::new();
    for user in (0..all.len()).map(|n| if n % 2 == 0 { HUGO } else { GRETA }) {
        let path = format!("{MEMBERS}?page_size=2{cursor}");
        let page = get(&world, &path, Some(then)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(page.revision(), then);
        assert_eq!(page.at("/total"), all.len());
        seen.extend(page.each("/items", "number"));
        let Value::String(next) = page.at("/next") else {
            break;
        };
        cursor = format!("&cursor={next}");
        // Writes in between change nothing of it.
        world.operate(&[attach(MILL, user)]).await;
    }
    assert_eq!(seen, all);
    // A cursor of one moment is of no use at another, nor in the present, nor the reverse.
    let path = format!("{MEMBERS}?page_size=2");
    let next = |page: &Answer| format!("{path}&cursor={}", page.at("/next").as_str().unwrap());
    let past = next(&get(&world, &path, Some(then)).await);
    let present = next(&get(&world, &path, None).await);
    for (path, revision) in [
        (&past, None),
        (&past, Some(then - 1)),
        (&present, Some(then)),
    ] {
        let answer = get(&world, path, revision).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.body.contains("moment"), "{}", answer.body);
    }
    // Named by its instant, it is the same moment.
    let at = get(&world, &path, Some(then)).await;
    let at = at.header("attache-at").unwrap();
    let same = world
        .get(&format!("{past}&at={at}"))
        .by("deputy")
        .send()
        .await;
    assert_eq!(same.status, 200, "{}", same.body);
}

#[tokio::test]
async fn searches_page_within_their_moment() {
    let world = World::new().await;
    let then = world.revision().await;
    world.pass(60);
    world.operate(&[attach(MILL, HUGO)]).await;
    let ask = async |page: Value, revision: Option<u64>| {
        let question = json!({
            "subject": {"type": "user"},
            "action": {"name": "customers.view"},
            "resource": {"type": "customer", "id": "#1"},
            "page": page,
        });
        let ask = world
            .post("/access/v1/search/subject")
            .json(&question)
            .by("deputy");
        let ask = match revision {
            Some(revision) => ask.header("Attache-At", &format!("revision={revision}")),
            None => ask,
        };
        ask.send().await
    };
    let first = ask(json!({"limit": 2}), Some(then)).await;
    let token = first.at("/page/next_token");
    assert_eq!(ask(json!({"token": token}), Some(then)).await.status, 200);
    assert_eq!(ask(json!({"token": token}), None).await.status, 400);
    let present = ask(json!({"limit": 2}), None).await;
    let total = |answer: &Answer| answer.at("/page/total").as_u64().unwrap();
    assert_eq!(total(&present), total(&first) + 1);
}

#[tokio::test]
async fn a_list_of_another_time_has_a_tag_of_its_own() {
    let world = World::new().await;
    let last = world.revision().await;
    let paths = [MEMBERS, "/third-party/v1/customers/1/users"];
    for path in paths {
        let tag = |answer: &Answer| answer.header("etag").unwrap().to_owned();
        let present = tag(&get(&world, path, None).await);
        let mut tags = vec![present.clone()];
        // The last one is the state of the present, at another instant.
        world.pass(60);
        for revision in [last - 2, last - 1, last] {
            let past = get(&world, path, Some(revision)).await;
            tags.push(tag(&past));
            let known = world.get(path).by("deputy");
            let known = known.header("Attache-At", &format!("revision={revision}"));
            let known = known.header("If-None-Match", &tag(&past)).send().await;
            assert_eq!(known.status, 304, "{path}");
            assert_eq!(known.revision(), revision);
        }
        let known = world.get(path).by("deputy");
        let known = known.header("Attache-At", &format!("revision={last}"));
        let known = known.header("If-None-Match", &present).send().await;
        assert_eq!(known.status, 200, "{path}");
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), 4, "{path}");
    }
}

#[tokio::test]
async fn a_list_is_streamed_whole_as_of_then() {
    let world = World::new().await;
    let lines = async |revision: Option<u64>| {
        let ask = world
            .get(MEMBERS)
            .by("deputy")
            .header("Accept", "application/x-ndjson");
        let ask = match revision {
            Some(revision) => ask.header("Attache-At", &format!("revision={revision}")),
            None => ask,
        };
        ask.send().await
    };
    let (then, now) = (world.revision().await, lines(None).await);
    world.pass(60);
    world.operate(&[attach(MILL, HUGO)]).await;
    let past = lines(Some(then)).await;
    assert_eq!((past.status, &past.body), (200, &now.body));
    assert_ne!(lines(None).await.body, now.body);
}
