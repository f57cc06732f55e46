//! A newer server wrote what this one does not know: whose log it is in, that
//! tenant stands still here, and the others go on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::json;

use crate::check::Reads;
use crate::client::{Client, Request};
use crate::foreign::{KNOWN, UNKNOWN, append, take_back};
use crate::history::{Answer, Told};
use crate::installation::{Installation, blocking, settings};
use attache_own_postgres::Postgres;

/// How long a server may take to see what is in the log.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is asked whether it stays so.
const ASKED: usize = 100;

struct Asked {
    client: Client,
    installation: Arc<Installation>,
}

impl Asked {
    async fn groups(&self, server: usize, tenant: usize) -> Told {
        self.installation.get(&self.client, server, tenant).await
    }

    async fn add_group(&self, server: usize, tenant: usize) -> Told {
        let (url, _) = self.installation.servers[server].now();
        let token = &self.installation.tenants[tenant].token;
        let request = Request {
            method: Method::POST,
            body: Some(&json!({"name": "Night shift"})),
            ..Request::get("/groups")
        };
        self.client.ask(&url, token, request).await.told
    }

    async fn is_ready(&self, server: usize) -> bool {
        let url = self.installation.servers[server].url("/readyz");
        reqwest::get(url).await.unwrap().status() == 200
    }

    /// Ask until the tenant is answered for, or is not.
    async fn until_it_serves(&self, server: usize, tenant: usize, serves: bool) {
        let end = Instant::now() + PATIENCE;
        while is_answered(&self.groups(server, tenant).await).is_some() != serves {
            assert!(Instant::now() < end, "waited for long: serves: {serves}");
        }
    }
}

/// The answer, if it was one. Nothing else may be said than that it is not
/// possible now, and that nothing was done.
fn is_answered(told: &Told) -> Option<&Answer> {
    match told {
        Told::Answered(answer) => {
            assert!(answer.status < 300, "{answer:?}");
            Some(answer)
        }
        Told::Nothing => None,
        Told::Unknown => panic!("it is known that nothing was done"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_with_an_entry_of_a_newer_server_stands_still_and_no_other() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let name = postgres.fresh_name();
    let settings = settings(Reads::Local {
        silent: Duration::from_secs(5),
    });
    let urls = vec![postgres.url(&name); 2];
    let asked = Asked {
        installation: Arc::new(Installation::start(&urls, &settings).await),
        client: Client::new(Instant::now(), PATIENCE),
    };
    let tenant = asked.installation.tenants[0].id.to_string();
    let last = asked.installation.tenants[0].begins_at;
    // One server has the tenant open, the other has not.
    asked.until_it_serves(0, 0, true).await;
    // What comes after what is not known is known, and must not be seen either.
    append(postgres, &name, &tenant, UNKNOWN);
    append(postgres, &name, &tenant, KNOWN);
    for server in 0..2 {
        asked.until_it_serves(server, 0, false).await;
    }
    for _ in 0..ASKED {
        for server in 0..2 {
            assert!(is_answered(&asked.groups(server, 0).await).is_none());
            assert!(is_answered(&asked.add_group(server, 0).await).is_none());
            assert!(is_answered(&asked.groups(server, 1).await).is_some());
            assert!(asked.is_ready(server).await);
        }
    }
    assert!(is_answered(&asked.add_group(0, 1).await).is_some());
    // Nor does a server that is started now know better.
    asked.installation.servers[0].kill();
    let installation = asked.installation.clone();
    blocking(move || installation.servers[0].start_again()).await;
    assert!(is_answered(&asked.groups(0, 0).await).is_none());
    assert!(is_answered(&asked.groups(0, 1).await).is_some());
    take_back(postgres, &name, &tenant, last);
    for server in 0..2 {
        asked.until_it_serves(server, 0, true).await;
    }
    let written = asked.add_group(1, 0).await;
    assert_eq!(is_answered(&written).unwrap().revision, last + 1);
}
