//! `attache copy`

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::CliError;
use super::data::{self, Place};
use super::output::{note, table};
use attache_core::cause::chain;
use attache_core::id::{Revision, TenantId};
use attache_log::{
    EntryReader as _, Installation as _, Location, Settings, Snapshot, Snapshots as _, SqlLog,
    TenantDirectory as _, TenantRow, migrations,
};
use attache_tenants::replay_to;

/// Copy all tenants from one database to another, and compare them.
///
/// A copy to a file is a backup, also while servers run. Copies the entries unchanged,
/// with the requests that clients may repeat and the last uses of API tokens. Entries
/// that the destination has already are not copied again. To move to another database,
/// copy while the servers run, stop them, and copy the rest. At the end, the state of
/// each tenant is made from the entries on both sides and compared.
///
/// Never overwrites: a tenant that was written to at the destination is named, and left
/// alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache copy --from sqlite:attache-data/attache.db --to postgres://attache@db.acme.example/attache --dry-run
  attache copy --from sqlite:attache-data/attache.db --to postgres://attache@db.acme.example/attache
  attache copy --from postgres://attache@db.acme.example/attache --to sqlite:backup/attache.db

A password can stand in ~/.pgpass, in PGPASSWORD or in the file that
postgres.password_file names: on the command line others can read it.")]
pub(super) struct Copy {
    /// The database to copy from.
    #[arg(long, value_name = "DATABASE")]
    from: String,
    /// The database to copy to.
    #[arg(long, value_name = "DATABASE")]
    to: String,
    /// Only show what would be copied.
    #[arg(long)]
    dry_run: bool,
}

