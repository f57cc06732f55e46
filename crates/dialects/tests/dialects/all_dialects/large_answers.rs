//! Answers with more bytes than one may have: they are sent in pieces, and read as others.

use attache_core::Command;
use attache_core::model::Name;
use serde_json::Value;

use attache_testkit::examples::{Operation, all};
use attache_testkit::world::acme::{CONCIERGE, HARBOR, MILL};
use attache_testkit::world::wishes::{attach, grant, into_group, user_of};
use attache_testkit::world::{World, ids, person};

/// What an answer may have in these tests, and what no piece of one has.
const ANSWER_BYTES: usize = 10_000;
const PIECE_BYTES: usize = 20_000;

/// A world in which the mill, the harbor and the concierge have forty users, with names as
/// long as names can be and each in many groups.
async fn world(answer_bytes: usize) -> World {
    let world = World::limited(|limits| limits.answer_bytes = answer_bytes).await;
    let long = |first: char| format!("{first}{}", "é".repeat(254));
    let mut commands = Vec::new();
    let groups = 500..510;
    for number in groups.clone() {
        commands.push(Command::AddGroup {
            id: ids::group(number),
            number: Some(number),
            key: None,
            name: Name::new(&long('g')).unwrap(),
        });
    }
    for number in 200..240 {
        commands.push(person(number).called(&long('a'), &long('b')).add());
        commands.extend([MILL, HARBOR, CONCIERGE].map(|on| attach(on, number)));
        commands.extend(groups.clone().map(|group| into_group(group, number)));
        commands.push(grant(MILL, user_of(number), "viewer"));
    }
    world.operate(&commands).await;
    world
}

/// The head of the answer to an operation, and the chunks of its body (RFC 9112, 7.1); of
/// one with a length a single chunk.
async fn answer(world: &World, operation: &Operation) -> (String, Vec<Vec<u8>>) {
    let Operation { method, path, .. } = operation;
    let body = operation.body.as_ref().map(Value::to_string);
    let body = body.unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nAuthorization: Bearer {}{}\r\n\
         Content-Type: application/json\r\nContent-Length: {}",
        world.token("keeper"),
        operation.lines(),
        body.len(),
    );
    let answer = world.raw(&head, body.as_bytes()).await;
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let (head, mut rest) = (answer[..end].to_vec(), &answer[end + 4..]);
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    if !head.contains("transfer-encoding: chunked") {
        return (head, vec![rest.to_vec()]);
    }
    let mut chunks = Vec::new();
    loop {
        let line = rest.windows(2).position(|it| it == b"\r\n").unwrap();
        let size = std::str::from_utf8(&rest[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return (head, chunks);
        }
        rest = &rest[line + 2..];
        chunks.push(rest[..size].to_vec());
        rest = &rest[size + 2..];
    }
}

/// Each operation that answers with a list, also by long pages.
fn lists() -> Vec<Operation> {
    let mut lists: Vec<Operation> = all()
        .into_iter()
        .filter(|it| !it.writes() || it.dialect.name == "voicebot")
        .collect();
    for list in &mut lists {
        match (list.dialect.name, &mut list.body) {
            ("worth", _) => list.path.push_str("?items_per_page=1000"),
            ("voicebot", Some(body)) => {
                let ids: Vec<u32> = (200..240).collect();
                body["user_ids"] = ids.into();
            }
            _ => {}
        }
    }
    lists
}

#[tokio::test]
async fn a_list_of_more_bytes_than_an_answer_may_have_is_sent_in_pieces_and_reads_the_same() {
    let (wide, narrow) = (world(4 * 1024 * 1024).await, world(ANSWER_BYTES).await);
    let lists = lists();
    assert!(lists.len() > 4, "{lists:?}");
    for list in lists {
        let (head, whole) = answer(&wide, &list).await;
        assert!(head.starts_with("http/1.1 200"), "{list:?}: {head}");
        assert!(head.contains("content-length:"), "{list:?}: {head}");
        let (head, pieces) = answer(&narrow, &list).await;
        assert!(head.starts_with("http/1.1 200"), "{list:?}: {head}");
        assert!(pieces.len() > 3, "{list:?}");
        for piece in &pieces {
            assert!(piece.len() <= PIECE_BYTES, "{list:?}: {}", piece.len());
        }
        assert_eq!(pieces.concat(), whole.concat(), "{list:?}");
        let json: Value = serde_json::from_slice(&pieces.concat()).unwrap();
        assert!(!json.is_null());
        // A list that was read has a tag in both forms.
        assert_eq!(head.contains("etag:"), !list.writes(), "{list:?}: {head}");
    }
}

#[tokio::test]
async fn a_single_user_is_shown_however_many_bytes_it_takes() {
    let world = world(1).await;
    for list in lists().into_iter().filter(|it| !it.writes()) {
        let (head, pieces) = answer(&world, &list).await;
        assert!(head.starts_with("http/1.1 200"), "{list:?}: {head}");
        let json: Value = serde_json::from_slice(&pieces.concat()).unwrap();
        assert!(json.to_string().contains("ééé"), "{list:?}");
        assert!(pieces.len() > 40, "{list:?}: a piece each");
    }
}

#[tokio::test]
async fn the_permissions_of_a_user_with_very_many_grants_are_sent_in_pieces() {
    let (wide, narrow) = (world(4 * 1024 * 1024).await, world(ANSWER_BYTES).await);
    let mut answers = Vec::new();
    for world in [&wide, &narrow] {
        let mut last = None;
        for inbox in 0..30 {
            let role = format!(
                "/v1/workspaces/harbor/chatbots/concierge/users/{}/roles",
                ids::user(200)
            );
            let body = serde_json::json!({
                "role": "InboxUser", "params": {"inboxId": format!("{inbox}{}", "x".repeat(250))},
            });
            let answer = world.post(&role).by("keeper").json(&body).send().await;
            assert_eq!(answer.status, 201, "{}", answer.body);
            last = Some(answer);
        }
        answers.push(last.unwrap());
    }
    assert!(answers[0].body.len() > 2 * ANSWER_BYTES);
    assert_eq!(answers[0].body, answers[1].body);
    assert!(answers[0].header("content-length").is_some());
    assert!(answers[1].header("content-length").is_none());
    let first = answers[1].at("/permissions/0/name");
    assert!(first.is_string(), "{first}");
}
