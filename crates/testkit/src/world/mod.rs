//! A running server with two tenants in its log.

pub mod acme;
mod answer;
mod ask;
pub mod globex;
pub mod ids;
mod made;
mod people;
mod raw;
mod unsteady;
pub mod wishes;

pub use answer::Answer;
pub use ask::{Ask, unzipped, zipped};
pub use people::person;
use unsteady::Unsteady;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use attache_ambient::{Ambient, ClockState, Scripted};
use attache_apis::router;
use attache_core::id::{Revision, TenantId};
use attache_core::{Actor, Caller, Catalogue, Command, Entry, HeadRequest, State, Timestamp};
use attache_http::api_token::ApiToken;
use attache_http::operator_token::OperatorToken;
use attache_http::{App, Limits, Server, ServerLimits};
use attache_jwt as jwt;
use attache_log::{EntryReader as _, Location, SegmentSizes, SqlLog, TenantRow};
use attache_tenants::{Settings, Tenants};
use made::Made;

/// The time at which every world starts.
const BEGINNING: &str = "2026-03-03T09:30:00Z";
/// The size of the largest body that the server reads. Small, so that a test can exceed
/// it.
pub const BODY_BYTES: usize = 4_096;
/// The most users in one sync.
pub const SYNC_USERS: usize = 50;

/// The most evaluations in one request.
pub const EVALUATIONS: usize = 100;

/// A server and everything below it. Tests share nothing of it.
pub struct World {
    /// The server's tenants.
    pub tenants: Tenants,
    /// The state of the server's endpoints.
    pub app: App,
    clock: Arc<Scripted>,
    log: Arc<Unsteady>,
    address: SocketAddr,
    client: reqwest::Client,
    /// The API token of each service, by the service's name.
    tokens: HashMap<String, String>,
    operator: OperatorToken,
    limits: Limits,
    folder: Arc<tempfile::TempDir>,
}

impl World {
    /// Makes a server with the tenants acme and globex.
    pub async fn new() -> Self {
        Self::limited(|_| ()).await
    }

    /// Makes the world with other settings of tokens.
    pub async fn with(tokens: jwt::Settings) -> Self {
        Self::made(|_| (), tokens).await
    }

    /// Makes the world with a server that reads bodies of this many bytes.
    pub async fn with_bodies_of(body_bytes: usize) -> Self {
        Self::limited(|limits| limits.body_bytes = body_bytes).await
    }

    /// Makes the world with other limits of requests.
    pub async fn limited(change: impl FnOnce(&mut Limits)) -> Self {
        Self::made(change, jwt::Settings::default()).await
    }

    async fn made(change: impl FnOnce(&mut Limits), jwt: jwt::Settings) -> Self {
        // Uses its own randomness, so that all other ids stay equal.
        let apart = Scripted::at(BEGINNING.parse().unwrap());
        let operator = OperatorToken::new(&Ambient::new(Arc::new(apart)));
        let mut limits = Limits {
            body_bytes: BODY_BYTES,
            sync_users: SYNC_USERS,
            evaluations: EVALUATIONS,
            ..Limits::default()
        };
        change(&mut limits);
        let made = Made::once().await;
        let folder = made.folder();
        let (clock, ambient) = made.time();
        let mut world = Self::serve((clock, ambient), operator, limits, jwt, folder).await;
        world.tokens = made.tokens.clone();
        // Reads the directory now, since opening would read it, and a read is not
        // repeated for half a second, while a test may ask for a new tenant.
        world.tenants.refresh().await.unwrap();
        for tenant in [acme::tenant(), globex::tenant()] {
            let opened = world.tenants.open(tenant).await;
            opened.unwrap().unwrap();
        }
        world
    }

    /// Starts another server on the same file, with the same clock. It reads the first
    /// server's writes only where it must.
    pub async fn beside(&self) -> Self {
        let (operator, limits) = (self.operator.clone(), self.limits.clone());
        let jwt = jwt::Settings::default();
        let time = (self.clock.clone(), Ambient::new(self.clock.clone()));
        let other = Self::serve(time, operator, limits, jwt, self.folder.clone());
        Self {
            tokens: self.tokens.clone(),
            ..other.await
        }
    }

    async fn serve(
        (clock, ambient): (Arc<Scripted>, Ambient),
        operator: OperatorToken,
        limits: Limits,
        jwt: jwt::Settings,
        folder: Arc<tempfile::TempDir>,
    ) -> Self {
        let file = Location::Sqlite(folder.path().join(made::FILE));
        let log = SqlLog::open(&file, Default::default()).await;
        let log = Arc::new(Unsteady::new(log.unwrap()));
        // No background task runs. What expires is found by the clock, not by a sweep.
        let settings = Settings {
            poll_every: Duration::from_secs(86_400),
            silent_for: Duration::from_secs(86_400),
            close_after_idle: Duration::from_secs(86_400 * 365),
            ..Settings::default()
        };
        let tenants = Tenants::new(log.log(), ambient, settings);
        let anywhere = "127.0.0.1:0".parse().unwrap();
        let server = Server::bind(anywhere, ServerLimits::default())
            .await
            .unwrap();
        let address = server.address();
        let app = App::new(tenants.clone(), limits.clone())
            .with_jwt(jwt::Settings {
                private_addresses: true,
                ..jwt
            })
            .with_operator(Some(operator.hash()));
        tokio::spawn(server.serve(router(app.clone()), std::future::pending()));
        Self {
            tenants,
            app,
            clock,
            log,
            address,
            client: plain_client(),
            tokens: HashMap::new(),
            operator,
            limits,
            folder,
        }
    }

