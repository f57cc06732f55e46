//! A body that is too large.

use super::golden::{golden, of_each};
use attache_testkit::examples::{Operation, speaks, writing};
use attache_testkit::world::{BODY_BYTES, World};

/// A body of so many bytes that says what the operation's says.
fn padded(operation: &Operation, bytes: usize) -> String {
    let body = operation.body.clone().unwrap().to_string();
    let blanks = " ".repeat(bytes - body.len());
    format!("{body}{blanks}")
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_in_the_dialects_words() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in writing().filter(Operation::reads_a_body) {
        let ask = operation.bare(&world).by("keeper");
        let ask = ask.text(&padded(&operation, BODY_BYTES + 1));
        let answer = ask.send().await;
        assert_eq!(answer.status, 413, "{operation:?}");
        speaks(operation.dialect, &answer);
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn one_that_is_just_not_too_large_is_read() {
    let world = World::new().await;
    for operation in writing().filter(Operation::reads_a_body) {
        let ask = operation.bare(&world).by("keeper");
        let ask = ask.text(&padded(&operation, BODY_BYTES));
        let answer = ask.send().await;
        assert_eq!(answer.status, operation.status, "{operation:?}");
    }
}

/// Without a length in its head, a body is found too large while it is read.
#[tokio::test]
async fn one_that_comes_in_pieces_is_found_too_large_too() {
    let world = World::new().await;
    let token = world.token("keeper").to_owned();
    let revision = world.revision().await;
    for operation in writing().filter(Operation::reads_a_body) {
        let head = format!(
            "{} {} HTTP/1.1{}\r\nAuthorization: Bearer {token}\r\nTransfer-Encoding: chunked",
            operation.method,
            operation.path,
            operation.lines()
        );
        let body = padded(&operation, BODY_BYTES + 1);
        let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        let (status, _, body) = world.raw_text(&head, chunked.as_bytes()).await;
        assert_eq!(status, 413, "{operation:?}: {body}");
        assert!(body.starts_with('{'), "{body}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn how_413_reads() {
    let world = World::new().await;
    for operation in of_each(writing().filter(Operation::reads_a_body)) {
        let ask = operation.bare(&world).by("keeper");
        let answer = ask.text(&padded(&operation, BODY_BYTES + 1)).send().await;
        golden(operation.dialect, "413", &answer.golden());
    }
}
