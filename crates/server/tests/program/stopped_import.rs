//! An import that is stopped while the writers of a server wait for it.

#![cfg(unix)]

use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use attache_log::{Holds as _, Location, SqlLog};
use reqwest::Client;
use serde_json::{Value, json};

use crate::command_line::begun;
use crate::import::folder;
use crate::process::{self, Program};

/// How many users the import has: planning them takes longer than a write of the server.
const USERS: usize = 3_000;
/// How long the import may take until it has the server's writers wait.
const HOLDS_WITHIN: Duration = Duration::from_secs(120);

/// Adds groups over the server, one after the other, until it is told to stop. How many were
/// added.
async fn write(url: String, token: String, stop: Arc<AtomicBool>) -> usize {
    let http = Client::new();
    let mut groups = 0;
    while !stop.load(Ordering::SeqCst) {
        let body = json!({"name": format!("Group {groups}")});
        let added = http.post(&url).bearer_auth(&token).json(&body);
        let added = added.send().await.unwrap();
        assert_eq!(added.status(), 201);
        groups += 1;
    }
    groups
}

/// Waits until somebody has the server's writers wait.
async fn held(log: &SqlLog, import: &mut Child) {
    let began = Instant::now();
    while log.holds().await.unwrap().is_empty() {
        assert!(began.elapsed() < HOLDS_WITHIN, "the import holds nobody");
        assert_eq!(import.try_wait().unwrap(), None, "it ended before");
    }
}

async fn get(server: &Program, path: &str) -> (u16, Value) {
    let url = format!("{}/api/v1/{path}", server.url);
    let answer = Client::new().get(url).bearer_auth(&server.token);
    let answer = answer.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

async fn stopped_by(signal: &str, code: i32) {
    let data = begun();
    let data = data.path();
    let create = ["token", "create", "--service", "ops", "--grant", "admin"];
    let server = Program::start(data, &process::run(data, &create));
    let mut users = "key,first_name\n".to_owned();
    for number in 0..USERS {
        writeln!(users, "u{number},Ada").unwrap();
    }
    let large = folder(data, "large", &[("users.csv", &users)]);
    let small = folder(data, "small", &[("users.csv", "key,first_name\nbo,Bo\n")]);
    let location = Location::Sqlite(data.join("attache.db"));
    let log = SqlLog::open(&location, Default::default()).await.unwrap();

    let mut import = process::command(data)
        .args(["import", large.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let url = format!("{}/api/v1/groups", server.url);
    let writer = tokio::spawn(write(url, server.token.clone(), stop.clone()));
    held(&log, &mut import).await;
    let pid = import.id().to_string();
    let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(sent.success());
    let ended = import.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(code), "{said}");
    assert_eq!(ended.status.signal(), None, "it ends by itself");
    assert!(
        said.contains("stopped: what is imported is there as a whole"),
        "{said}"
    );
    assert_eq!(log.holds().await.unwrap(), [], "the hold is released");

    // The server's writers go on. Nothing of the import is there, and all that they wrote is.
    stop.store(true, Ordering::SeqCst);
    let groups = writer.await.unwrap();
    let (_, all) = get(&server, "users?page_size=1").await;
    assert_eq!(all["total"], 1);
    assert_eq!(get(&server, "users/u0").await.0, 404);
    let (_, all) = get(&server, "groups?page_size=1").await;
    assert_eq!(all["total"], groups);
    let imported = process::run(data, &["import", small.to_str().unwrap()]);
    assert!(imported.contains("1 × user added"), "{imported}");
    assert!(server.terminate().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_releases_the_writers_and_leaves_nothing_half() {
    stopped_by("-INT", 130).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_releases_the_writers_and_leaves_nothing_half() {
    stopped_by("-TERM", 143).await;
}
