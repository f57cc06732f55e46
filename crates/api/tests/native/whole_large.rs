//! Lists of thirty thousand that are had whole, while others write and clients stand still.

use attache_core::Command;
use attache_core::id::UserId;
use attache_core::model::{Name, Profile, Status, UserFacts};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::ask::{ADMIN, done};
use attache_testkit::world::{World, wishes};

const USERS: usize = 30_000;
/// No piece of a list is larger.
const PIECE_BYTES: usize = 2_000_000;

/// A client that takes little at once.
async fn connect(world: &World) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(world.address()).await.unwrap()
}

async fn ask(world: &World, service: &str, path: &str) -> TcpStream {
    let mut stream = connect(world).await;
    let head = format!(
        "GET /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\nAccept: application/x-ndjson\r\n\r\n",
        world.token(service)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The next chunk of a body (RFC 9112, 7.1); empty at its end, `None` where it breaks off.
async fn chunk(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut size = Vec::new();
    while !size.ends_with(b"\r\n") {
        size.push(stream.read_u8().await.ok()?);
    }
    let size = std::str::from_utf8(&size).unwrap().trim();
    let mut bytes = vec![0; usize::from_str_radix(size, 16).unwrap() + 2];
    stream.read_exact(&mut bytes).await.ok()?;
    bytes.truncate(bytes.len() - 2);
    Some(bytes)
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// All lines, and whether the answer has its end.
async fn rest(mut stream: TcpStream, mut text: Vec<u8>) -> (Vec<Value>, bool) {
    let is_whole = loop {
        match chunk(&mut stream).await {
            None => break false,
            Some(bytes) if bytes.is_empty() => break true,
            Some(bytes) => {
                assert!(bytes.len() < PIECE_BYTES, "{}", bytes.len());
                text.extend_from_slice(&bytes);
            }
        }
    };
    let lines = std::str::from_utf8(&text).unwrap().lines();
    let lines = lines.map(|line| serde_json::from_str(line).unwrap());
    (lines.collect(), is_whole)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_thousand_users_come_in_one_answer_of_one_revision() {
    let mut world = World::new().await;
    let ambient = world.tenants.ambient().clone();
    for part in 0..10 {
        let users = (0..USERS / 10).map(|nth| Command::AddUser {
            id: UserId(ambient.id()),
            number: None,
            key: None,
            profile: Box::new(Profile {
                first_name: Some(Name::new(&format!("User {part}")).unwrap()),
                last_name: Some(Name::new(&format!("{nth}")).unwrap()),
                ..Profile::default()
            }),
            status: Status::Active,
            facts: UserFacts {
                email_verified: false,
                first_login: true,
                external_auth_id: None,
            },
        });
        world.operate(&users.collect::<Vec<_>>()).await;
    }
    let may = ["tenants.users.list".to_owned()];
    world.caller_with("lister", wishes::ROOT, &may).await;
    let all = world.state().await.user_count();
    let revision = world.revision().await;

    // A client that stops reading delays neither writes nor other reads.
    let mut still = ask(&world, "lister", "/users?sort=number").await;
    let mut slow = ask(&world, ADMIN, "/users?sort=number").await;
    let first = head(&mut slow).await;
    assert!(
        first.contains(&format!("attache-total: {all}\r\n")),
        "{first}"
    );
    let begin = chunk(&mut slow).await.unwrap();
    let user = done(&world, "POST /users", serde_json::json!({"key": "later"})).await;
    let path = format!("DELETE /users/{}", user.at("/id").as_str().unwrap());
    done(&world, &path, Value::Null).await;
    done(&world, "DELETE /users/greta", Value::Null).await;

    let (lines, is_whole) = rest(slow, begin).await;
    assert!(is_whole);
    assert_eq!(lines.len(), all);
    let numbers = lines.iter().map(|it| it["number"].as_u64().unwrap());
    assert!(numbers.collect::<Vec<_>>().is_sorted_by(|a, b| a < b));
    assert!(lines.iter().any(|it| it["key"] == "greta"));
    assert!(!lines.iter().any(|it| it["key"] == "later"));
    assert!(
        first.contains(&format!("attache-revision: {revision}\r\n")),
        "{first}"
    );

    // A credential that goes ends the list.
    done(&world, "DELETE /services/lister", Value::Null).await;
    head(&mut still).await;
    let (lines, is_whole) = rest(still, Vec::new()).await;
    assert!(!is_whole, "it lacks its end");
    let (last, before) = lines.split_last().unwrap();
    assert_eq!(last["error"]["status"], 401);
    assert!(before.len() < all);
    assert!(before.iter().all(|it| it.get("error").is_none()));
}

#[tokio::test]
async fn pieces_of_a_list_end_by_their_bytes_too() {
    let world = World::limited(|limits| limits.answer_bytes = 20_000).await;
    let name = || Some(Name::new(&"é".repeat(255)).unwrap());
    let users = (0..300).map(|_| Command::AddUser {
        id: UserId(world.tenants.ambient().id()),
        number: None,
        key: None,
        profile: Box::new(Profile {
            first_name: name(),
            last_name: name(),
            phone: name(),
            ..Profile::default()
        }),
        status: Status::Active,
        facts: UserFacts {
            email_verified: false,
            first_login: true,
            external_auth_id: None,
        },
    });
    world.operate(&users.collect::<Vec<_>>()).await;
    let all = world.state().await.user_count();
    let mut stream = ask(&world, ADMIN, "/users?sort=number").await;
    head(&mut stream).await;
    let (mut text, mut pieces) = (Vec::new(), 0);
    loop {
        let piece = chunk(&mut stream).await.unwrap();
        if piece.is_empty() {
            break;
        }
        assert!(piece.len() <= 20_000, "{}", piece.len());
        text.extend_from_slice(&piece);
        pieces += 1;
    }
    let lines = std::str::from_utf8(&text).unwrap().lines();
    let numbers = lines.map(|line| {
        let user: Value = serde_json::from_str(line).unwrap();
        user["number"].as_u64().unwrap()
    });
    let numbers: Vec<u64> = numbers.collect();
    assert_eq!(numbers.len(), all);
    assert!(numbers.is_sorted_by(|a, b| a < b), "nobody is repeated");
    assert!(pieces < 100, "{pieces}: pieces are as long as they may be");
}