impl Copy {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        data::quietly()?;
        let parse = |flag: &str, text: &str| {
            Location::parse(text).map_err(|reason| CliError::new(format!("--{flag} {reason}")))
        };
        let (from, to) = (parse("from", &self.from)?, parse("to", &self.to)?);
        if from == to {
            return Err(CliError::new("--from and --to are the same database"));
        }
        if let Some(file) = from.file().filter(|file| !file.is_file()) {
            return Err(CliError::new(format!("{} is not there", file.display())));
        }
        let settings = place.config()?.postgres();
        // The source is only read.
        if tables(&from, &settings).await? != Tables::Current {
            return Err(CliError::new(format!(
                "{from} lacks tables, or has those of an older attache: `attache migrate` shows and makes them"
            )));
        }
        if self.dry_run
            && let Some(made) = self.would_be_made(&to, &settings).await?
        {
            let from = data::open_log(&from, settings).await?;
            let done = plan_into_nothing(&from, &made).await;
            from.close().await;
            return done;
        }
        let (from, to) = (
            Arc::new(data::open_log(&from, settings.clone()).await?),
            Arc::new(data::open_log(&to, settings).await?),
        );
        let done = self.between(&from, &to).await;
        from.close().await;
        to.close().await;
        done
    }

    async fn between(&self, from: &Arc<SqlLog>, to: &Arc<SqlLog>) -> Result<ExitCode, CliError> {
        let tenants = from.tenants().await?;
        if self.dry_run {
            return plan(from, to, &tenants).await;
        }
        let mut rows = Vec::new();
        let mut wrong = 0;
        for tenant in &tenants {
            let outcome = match copy(from, to, tenant).await {
                Ok(outcome) => outcome,
                Err(error) => {
                    wrong += 1;
                    format!("NOT COPIED: {}", error.message())
                }
            };
            rows.push(vec![tenant.slug.clone(), outcome]);
        }
        table(&["tenant", "outcome"], &rows)?;
        // Private rows that were deleted still stand in pages that nothing uses.
        to.compact_if_due().await?;
        if wrong > 0 {
            return Err(CliError::new(format!(
                "{wrong} of {} tenants are not the same on both sides",
                tenants.len()
            )));
        }
        match tenants.len() {
            0 => note(format!("There is no tenant in {}.", self.source()?))?,
            1 => note("The tenant is the same on both sides.")?,
            count => note(format!("{count} tenants are the same on both sides."))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The tables of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tables {
    Current,
    /// Those of an older attache.
    Old,
    Missing,
}

async fn tables(location: &Location, settings: &Settings) -> Result<Tables, CliError> {
    let rows = migrations(location, settings).await;
    let rows = rows.map_err(|error| CliError::new(format!("{location}: {}", chain(&error))))?;
    let applied = rows.iter().filter(|row| row.applied).count();
    Ok(match applied {
        0 => Tables::Missing,
        applied if applied == rows.len() => Tables::Current,
        _ => Tables::Old,
    })
}

impl Copy {
    /// Returns what would be made to copy to, which has no tenants yet; `None` if it is there.
    async fn would_be_made(
        &self,
        to: &Location,
        settings: &Settings,
    ) -> Result<Option<String>, CliError> {
        if let Some(file) = to.file().filter(|file| !file.is_file()) {
            return Ok(Some(format!("{} would be made.", file.display())));
        }
        match tables(to, settings).await? {
            Tables::Current => Ok(None),
            Tables::Missing => Ok(Some(format!("{to} lacks tables, which would be made."))),
            Tables::Old => Err(CliError::new(format!(
                "{to} has tables of an older attache: `attache migrate` shows and makes what it lacks, and so does a copy"
            ))),
        }
    }

    /// Returns the source without its password.
    fn source(&self) -> Result<String, CliError> {
        let location = Location::parse(&self.from);
        location
            .map(|location| location.to_string())
            .map_err(|error| CliError::new(error.to_string()))
    }
}

async fn plan(from: &SqlLog, to: &SqlLog, tenants: &[TenantRow]) -> Result<ExitCode, CliError> {
    let mut rows = Vec::new();
    for tenant in tenants {
        let (to_copy, there) = match from.to_copy(to, tenant.id).await {
            Ok(found) => (
                (found.here.0 - found.there.0).to_string(),
                found.there.to_string(),
            ),
            Err(error) => (
                format!("CANNOT BE COPIED: {}", chain(&error)),
                String::new(),
            ),
        };
        rows.push(vec![tenant.slug.clone(), there, to_copy]);
    }
    planned(&rows)
}

/// The same where there is nothing yet.
async fn plan_into_nothing(from: &SqlLog, made: &str) -> Result<ExitCode, CliError> {
    let tenants = from.tenants().await?;
    let ids: Vec<TenantId> = tenants.iter().map(|tenant| tenant.id).collect();
    let heads = from.heads(&ids).await?;
    let rows = tenants.iter().zip(heads).map(|(tenant, head)| {
        let here = head.map_or(0, |head| head.revision.0);
        vec![tenant.slug.clone(), "0".to_owned(), here.to_string()]
    });
    note(made)?;
    planned(&rows.collect::<Vec<_>>())
}

fn planned(rows: &[Vec<String>]) -> Result<ExitCode, CliError> {
    table(&["tenant", "entries there", "to copy"], rows)?;
    note("Nothing was copied.")?;
    Ok(ExitCode::SUCCESS)
}

/// Copies one tenant and compares it. Returns the outcome in words.
async fn copy(
    from: &Arc<SqlLog>,
    to: &Arc<SqlLog>,
    tenant: &TenantRow,
) -> Result<String, CliError> {
    let failed =
        |error: &(dyn std::error::Error + 'static)| CliError::new(chain(error).to_string());
    let bar = bar(&tenant.slug);
    let planned = from.to_copy(to, tenant.id).await.map_err(|e| failed(&e))?;
    bar.set_length(planned.here.0);
    bar.set_position(planned.there.0);
    let copied = from
        .copy_tenant(to, tenant, &mut |at| bar.set_position(at.0))
        .await
        .map_err(|error| failed(&error))?;
    bar.set_message("comparing");
    let other = replay_to(&**to, tenant.id, Revision(u64::MAX)).await?;
    // Servers may write to the source meanwhile, so only the copied entries are compared.
    let one = replay_to(&**from, tenant.id, other.revision()).await?;
    let since = from.to_copy(to, tenant.id).await.map_err(|e| failed(&e))?;
    bar.finish_and_clear();
    if one != other {
        return Err(CliError::new(
            "its entries do not give the same state on both sides",
        ));
    }
    let revision = other.revision();
    let snapshot = Snapshot::of(Arc::new(other)).await?;
    to.save_snapshot(&snapshot).await?;
    let more = match since.here.0.saturating_sub(revision.0) {
        0 => String::new(),
        more => format!("; {more} came meanwhile"),
    };
    Ok(format!(
        "{} entries copied, {revision} in all, the same state on both sides{more}",
        revision.0.saturating_sub(copied.there.0)
    ))
}

fn bar(slug: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    // The template is a constant that tests cover.
    if let Ok(style) =
        ProgressStyle::with_template("{prefix} {wide_bar} {human_pos}/{human_len} entries {msg}")
    {
        bar.set_style(style);
    }
    bar.set_prefix(slug.to_owned());
    bar
}