    /// Returns the operator's token.
    pub fn operator_token(&self) -> &str {
        self.operator.reveal()
    }

    /// Creates a tenant.
    pub async fn create(
        &self,
        tenant: TenantId,
        slug: &str,
        domains: &[&str],
        catalogue: Catalogue,
    ) {
        let row = TenantRow {
            id: tenant,
            slug: slug.to_owned(),
            domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
            created_at: self.now(),
        };
        let first = wishes::begin(tenant, slug, catalogue);
        let operator = caller(tenant, Actor::Operator);
        let created = self
            .tenants
            .create(
                row,
                operator,
                "fixture",
                &HeadRequest::default(),
                &[first],
                None,
            )
            .await;
        created.unwrap();
    }

    /// Writes commands of an actor into a tenant, as one entry.
    pub async fn write(&self, tenant: TenantId, actor: Actor, commands: &[Command]) {
        let caller = caller(tenant, actor);
        let written = self.tenants.write(caller, "fixture", commands).await;
        written.unwrap();
    }

    /// Writes commands of the operator into acme, as one entry.
    pub async fn operate(&self, commands: &[Command]) {
        self.write(acme::tenant(), Actor::Operator, commands).await;
    }

    /// Makes a token for a service, keeps it under the service's name, and returns the
    /// command that adds it.
    fn new_token(&mut self, tenant: TenantId, service: &str, until: Option<Timestamp>) -> Command {
        let token = ApiToken::new(tenant, self.tenants.ambient());
        self.tokens
            .insert(service.to_owned(), token.reveal().to_owned());
        wishes::token(self.tenants.ambient().id(), service, &token, until)
    }

    /// Returns the token of a service.
    pub fn token(&self, service: &str) -> &str {
        let token = self.tokens.get(service);
        token.unwrap_or_else(|| panic!("no service is called {service}"))
    }

    /// Makes a service of acme that holds exactly these permissions on one resource, and
    /// nothing else.
    pub async fn caller_with(&mut self, name: &str, on: (&str, u32), permissions: &[String]) {
        let state = self.state().await;
        let mut catalogue = state.catalogue().unwrap().clone();
        let number = u32::try_from(catalogue.roles.len()).unwrap();
        catalogue
            .roles
            .push(wishes::role(number, name, on.0, permissions));
        let token = self.new_token(acme::tenant(), name, None);
        self.operate(&[
            wishes::catalogue(catalogue),
            wishes::service(100 + number, name),
            token,
            wishes::grant(on, wishes::service_named(name), name),
        ])
        .await;
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        self.app.tenants().ambient().now()
    }

    /// Moves the clock on by seconds.
    pub fn pass(&self, seconds: i64) {
        self.clock.pass(seconds * 1_000);
    }

    /// Moves the clock on by milliseconds.
    pub fn pass_millis(&self, millis: i64) {
        self.clock.pass(millis);
    }

    /// Sets the reported state of the machine's clock. The time stays.
    pub fn clock_stands(&self, clock: ClockState) {
        self.clock.stand(clock);
    }

    /// Makes every look-up of an unknown tenant panic from now on.
    pub fn break_the_log(&self) {
        self.log.break_down();
    }

    /// Stops the opening of tenants until the returned guard is dropped.
    pub async fn hold_openings(&self) -> impl Drop + use<> {
        self.log.hold_openings().await
    }

    /// Makes the row of a tenant unreadable to this server.
    pub async fn break_row(&self, tenant: TenantId) {
        self.log.break_row(tenant);
        self.tenants.refresh().await.unwrap();
    }

    /// Returns acme's present state.
    pub async fn state(&self) -> Arc<State> {
        let tenant = self.tenants.open(acme::tenant()).await.unwrap().unwrap();
        tenant.state().unwrap()
    }

    /// Returns acme's revision.
    pub async fn revision(&self) -> u64 {
        self.state().await.revision().0
    }

    /// Makes the histories of acme's things, of small segments.
    pub async fn make_histories(&self) {
        let sizes = SegmentSizes {
            changes: 30,
            merged: 4,
        };
        let made = self.log.sql().make_histories(acme::tenant(), sizes).await;
        made.unwrap();
    }

    /// Returns the entries of acme after a revision.
    pub async fn entries_after(&self, revision: u64) -> Vec<Entry> {
        let read = self
            .log
            .sql()
            .read_after(acme::tenant(), Revision(revision), 1_000)
            .await;
        read.unwrap()
    }
}

/// Returns a client without the machine's certificates, since reading them takes longer
/// than most tests.
fn plain_client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    client.build().unwrap()
}

fn caller(tenant: TenantId, actor: Actor) -> Caller {
    Caller { tenant, actor }
}
