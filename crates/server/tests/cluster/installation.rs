//! A database with a few tenants in it, and servers over it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use attache_core::id::{Revision, TenantId};
use attache_log::{self, EntryReader as _, Location, Snapshots as _, SqlLog, TenantDirectory as _};
use http::Method;
use serde_json::json;

use crate::check::Reads;
use crate::client::{Client, Request};
use crate::history::Told;
use crate::replay::Replay;
use crate::server::{self, Server};
use crate::wish::CUSTOMERS;

/// How long it may take to prepare something.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const TENANTS: &[&str] = &["lantern", "meadow", "quarry"];

/// A tenant, and a token that may do everything in it.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) token: String,
    /// The revision that it was prepared at.
    pub(crate) begins_at: u64,
}

/// What a server is to be told beside where its database is: small, so that
/// what takes long in production happens within a run.
pub(crate) fn settings(reads: Reads) -> String {
    let reads = match reads {
        Reads::Latest => "reads = \"latest\"".to_owned(),
        Reads::Local { silent } => {
            format!("reads = \"local\"\nsilent_for = \"{}s\"", silent.as_secs())
        }
    };
    format!(
        "[tenants]\n{reads}\nsettle_within = \"3s\"\npoll_every = \"100ms\"\n\
         snapshot_after_changes = 50\n\
         [postgres]\nanswer_within = \"2s\"\nconnect_within = \"2s\"\n"
    )
}

/// A configuration with a database.
pub(crate) fn config(url: &str, settings: &str) -> String {
    format!("database = {url:?}\n{settings}")
}

/// Make the tenants. Their tokens, in their order.
pub(crate) fn prepare(config: &str) -> Vec<String> {
    let tokens = TENANTS.iter().map(|slug| {
        let email = format!("ada@{slug}.example");
        match *slug == TENANTS[0] {
            true => server::run(config, &["init", "--tenant", slug, "--admin-email", &email]),
            false => server::run(config, &["tenant", "create", slug, "--admin-email", &email]),
        }
    });
    tokens.collect()
}

/// Give a tenant its customers.
async fn add_customers(server: &Server, token: &str) {
    let client = Client::new(Instant::now(), PATIENCE);
    for customer in CUSTOMERS {
        let body = json!({"kind": "customer", "key": customer, "name": customer});
        let request = Request {
            method: Method::POST,
            body: Some(&body),
            ..Request::get("/resources")
        };
        let told = client.ask(&server.now().0, token, request).await.told;
        let is_added = matches!(&told, Told::Answered(answer) if answer.status == 201);
        assert!(is_added, "{told:?}");
    }
}

/// The log of an installation, as the tests read it.
pub(crate) struct Records(pub(crate) Arc<SqlLog>);

impl Records {
    /// The tenants that [`prepare`] made.
    pub(crate) async fn tenants(&self, tokens: Vec<String>) -> Vec<Tenant> {
        let rows = self.0.tenants().await.unwrap();
        let mut tenants = Vec::new();
        for (slug, token) in TENANTS.iter().zip(tokens) {
            let id = rows.iter().find(|row| row.slug == **slug).unwrap().id;
            let begins_at = self.replay(id).await.last();
            tenants.push(Tenant {
                id,
                token,
                begins_at,
            });
        }
        tenants
    }

    /// All of a tenant's entries, and that its snapshot is what they give.
    pub(crate) async fn replay(&self, tenant: TenantId) -> Replay {
        let entries = self.0.read_after(tenant, Revision::default(), usize::MAX);
        let replay = Replay::of(tenant, entries.await.unwrap());
        if let Some(snapshot) = self.0.load_snapshot(tenant).await.unwrap() {
            let is_so = replay.at(snapshot.revision().0) == Some(&snapshot);
            assert!(is_so, "the snapshot is not what the entries give");
        }
        replay
    }
}

/// Several servers over one database.
pub(crate) struct Installation {
    pub(crate) servers: Vec<Server>,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) records: Records,
}

impl Installation {
    /// Make the tenants, and start a server for each of the URLs, which all
    /// lead to the same database as the first.
    pub(crate) async fn start(urls: &[String], settings: &str) -> Self {
        let configs: Vec<String> = urls.iter().map(|url| config(url, settings)).collect();
        let first = configs[0].clone();
        let tokens = blocking(move || prepare(&first)).await;
        let mut servers = Vec::new();
        for config in configs {
            servers.push(blocking(move || Server::start(&config)).await);
        }
        for token in &tokens {
            add_customers(&servers[0], token).await;
        }
        let records = Records(open(&urls[0]).await);
        Self {
            servers,
            tenants: records.tenants(tokens).await,
            records,
        }
    }

    /// The answer of a server to a read of one of its tenants.
    pub(crate) async fn get(&self, client: &Client, server: usize, tenant: usize) -> Told {
        let (url, _) = self.servers[server].now();
        let token = &self.tenants[tenant].token;
        client.ask(&url, token, Request::get("/groups")).await.told
    }
}

/// Do what waits for another process.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// The log behind a URL.
pub(crate) async fn open(url: &str) -> Arc<SqlLog> {
    let location = Location::parse(url).unwrap();
    let log = SqlLog::open(&location, attache_log::Settings::default()).await;
    Arc::new(log.unwrap())
}
