//! `attache migrate`

use std::process::ExitCode;

use clap::Args;

use super::CliError;
use super::data::{self, Place};
use super::output::{note, table};
use attache_core::cause::chain;
use attache_log::{migrate, migrations};

/// Show the migrations of the database's tables, and apply the missing ones.
///
/// Servers and other commands do this when they start, unless `postgres.migrate` is
/// false. A program that is older than the tables does not start.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache migrate --dry-run
  ATTACHE_DATABASE=postgres://attache@db.acme.example/attache attache migrate")]
pub(super) struct Migrate {
    /// Only show the migrations. Changes nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Migrate {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let config = place.config()?;
        data::quietly()?;
        data::must_be_there(&config)?;
        let (location, settings) = (config.location()?, config.postgres());
        let failed = |error| CliError::new(format!("{location}: {}", chain(&error)));
        let rows = migrations(&location, &settings).await.map_err(failed)?;
        let pending = rows.iter().filter(|row| !row.applied).count();
        if pending > 0 && !self.dry_run {
            migrate(&location, &settings).await.map_err(failed)?;
        }
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let state = match (row.applied, self.dry_run) {
                    (true, _) => "was applied before",
                    (false, false) => "applied now",
                    (false, true) => "not applied",
                };
                vec![
                    row.version.to_string(),
                    row.description.clone(),
                    state.to_owned(),
                ]
            })
            .collect();
        table(&["migration", "about", "state"], &cells)?;
        match (pending, self.dry_run) {
            (0, _) => note("Nothing to do.")?,
            (_, true) => note("Nothing was changed. `attache migrate` applies them.")?,
            (_, false) => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}
