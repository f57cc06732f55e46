//! A server that is told to stop while it works on something heavy.

#![cfg(unix)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use crate::command_line::begun;
use crate::import::folder;
use crate::process::{self, Program};

/// How many workspaces the customer has that is moved to and fro.
const BRANCH: usize = 2_000;
/// How often it is moved in one request. An odd number ends elsewhere than it began.
const MOVES: usize = 1_999;
/// How long answers that are under way are waited for.
const FINISH_SECONDS: u64 = 2;

fn tree() -> String {
    let mut rows = "kind,key,name,parent\nreseller,west,West,\nreseller,east,East,\n\
                    customer,north,North,reseller:west\n"
        .to_owned();
    for number in 0..BRANCH {
        writeln!(
            rows,
            "workspace,w{number},Workspace {number},customer:north"
        )
        .unwrap();
    }
    rows
}

async fn get(server: &Program, name: &str) -> Value {
    let url = format!("{}/api/v1/resources/{name}", server.url);
    let asked = Client::new().get(url).bearer_auth(&server.token);
    asked.send().await.unwrap().json().await.unwrap()
}

/// The key of the reseller that the customer stands under.
async fn parent(server: &Program) -> String {
    let parent = get(server, "customer:north").await["parent"].clone();
    let west = get(server, "reseller:west").await;
    match west["id"] == parent {
        true => "west".to_owned(),
        false => "east".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_a_heavy_write_no_longer_than_it_says_and_leaves_nothing_half() {
    let data = begun();
    let data = data.path();
    let files = folder(data, "tree", &[("resources.csv", &tree())]);
    process::run(data, &["import", files.to_str().unwrap()]);
    let create = ["token", "create", "--service", "ops", "--grant", "admin"];
    let token = process::run(data, &create);
    let limits = format!("[limits]\nfinish_within = \"{FINISH_SECONDS}s\"\n");
    let server = Program::start_with(data, &token, &limits);
    assert_eq!(parent(&server).await, "west");

    let moves = (0..MOVES).map(|number| {
        let to = ["reseller:east", "reseller:west"][number % 2];
        json!({"op": "move_resource", "resource": "customer:north", "parent": to})
    });
    let body = json!({"operations": moves.collect::<Vec<_>>()});
    let heavy = Client::new()
        .post(format!("{}/api/v1/bulk", server.url))
        .bearer_auth(&token)
        .json(&body);
    let (heavy, took) = tokio::join!(heavy.send(), async {
        // Another request is answered meanwhile, so the heavy one is under way.
        assert_eq!(parent(&server).await, "west");
        tokio::task::block_in_place(|| {
            let began = Instant::now();
            assert!(server.terminate().success());
            began.elapsed()
        })
    });
    let most = Duration::from_secs(FINISH_SECONDS + 8);
    assert!(took < most, "it took {took:?} to stop");

    // An odd number of moves ends elsewhere, so nothing half looks like all: whoever was told
    // that it is done was told the truth.
    let again = Program::start(data, &token);
    let now = parent(&again).await;
    if let Ok(answer) = heavy
        && answer.status().is_success()
    {
        assert_eq!(now, "east");
    }
    assert!(again.terminate().success());
}
