//! A standby that did not follow synchronously took over, or a backup was put
//! back: the log no longer holds what a server has in memory, and what the log
//! says is true.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::check::Reads;
use crate::client::{Client, Request};
use crate::foreign::{KNOWN, append, take_back};
use crate::history::Told;
use crate::installation::{Installation, settings};
use attache_own_postgres::Postgres;

const PATIENCE: Duration = Duration::from_secs(60);

/// Ask until these are the groups.
async fn until_groups(installation: &Installation, client: &Client, expected: &[&str]) {
    let end = Instant::now() + PATIENCE;
    loop {
        let told = installation.get(client, 0, 0).await;
        if let Told::Answered(answer) = &told {
            let items = answer.body["items"].as_array().unwrap();
            let names: Vec<&Value> = items.iter().map(|group| &group["name"]).collect();
            if names == expected {
                return;
            }
        }
        assert!(Instant::now() < end, "not {expected:?}: {told:?}");
    }
}

async fn add_group(installation: &Installation, client: &Client, name: &str) -> u64 {
    let (url, _) = installation.servers[0].now();
    let token = &installation.tenants[0].token;
    let request = Request {
        method: Method::POST,
        body: Some(&json!({"name": name})),
        ..Request::get("/groups")
    };
    match client.ask(&url, token, request).await.told {
        Told::Answered(answer) if answer.status == 201 => answer.revision,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_forgets_what_the_log_no_longer_holds() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let name = postgres.fresh_name();
    let settings = settings(Reads::Local {
        silent: Duration::from_secs(5),
    });
    let urls = [postgres.url(&name)];
    let installation = Installation::start(&urls, &settings).await;
    let client = Client::new(Instant::now(), PATIENCE);
    let tenant = installation.tenants[0].id.to_string();
    let begins_at = installation.tenants[0].begins_at;
    // There is less than there was.
    let lost = add_group(&installation, &client, "Lost").await;
    assert_eq!(lost, begins_at + 1);
    take_back(postgres, &name, &tenant, begins_at);
    until_groups(&installation, &client, &[]).await;
    // There is as much as there was, and it is something else.
    let lost = add_group(&installation, &client, "Lost").await;
    assert_eq!(lost, begins_at + 1);
    take_back(postgres, &name, &tenant, begins_at);
    append(postgres, &name, &tenant, KNOWN);
    until_groups(&installation, &client, &["Late"]).await;
    let next = add_group(&installation, &client, "Next").await;
    assert_eq!(next, lost + 1);
    until_groups(&installation, &client, &["Late", "Next"]).await;
}
