//! The command line beside a server that runs on the same data folder.

use std::time::{Duration, Instant};

use crate::command_line::begun;
use crate::process::{self, Program};

/// Ask until the answer is so, for a second at the most. Each question is a
/// request of its own; nothing sleeps.
async fn within_a_second(program: &Program, token: &str, status: u16) -> bool {
    let http = reqwest::Client::new();
    let url = format!("{}/v1/workspaces/desk/chatbots/bot/users", program.url);
    let end = Instant::now() + Duration::from_secs(1);
    while Instant::now() < end {
        let answer = http.get(&url).bearer_auth(token).send().await.unwrap();
        if answer.status().as_u16() == status {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_sees_what_the_command_line_wrote_within_a_second() {
    let folder = begun();
    let data = folder.path();
    let files = data.join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(
        files.join("resources.csv"),
        "kind,key,name,parent\nworkspace,desk,Desk,\nchatbot,bot,Bot,workspace:desk\n",
    )
    .unwrap();
    let first = process::run(
        data,
        &[
            "token",
            "create",
            "--service",
            "one",
            "--grant",
            "chatbot-directory",
        ],
    );
    let server = Program::start(data, &first);
    // The tenant is open from here on.
    assert!(
        within_a_second(&server, &first, 403).await,
        "the chatbot is not there yet"
    );
    process::run(
        data,
        &["import", files.to_str().unwrap(), "--tenant", "lantern"],
    );
    assert!(
        within_a_second(&server, &first, 200).await,
        "the server does not see the import"
    );
    let second = process::run(
        data,
        &[
            "token",
            "create",
            "--service",
            "two",
            "--grant",
            "chatbot-directory",
        ],
    );
    assert!(
        within_a_second(&server, &second, 200).await,
        "the server does not see the new token"
    );
    let tokens = process::run(data, &["token", "list"]);
    let id = tokens
        .lines()
        .find(|line| line.contains(" two "))
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    process::run(data, &["token", "revoke", id]);
    assert!(
        within_a_second(&server, &second, 401).await,
        "the server still takes a revoked token"
    );
    // It goes on after one, and ends well afterwards.
    server.signal("-HUP");
    assert!(within_a_second(&server, &server.token, 200).await);
    assert!(server.terminate().success());
}
