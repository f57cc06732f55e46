//! Addresses that a tenant's admin chooses, where private ones are not asked.

use std::net::TcpListener;

use reqwest::Client;
use serde_json::{Value, json};

use crate::command_line::begun;
use crate::process::{self, Program};

async fn post(server: &Program, path: &str, body: &Value) -> Value {
    let url = format!("{}/api/v1/{path}", server.url);
    let asked = Client::new()
        .post(url)
        .bearer_auth(&server.token)
        .json(body);
    asked.send().await.unwrap().json().await.unwrap()
}

async fn get(server: &Program, path: &str) -> Value {
    let url = format!("{}/api/v1/{path}", server.url);
    let asked = Client::new().get(url).bearer_auth(&server.token);
    asked.send().await.unwrap().json().await.unwrap()
}

/// An error without the port that its address names.
fn said(error: &Value, port: u16) -> String {
    error.to_string().replace(&format!(":{port}/"), ":PORT/")
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_a_private_address_are_not_asked_for_and_nobody_learns_what_listens_there() {
    let data = begun();
    let data = data.path();
    let create = ["token", "create", "--service", "ops", "--grant", "admin"];
    let server = Program::start(data, &process::run(data, &create));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let trust = |issuer: &str, address: &str| {
        let keys = json!({"from": "url", "url": address});
        json!({"issuer": issuer, "audience": "attache", "keys": keys})
    };
    let mut errors = Vec::new();
    // Something listens at the first port, and nothing at the other.
    for (number, port) in [port, 1].into_iter().enumerate() {
        for (other, host) in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
            .into_iter()
            .enumerate()
        {
            let scheme = match host.contains("ffff") {
                true => "https",
                false => "http",
            };
            let address = format!("{scheme}://{host}:{port}/keys");
            let name = format!("https://issuer-{number}-{other}.example");
            let added = post(&server, "issuers", &trust(&name, &address)).await;
            match added["id"].as_str() {
                // It is refused where it is written down, or where it would be asked.
                None => errors.push(said(&added["errors"], port)),
                Some(id) => {
                    let keys = get(&server, &format!("issuers/{id}/keys")).await;
                    assert_eq!(keys["keys"], json!([]), "{keys}");
                    errors.push(said(&keys["error"], port));
                }
            }
        }
    }
    let (listening, not) = errors.split_at(errors.len() / 2);
    assert_eq!(listening, not);
    for error in &errors {
        assert!(
            error.contains("private_addresses") || error.contains("https"),
            "{error}"
        );
    }
    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
}
