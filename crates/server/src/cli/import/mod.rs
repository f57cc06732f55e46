//! `attache import`

mod addresses;
mod catalogue;
mod fault;
mod grants;
mod groups;
mod identify;
mod memberships;
mod named;
mod numbers;
mod plan;
mod provenance;
mod report;
mod resources;
mod row;
mod services;
mod sheet;
mod source;
mod tally;
mod text;
mod thing;
mod users;
mod work;

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

pub(super) use row::{AS_IS, EXTERNAL_AUTH_ID};
pub(super) use source::{FILES, Source};

use super::CliError;
use super::data::{self, Place, operator};
use super::output::{note, say};
use attache_log::TenantRow;
use attache_tenants::{BulkError, Tenants};
use fault::Fault;
use plan::{Imported, Sheets};

/// The columns of each file, for `--help` and for the check of its first line.
pub(super) const COLUMNS: &str = "\
Files, all of them optional, with their columns. The first line names the columns, in any order;
those in brackets can be left out.
  resources.csv    kind, name, [key], [number], [parent], [id], [as_is]
  users.csv        [key], [number], [first_name], [last_name], [email], [phone], [status],
                   [email_verified], [first_login], [external_auth_id], [id], [as_is]
  groups.csv       name, [key], [number], [id], [as_is]
  services.csv     name, [key], [number], [id], [as_is]
  group_users.csv  group, user
  memberships.csv  resource, user, [expires_at]
  grants.csv       subject, role, resource, [parameters], [expires_at]
  catalogue.toml   kinds, roles and permissions, in place of the tenant's

Rows. Every user, group, service and resource needs a key, a number or an id. The ids of the old
system become keys; those that are UUIDs can stay ids. A row describes what has its id or key, and
adds it if there is nothing. A number alone describes only what an earlier import made. An empty
cell empties its field; an empty key, number, id, status, email_verified or first_login stays, and
an empty parent is the root. Two rows for one thing are a fault, and so are two users with one
external_auth_id.

Names. A resource is named kind:key, kind:#number, kind:id, an id alone, or tenant for the root. A
user, group or service is named by its key, by #number or by its id; a subject is user:…, group:…
or service:…. A #number names what has it in these files or what an earlier import made.
So no new key is # and a number, begins with user:, group:, service: or a kind and a colon, or is tenant.
Parameters are name=value with a semicolon between them, or a JSON object.

Times. expires_at is a time such as 2027-03-31T18:00:00+02:00, or a day such as 2027-03-31, which
counts through in UTC: it ends with the day. Empty: it does not end.

Text. UTF-8 or UTF-16; cells separated by comma, semicolon, tab or |, or as a first line such as
sep=; says. Empty lines and columns are passed over. In a cell that begins with an apostrophe and
=, +, -, @ or a tab, the apostrophe is dropped: it keeps spreadsheets from running a formula. The
cells that as_is names are taken as they are, though a new value must not be such.";

/// Import resources, users, groups, services, memberships and grants from CSV files.
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
    /// The folder with the files. Other files in it are named and passed over;
    /// a CSV file among them is a fault.
    folder: PathBuf,
    /// The tenant.
    #[arg(long, value_name = "SLUG")]
    tenant: String,
    #[command(flatten)]
    options: Options,
}

/// How files are imported.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Options {
    /// Show each change, field by field, and change nothing. Changes of people, groups
    /// and services with roles at the root come last.
    #[arg(long)]
    dry_run: bool,
    /// Give another number to what is new and whose number something else has.
    /// In the files, the number still names what has it there.
    #[arg(long)]
    renumber: bool,
    /// Take e-mail addresses that RFC 5321 does not allow but mail may reach,
    /// such as taro..y@docomo.example, with a warning.
    #[arg(long)]
    any_address: bool,
}

impl Import {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let source = Source::folder(&self.folder)?;
        let tenants = place.open().await?;
        data::within(tenants, async |tenants| self.within(tenants, &source).await).await
    }

    async fn within(&self, tenants: &Tenants, source: &Source) -> Result<ExitCode, CliError> {
        let row = data::tenant(tenants, Some(&self.tenant))?;
        for name in source.strangers()?.passed_over {
            note(format!(
                "warning: {name} is passed over: an import does not read it"
            ))?;
        }
        let imported = import(tenants, &row, source, self.options).await;
        match imported {
            Ok(imported) => {
                for warning in &imported.warnings {
                    let warning = format!("warning: {warning}");
                    match self.options.dry_run {
                        true => say(warning)?,
                        false => note(warning)?,
                    }
                }
                for line in imported.lines(self.options.dry_run) {
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
    options: Options,
) -> Result<Imported, ImportError> {
    let strangers = source.strangers().map_err(ImportError::Other)?;
    let mut sheets = Sheets::read(source, strangers.faults, options, tenants.ambient().clone());
    if sheets.names_by_number() {
        let imported = imported_before(tenants, row, &sheets).await;
        sheets.imported_before(imported.map_err(ImportError::Other)?);
    }
    let bar = ProgressBar::new(u64::try_from(sheets.rows()).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} rows, {eta}") {
        bar.set_style(style);
    }
    bar.set_message("checking");
    sheets.show_on(bar.clone());
    let correlation_id = provenance::correlation_id(tenants.ambient().id());
    let caller = operator(row.id);
    let written = tenants
        .write_all(caller, &correlation_id, &mut sheets, options.dry_run)
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

/// The things that rows name by a number and an earlier import made.
async fn imported_before(
    tenants: &Tenants,
    row: &TenantRow,
    sheets: &Sheets,
) -> Result<HashSet<Uuid>, CliError> {
    let (state, _) = data::state(tenants, row, None).await?;
    provenance::imported(tenants, row.id, &sheets.named_by_number(&state)).await
}
