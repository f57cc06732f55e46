//! Commands on the things of one tenant.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::CliError;
use crate::cli::api::Api;
use crate::cli::data::Place;
use crate::cli::head::Writes;

// No doc comment: it would stand in `--help`, in place of what the command says of itself.
#[derive(Debug, Args)]
pub(in crate::cli) struct InTenant<V: Subcommand> {
    /// The tenant. Can be left out if there is only one.
    #[arg(long, global = true, value_name = "SLUG")]
    tenant: Option<String>,
    #[command(subcommand)]
    verb: V,
}

/// A command on the things of a tenant.
pub(in crate::cli) trait Verb: Subcommand {
    /// Runs on the API of the tenant. Returns the exit code of the process.
    async fn run(&self, api: &Api) -> Result<ExitCode, CliError>;

    /// Whether it writes entries.
    fn writes(&self) -> bool;
}

impl<V: Verb> InTenant<V> {
    /// What the verb writes.
    pub(in crate::cli) fn writes(&self) -> Writes {
        Writes::entries(self.verb.writes())
    }

    pub(in crate::cli) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let verb = &self.verb;
        place
            .ask(self.tenant.as_deref(), async |api| verb.run(api).await)
            .await
    }
}
