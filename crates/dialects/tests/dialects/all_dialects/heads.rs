//! `Attache-Reason`, `Attache-On-Behalf-Of` and `Attache-Approved-By`.

use attache_core::Origin;

use attache_testkit::examples::{speaks, writing};
use attache_testkit::world::{World, ids};

const HEADERS: [&str; 3] = [
    "Attache-Reason",
    "Attache-On-Behalf-Of",
    "Attache-Approved-By",
];

#[tokio::test]
async fn an_entry_says_through_which_dialect_it_came_why_and_for_whom() {
    let mut reached = 0;
    for operation in writing() {
        let world = World::new().await;
        let revision = world.revision().await;
        let ask = operation.ask(&world).by("keeper");
        let ask = ask.header(HEADERS[0], "Zo%C3%AB left, 100%25");
        let ask = ask.header(HEADERS[1], "#2").header(HEADERS[2], "#1");
        assert_eq!(ask.send().await.status, operation.status, "{operation:?}");
        let door = Origin::new(operation.dialect.name);
        for entry in world.entries_after(revision).await {
            assert_eq!(Ok(entry.head.origin), door, "{operation:?}");
            let id = |number| Some(ids::user(number));
            assert_eq!(entry.head.on_behalf_of, id(2), "{operation:?}");
            assert_eq!(entry.head.approved_by, id(1), "{operation:?}");
            let reason = entry.changes.reason.map(|reason| reason.to_string());
            assert_eq!(reason.as_deref(), Some("Zo\u{eb} left, 100%"));
            reached += 1;
        }
    }
    assert!(reached > 4, "{reached} entries were written");
}

#[tokio::test]
async fn what_cannot_be_said_of_an_entry_is_an_error_in_the_dialects_words() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in writing() {
        for (header, value) in [
            (HEADERS[0], ""),
            (HEADERS[0], "100%"),
            (HEADERS[0], "%FF"),
            (HEADERS[0], "a%0Ab"),
            (HEADERS[0], &"a".repeat(501)),
            (HEADERS[1], "nobody-known"),
            (HEADERS[1], "#999"),
            (HEADERS[2], "nobody-known"),
        ] {
            let ask = operation.ask(&world).by("keeper").header(header, value);
            let answer = ask.send().await;
            let is_bad = [400, 422].contains(&answer.status);
            assert!(is_bad, "{operation:?} {header}: {value}: {}", answer.status);
            speaks(operation.dialect, &answer);
            assert!(
                answer.body.contains(header),
                "{operation:?}: {}",
                answer.body
            );
        }
        let ask = operation.ask(&world).by("keeper");
        let twice = ask.header(HEADERS[0], "one").header(HEADERS[0], "two");
        let answer = twice.send().await;
        assert!([400, 422].contains(&answer.status), "{operation:?}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}
