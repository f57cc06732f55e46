//! `attache import`

mod catalogue;
mod grants;
mod groups;
mod memberships;
mod named;
mod plan;
mod resources;
mod services;
mod sheet;
mod source;
mod tally;
mod users;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

pub(super) use source::{FILES, Source};

use super::CliError;
use super::data::{self, Place, operator};
use super::output::{note, say};
use attache_log::TenantRow;
use attache_tenants::{BulkError, Tenants};
use plan::{Imported, Sheets};
use sheet::Fault;

/// The columns of each file, for `--help` and for the check of its first line.
pub(super) const COLUMNS: &str = "\
Files, all of them optional, with their columns. The first line names the columns, in any order;
those in brackets can be left out.
  resources.csv    kind, name, [key], [number], [parent], [id]
  users.csv        [key], [number], [first_name], [last_name], [email], [phone], [status],
                   [email_verified], [first_login], [external_auth_id], [id]
  groups.csv       name, [key], [number], [id]
  services.csv     name, [key], [number], [id]
  group_users.csv  group, user
  memberships.csv  resource, user, [expires_at]
  grants.csv       subject, role, resource, [parameters], [expires_at]
  catalogue.toml   kinds, roles and permissions, in place of the tenant's

The ids of the old system become keys; those that are UUIDs can stay ids. Every row of a thing needs a key, a number or an id.
A resource is named kind:key, kind:#number, or tenant for the root; parent is the root if empty.
A user or group is named by its key, by #number or by its id; a subject is user:…, group:… or
service:…. So no key is # and a number, begins with a kind or user:, group:, service:, or is tenant. Parameters are name=value with a semicolon between them, or a JSON object.";

/// Import resources, users, groups, memberships and grants from CSV files.
///
/// All rows are checked first, and nothing is written unless all are good.
/// Rows add and change; what no row speaks of stays. Importing the same files
/// again changes nothing. Rows that have expired already are passed over.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache import ./from-the-old-system --tenant acme --dry-run
  attache import ./from-the-old-system --tenant acme

{COLUMNS}"))]
pub(super) struct Import {
    /// The folder with the files.
    folder: PathBuf,
    /// The tenant.
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    /// Say what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let source = Source::folder(&self.folder)?;
        let tenants = place.open().await?;
        data::within(tenants, async |tenants| self.within(tenants, &source).await).await
    }

    async fn within(&self, tenants: &Tenants, source: &Source) -> Result<ExitCode, CliError> {
        let row = data::tenant(tenants, Some(&self.tenant))?;
        let imported = import(tenants, &row, source, self.dry_run).await;
        match imported {
            Ok(imported) => {
                for line in imported.lines(self.dry_run) {
                    say(line)?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(ImportError::Faults(faults)) => {
                for fault in &faults {
                    note(fault)?;
                }
                let found = faults.len();
                Err(CliError::new(format!(
                    "{found} faults found; nothing was written"
                )))
            }
            Err(ImportError::Other(error)) => Err(error),
        }
    }
}

/// Why nothing was imported.
#[derive(Debug)]
pub(super) enum ImportError {
    /// This is wrong with the files.
    Faults(Vec<Fault>),
    /// Something else.
    Other(CliError),
}

/// Import files into a tenant: all of it, or nothing.
pub(super) async fn import(
    tenants: &Tenants,
    row: &TenantRow,
    source: &Source,
    dry: bool,
) -> Result<Imported, ImportError> {
    let mut sheets = Sheets::read(source, tenants.ambient().clone());
    let bar = ProgressBar::new(u64::try_from(sheets.rows()).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} rows, {eta}") {
        bar.set_style(style);
    }
    bar.set_message("checking");
    sheets.show_on(bar.clone());
    let correlation_id = tenants.ambient().id().to_string();
    let caller = operator(row.id);
    let written = tenants
        .write_all(caller, &correlation_id, &mut sheets, dry)
        .await;
    bar.finish_and_clear();
    match written {
        Ok(_) => Ok(sheets.imported()),
        Err(BulkError::Plan(faults)) => Err(ImportError::Faults(faults)),
        Err(BulkError::Unavailable(unavailable)) => Err(ImportError::Other(unavailable.into())),
        Err(BulkError::Unknown(reason)) => Err(ImportError::Other(CliError::new(format!(
            "whether the rows were written is not known ({reason}); import them again: what is there stays as it is"
        )))),
    }
}
