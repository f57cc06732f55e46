//! Bodies that are not JSON, or repeat a key.

use super::golden::{golden, of_each};
use attache_testkit::examples::{Operation, speaks, writing};
use attache_testkit::world::{Answer, World};

async fn with_body(world: &World, operation: &Operation, body: &str) -> Answer {
    let ask = operation.bare(world);
    ask.by("keeper").text(body).send().await
}

#[tokio::test]
async fn a_body_that_is_not_json_is_an_error_in_the_dialects_words() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in writing().filter(Operation::reads_a_body) {
        let whole = operation.body.clone().unwrap().to_string();
        let cut = &whole[..whole.len() - 1];
        for body in [
            "x",
            "{",
            "{}}",
            "{} {}",
            "{'a': 1}",
            "{\"a\": 01}",
            "{\"a\": NaN}",
            "[1,]",
            "user_ids[]=1",
            "<users/>",
            "{}\u{feff}",
            &"[".repeat(1_000),
            cut,
        ] {
            let answer = with_body(&world, &operation, body).await;
            assert_eq!(answer.status, 400, "{operation:?} {body}");
            speaks(operation.dialect, &answer);
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_no_text_is_an_error_in_the_dialects_words() {
    let world = World::new().await;
    let token = world.token("keeper").to_owned();
    for operation in writing().filter(Operation::reads_a_body) {
        let head = format!(
            "{} {} HTTP/1.1{}\r\nAuthorization: Bearer {token}\r\nContent-Length: 9",
            operation.method,
            operation.path,
            operation.lines()
        );
        let (status, _, body) = world.raw_text(&head, b"{\"a\":\"\xff\"}").await;
        // One byte less was announced than is sent.
        assert_eq!(status, 400, "{operation:?}: {body}");
        assert!(body.starts_with('{'), "{body}");
    }
}

#[tokio::test]
async fn a_key_that_stands_twice_is_an_error_in_the_dialects_words() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in writing().filter(Operation::reads_a_body) {
        let whole = operation.body.clone().unwrap();
        for (key, value) in whole.as_object().unwrap() {
            let others = whole.to_string();
            let others = &others[1..];
            for body in [
                // The same value twice, another one, and the key spelled in
                // another way.
                format!("{{\"{key}\":{value},{others}"),
                format!("{{\"{key}\":null,{others}"),
                format!(
                    "{{\"\\u{:04x}{}\":[],{others}",
                    key.as_bytes()[0],
                    &key[1..]
                ),
            ] {
                let answer = with_body(&world, &operation, &body).await;
                assert_eq!(answer.status, 400, "{operation:?} {body}");
                assert!(answer.body.contains("is repeated"), "{}", answer.body);
                speaks(operation.dialect, &answer);
            }
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn an_empty_body_that_is_said_to_be_json_is_no_body() {
    let world = World::new().await;
    for operation in writing() {
        let said = with_body(&world, &operation, "").await;
        let ask = operation.bare(&world).by("keeper");
        let none = ask.send().await;
        // Revoking and removing are done by then.
        if said.status >= 400 {
            speaks(operation.dialect, &said);
            assert_eq!(said.all_of_it(), none.all_of_it(), "{operation:?}");
        } else {
            assert_eq!(operation.method, "DELETE", "{operation:?}");
            assert_eq!(none.status, 200, "{operation:?}");
        }
        assert_eq!(said.status, operation.example.without_body, "{operation:?}");
    }
}

#[tokio::test]
async fn how_a_body_that_is_not_json_reads() {
    let world = World::new().await;
    for operation in of_each(writing().filter(Operation::reads_a_body)) {
        let mut read = String::new();
        for body in ["{", r#"{"a":1,"a":2}"#] {
            let answer = with_body(&world, &operation, body).await;
            read.push_str(&format!("{}\n", answer.golden()));
        }
        golden(operation.dialect, "a_body_that_is_not_json", &read);
    }
}
