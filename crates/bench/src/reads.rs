//! Reading: lists, checks, tokens, large customers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tempfile::TempDir;

use crate::asking::Asking;
use crate::comparison::Comparison;
use crate::report::Measured;
use crate::served::Served;
use crate::world::{Shape, World};
use crate::{Failure, checks, crowd, lists, table, tokens};

/// Lists, checks, tokens, large customers: beside constant bytes.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// What of it; all, if left out.
    #[arg(value_enum)]
    what: Vec<What>,
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each takes, in seconds.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Over how many connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Only work whose name contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// A tenant a hundredth as large.
    #[arg(long)]
    small: bool,
    /// Keep the tenant that is made in this folder, or take the one that is there.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

/// A part of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Lists of 25 users.
    Lists,
    /// The same, for who has them already.
    Unchanged,
    /// AuthZEN evaluations.
    Checks,
    /// Callers with tokens of issuers.
    Tokens,
    /// A customer with very many members, a user with very many customers.
    Crowd,
}

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let shape = if self.small {
            Shape::SMALL
        } else {
            Shape::LARGE
        };
        let own = tempfile::tempdir()?;
        let folder = self.folder.as_deref().unwrap_or(TempDir::path(&own));
        std::fs::create_dir_all(folder)?;
        let world = World::of(folder, shape).await?;
        let server = Served::start(folder)?;
        let (took, memory) = (server.opened_in, server.resident_bytes()?);
        table::note(&format!("opened in {took:.1?}; {} MB", memory / 1_000_000));
        let mut asking = Asking::new(server, self.connections, self.seconds)?;
        asking.only = self.only.clone();
        let mut all: Vec<Comparison> = Vec::new();
        if self.wants(What::Lists) {
            all.extend(lists::measure(&asking, &world, self.rounds)?);
        }
        if self.wants(What::Unchanged) {
            all.extend(lists::measure_unchanged(&asking, &world, self.rounds)?);
        }
        if self.wants(What::Checks) {
            all.extend(checks::measure(&asking, &world, self.rounds)?);
        }
        if self.wants(What::Tokens) {
            all.extend(tokens::measure(&asking, &world, self.rounds)?);
        }
        if self.wants(What::Crowd) {
            all.extend(crowd::measure(&asking, &world, self.rounds)?);
        }
        let measured = Measured {
            part: "reads",
            about: about(&world.shape, self.connections),
            rounds: self.rounds,
            seconds: Some(self.seconds),
            small: self.small,
            postgres: None,
            comparisons: all,
        };
        measured.keep(self.docs.as_deref()).await
    }

    fn wants(&self, what: What) -> bool {
        self.what.is_empty() || self.what.contains(&what)
    }
}

fn about(shape: &Shape, connections: usize) -> String {
    format!(
        "One tenant of {} users, {} customers and {} memberships, {} users a customer; asked over \
         {connections} connections. Beside it stand constant bytes from the same router, which \
         checks the same credential first.",
        shape.users,
        shape.customers,
        shape.memberships(),
        shape.members,
    )
}
