//! `attache migrate`

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::CliError;
use super::data::{self, Place};
use super::output::{note, table};
use attache_ambient::Ambient;
use attache_core::cause::chain;
use attache_log::{
    Location, Rewriting, Settings, migrate, migrations, rewrite_entries, to_rewrite,
};

/// Bring the database of an older attache up to date: its tables and its entries.
///
/// Shows the migrations of the database's tables, and applies the missing ones. Servers and
/// other commands do this when they start, unless `postgres.migrate` is false. A program that
/// is older than the tables does not start.
///
/// Then rewrites the entries of older versions: everything that names a person or a company
/// moves into rows of its own, which can be deleted, and long entries are compressed. An
/// interrupted run continues where it stopped. Until an entry is rewritten, all commands and
/// servers read it as it is. On SQLite, the file is compacted at the end, and the disk needs
/// as much room again for that.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache migrate --dry-run
  ATTACHE_DATABASE=postgres://attache@db.acme.example/attache attache migrate --tables")]
pub(super) struct Migrate {
    /// Only show what would be done. Changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// Only the tables. Servers of an older version cannot read rewritten entries.
    #[arg(long)]
    tables: bool,
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
        // Without its tables, a database does not say which entries are older.
        let has_tables = pending == 0 || !self.dry_run;
        let rewritten = match has_tables && !self.tables {
            true => self.entries(&location, &settings).await?,
            false => Vec::new(),
        };
        let wrong = rewritten.iter().filter(|one| one.error.is_some()).count();
        match (pending + rewritten.len(), self.dry_run) {
            (0, _) => note("Nothing to do.")?,
            (_, true) => note("Nothing was changed. `attache migrate` does all of this.")?,
            (_, false) => {}
        }
        match wrong {
            0 => Ok(ExitCode::SUCCESS),
            wrong => Err(CliError::new(format!(
                "the entries of {wrong} tenants were not all rewritten"
            ))),
        }
    }

    /// Rewrites older entries, or shows how many there are.
    async fn entries(
        &self,
        location: &Location,
        settings: &Settings,
    ) -> Result<Vec<Rewriting>, CliError> {
        let failed = |error| CliError::new(format!("{location}: {}", chain(&error)));
        let tenants = match self.dry_run {
            true => to_rewrite(location, settings).await.map_err(failed)?,
            false => {
                let ambient = Ambient::of_the_machine();
                let random = Arc::new(move |bytes: &mut [u8]| ambient.fill(bytes));
                let bar = bar();
                let mut told = |at: &Rewriting| {
                    bar.set_prefix(at.tenant.clone());
                    bar.set_length(at.last);
                    bar.set_position(at.at);
                };
                let done = rewrite_entries(location, settings, random, &mut told).await;
                bar.finish_and_clear();
                done.map_err(failed)?
            }
        };
        let cells: Vec<Vec<String>> = tenants
            .iter()
            .map(|tenant| {
                let state = match (&tenant.error, self.dry_run) {
                    (Some(error), _) => {
                        format!("STOPPED AFTER ENTRY {}: {}", tenant.at, chain(error))
                    }
                    (None, true) => format!(
                        "{} to be looked at",
                        tenant.last - tenant.at.min(tenant.last)
                    ),
                    (None, false) => format!("{} rewritten now", tenant.changed),
                };
                vec![tenant.tenant.clone(), tenant.last.to_string(), state]
            })
            .collect();
        if !cells.is_empty() {
            table(&["tenant", "entries", "state"], &cells)?;
        }
        Ok(tenants)
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    // The template is part of the program, and tried by the tests.
    if let Ok(style) =
        ProgressStyle::with_template("{prefix} {wide_bar} {human_pos}/{human_len} entries")
    {
        bar.set_style(style);
    }
    bar
}
