//! Imports files into a tenant: reads them, checks all rows, and writes all of them or
//! nothing.

mod addresses;
mod catalogue;
mod comebacks;
mod conflicts;
mod describes;
mod fault;
mod faulty;
mod following;
mod given;
mod grants;
mod groups;
mod identify;
mod imported;
mod labels;
mod listed;
mod membership_row;
mod memberships;
mod named;
mod passed;
mod plan;
mod progress;
mod provenance;
mod quotes;
mod replace;
mod report;
mod resources;
mod row;
mod services;
mod sheet;
mod source;
mod spelling;
mod strangers;
mod tally;
mod text;
mod thing;
mod undone;
mod users;
mod work;

use attache_core::cause::{Cause, chain};
use attache_core::{Caller, HeadRequest, Origin, Refusal};
use attache_tenants::{BulkError, BulkWrite, Credential, Tenants, Unavailable};

pub use fault::{Fault, in_words};
pub use imported::{Count, Imported};
pub use listed::listed_users;
pub use passed::{PassedOver, Reason};
pub use progress::{Phase, Progress, Silent};
pub use replace::Replace;
pub use report::{AT_THE_ROOT, Change};
pub use source::{Source, SourceError};
pub use spelling::{as_flags, as_query};
pub use strangers::Strangers;

pub(crate) use fault::shown;

use plan::Sheets;

/// The files and their columns, for `--help`.
pub const COLUMNS: &str = "\
Files, all of them optional, with their columns. The first line names the columns, in any order;
those in brackets can be left out.
  resources.csv    kind, name, [key], [number], [parent], [id], [as_is]
  users.csv        [key], [number], [first_name], [last_name], [email], [phone], [status],
                   [email_verified], [first_login], [external_auth_id], [id], [as_is]
  groups.csv       name, [key], [number], [id], [as_is]
  services.csv     name, [key], [number], [id], [as_is]
  group_users.csv  group, user
  memberships.csv  resource, user, [expires_at]
  grants.csv       subject, role, resource, [parameters], [expires_at], [as_is]
  catalogue.toml   kinds, roles and permissions, in place of the tenant's

Rows. Every user, group, service and resource needs a key, a number or an id. The ids of the old
system become keys; those that are UUIDs can stay ids. A row describes what has its id or key, and
adds it if there is nothing. A number alone describes only what an earlier import made. An empty
cell empties its field; an empty key, number, id, status, email_verified or first_login stays, and
an empty parent is the root. An active user is not invited again: the word invited is passed over.
Two rows for one thing are a fault, and so are two users with one external_auth_id.

Yes and no. email_verified and first_login are true, yes or 1, or else false, no or 0, in any case.
Empty: it stays as it is, and is false for a new user. Anything else, such as WAHR, is a fault.

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
cells that as_is names are taken as they are, though a new value must not be such. What a thing
has already is never refused.";

/// The options of an import.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Only report what would change.
    pub dry_run: bool,
    /// Give a new number to new things whose number is taken.
    pub renumber: bool,
    /// Accept new e-mail addresses that violate RFC 5321 but may be deliverable.
    pub any_address: bool,
    /// Refuse rows that contradict the status of an existing user, and catalogues with
    /// permissions that no kind has or parameters that narrow nothing. Otherwise these
    /// are warnings.
    pub strict: bool,
    /// The files that replace what exists, for the things that they name.
    pub replace: Replace,
    /// Allow a replacement to remove more than half of ten or more at once.
    pub allow_mass_detach: bool,
    /// The most changes that the outcome shows; `None`: all of them.
    pub most_changes: Option<usize>,
}

impl Options {
    /// Returns whether the outcome shows each change. A large first import would have a
    /// line for each row.
    fn shows_changes(&self) -> bool {
        self.dry_run || self.replace.is_any()
    }
}

/// The caller of an import.
#[derive(Clone)]
pub struct By {
    /// The caller. The import goes into its tenant.
    pub caller: Caller,
    /// The credential of the request, if there is one. It must count when the rows are
    /// written.
    pub credential: Option<Credential>,
    /// The caller's name for the import.
    pub name: String,
    /// What the heads of its entries are to say. Their origin is the import.
    pub head: HeadRequest,
}

impl std::fmt::Debug for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "By({:?}, {})", self.caller, self.name)
    }
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The files have these faults.
    #[error("{} found; nothing was written", fault::counted(.0.len(), "fault"))]
    Faults(Vec<Fault>),
    /// The folder cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The caller may no longer import. Nothing was written.
    #[error("the credential stopped counting; nothing was written")]
    Revoked,
    /// The head of the entries names a user that the caller does not know. Nothing was written.
    #[error("{0}; nothing was written")]
    Head(Refusal),
    /// The tenant cannot be served now. Nothing was written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It is unknown whether the rows were written.
    #[error(
        "it is unknown whether the rows were written ({}); import them again: what is there stays as it is",
        chain(.0)
    )]
    Unknown(Cause),
}

/// Imports files into a tenant, completely or not at all.
///
/// # Errors
/// [`ImportError`].
pub async fn import(
    tenants: &Tenants,
    by: &By,
    source: &Source,
    options: Options,
    progress: &dyn Progress,
) -> Result<Imported, ImportError> {
    let strangers = source.strangers()?;
    let tenant = by.caller.tenant;
    progress.phase(Phase::Reading, 0);
    let read = |pace: &mut attache_tenants::Pace<'_>| {
        let ambient = tenants.ambient().clone();
        let caller = by.caller.actor;
        Sheets::read(source, &strangers, options, ambient, caller, progress, pace)
    };
    let mut sheets = tenants.turns().paced(tenant, read).await;
    progress.phase(Phase::Checking, sheets.rows());
    let write = BulkWrite {
        caller: by.caller,
        credential: by.credential.clone(),
        correlation_id: provenance::correlation_id(&by.name),
        head: HeadRequest {
            origin: Origin::IMPORT,
            ..by.head.clone()
        },
        dry: options.dry_run,
    };
    let written = tenants.write_all(&write, &mut sheets).await;
    let written = written.map_err(|error| match error {
        BulkError::Plan(faults) => ImportError::Faults(faults),
        BulkError::Revoked => ImportError::Revoked,
        BulkError::Head(refusal) => ImportError::Head(refusal),
        BulkError::Unavailable(unavailable) => unavailable.into(),
        BulkError::Unknown(cause) => ImportError::Unknown(cause),
    })?;
    let (mut imported, comebacks) = sheets.imported();
    imported.revision = written.revision.0;
    if let Source::Archive(_) = source {
        // The caller of a folder sees the other files anyway.
        let reason = "is passed over: an import does not read it";
        let others = strangers.passed_over.into_iter();
        let others = others.map(|name| Fault::of_file(name, reason));
        imported.warnings.extend(others);
    }
    if let Some((before, comebacks)) = comebacks {
        comebacks.look(tenants, &before, &mut imported).await;
    }
    Ok(imported)
}
