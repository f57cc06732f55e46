//! Servers over one database, and tenants in it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Bench;
use crate::attache::{OperatorToken, Server, Wishes};
use crate::clients::Clients;
use crate::connection::Caller;
use crate::processor::Processes;
use crate::{Failure, new_users, tenant};

/// How many tenants are many.
const MANY: usize = 100;

/// How long clients write so that everything has been opened.
const OPENING: Duration = Duration::from_secs(1);

/// Servers over one database, and tenants in it.
pub(super) struct House {
    pub(super) database: String,
    pub(super) one: Arc<Vec<Caller>>,
    pub(super) many: Arc<Vec<Caller>>,
    servers: Vec<Server>,
}

impl House {
    /// It stands still until it is measured.
    pub(super) async fn build(
        bench: &Bench,
        operator: &OperatorToken,
        servers: usize,
        listen: bool,
    ) -> Result<Self, Failure> {
        let name = bench.postgres.fresh_name();
        let wishes = Wishes::Postgres {
            url: bench.postgres.url(&name),
            listen,
        };
        let start = |_| bench.program.serve(&wishes, operator);
        let servers: Vec<Server> = (0..servers).map(start).collect::<Result<_, _>>()?;
        let first = servers.first().ok_or("there is no server")?;
        let one = tenant::create_many(first, operator, "lantern", 1).await?;
        let many = tenant::create_many(first, operator, "harbour", MANY).await?;
        let house = Self {
            database: name,
            one: Arc::new(one),
            many: Arc::new(many),
            servers,
        };
        let work = new_users::work();
        for tenants in [&house.many, &house.one] {
            let clients = Clients::start(bench.part.clients, &house.addresses(), tenants, &work);
            tokio::time::sleep(OPENING).await;
            clients.stop().await?;
        }
        // By itself PostgreSQL would find out in a minute what a table is like.
        bench.postgres.sql(&house.database, "ANALYZE");
        house.pause()?;
        Ok(house)
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.servers.iter().map(|server| server.address).collect()
    }

    pub(super) fn processes(&self, bench: &Bench) -> Processes {
        Processes {
            attache: self.servers.iter().map(Server::process).collect(),
            postgres: bench.first,
        }
    }

    pub(super) fn pause(&self) -> Result<(), Failure> {
        self.servers.iter().try_for_each(Server::pause)
    }

    pub(super) fn resume(&self) -> Result<(), Failure> {
        self.servers.iter().try_for_each(Server::resume)
    }
}
