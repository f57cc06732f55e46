//! `attache import`

mod over_a_server;

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use attache_core::cause::chain;
use attache_core::{HeadRequest, Refusal};
use attache_files::import::{self, By, COLUMNS, Fault, Imported, Phase, Progress, Replace, Source};
use attache_tenants::Tenants;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::CliError;
use super::data::{self, Place, operator};
use super::head;
use super::output::{counted, note, say};
use super::things::OfTenant;

/// Import resources, users, groups, services, memberships and grants from CSV files.
///
/// Checks all rows first, and writes nothing unless all are valid. Rows add and change;
/// things without a row stay as they are. Importing the same files again changes nothing.
/// Expired rows are skipped.
///
/// Ctrl-C or SIGTERM ends the import with exit code 130 or 143. Then it is written
/// completely or not at all, and a server's writers that waited for it continue.
///
/// Over a server, the folder is sent as a zip archive, and the server reports the
/// progress. This needs a token that may do everything in the tenant, or the operator's.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache import ./from-the-old-system --tenant acme --dry-run
  attache import ./from-the-old-system --tenant acme
  attache import ./from-the-old-system --tenant acme --replace memberships,grants --dry-run
  attache import ./from-the-old-system --url https://access.acme.example

{COLUMNS}"))]
pub(super) struct Import {
    /// The folder with the files. Other files in it are named and ignored. A file that is
    /// probably a misnamed one, such as Users.CSV or users.tsv, is an error.
    folder: PathBuf,
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    options: Options,
}

/// The options of an import.
#[derive(Clone, Copy, Debug, Default, Args)]
struct Options {
    /// Show each change, field by field, and change nothing. Changes that concern holders
    /// of roles at the root come last.
    #[arg(long)]
    dry_run: bool,
    /// Let these files, separated by commas, replace what exists: memberships, grants,
    /// group_users. A user without a row for a resource that memberships.csv names is
    /// detached from it. The same holds for grants on resources that grants.csv names,
    /// and for users of groups that group_users.csv names. Resources and groups that a
    /// file does not name stay as they are. A row with an empty user (or subject and
    /// role) makes the list empty.
    #[arg(long, value_name = "FILES", value_parser = <Replace as FromStr>::from_str)]
    replace: Option<Replace>,
    /// Let --replace remove more than half of ten or more members of a resource, of the
    /// subjects with roles on it, or of the users of a group.
    #[arg(long, requires = "replace")]
    allow_mass_detach: bool,
    /// Give a new number to new things whose number is taken. In the files, the number
    /// still refers to the thing of the file.
    #[arg(long)]
    renumber: bool,
    /// Accept e-mail addresses that violate RFC 5321 but may be deliverable, such as
    /// taro..y@docomo.example, with a warning. An address that its user already has needs
    /// no option.
    #[arg(long)]
    any_address: bool,
    /// Refuse rows that contradict the status of an existing user, and catalogues with
    /// permissions that no kind has or parameters that narrow nothing. Without this,
    /// attache warns of them.
    #[arg(long)]
    strict: bool,
}

impl From<Options> for import::Options {
    fn from(options: Options) -> Self {
        Self {
            dry_run: options.dry_run,
            renumber: options.renumber,
            any_address: options.any_address,
            strict: options.strict,
            replace: options.replace.unwrap_or_default(),
            allow_mass_detach: options.allow_mass_detach,
            most_changes: None,
        }
    }
}

impl Import {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let source = Source::folder(&self.folder)?;
        let strangers = source.strangers()?;
        for name in strangers.passed_over {
            note(format!(
                "warning: {name} is passed over: an import does not read it"
            ))?;
        }
        if let Some(api) = place.server(self.tenant.slug())? {
            told(&strangers.faults)?;
            return self.over(&api).await;
        }
        let tenants = place.open().await?;
        tokio::spawn(release_when_stopped(tenants.clone()));
        let said = place.head.request()?;
        data::within(tenants, async |tenants| {
            self.within(tenants, &source, &said).await
        })
        .await
    }

    async fn within(
        &self,
        tenants: &Tenants,
        source: &Source,
        head: &HeadRequest,
    ) -> Result<ExitCode, CliError> {
        let row = data::tenant(tenants, self.tenant.slug())?;
        let by = By {
            caller: operator(row.id),
            credential: None,
            name: tenants.ambient().id().to_string(),
            head: head.clone(),
        };
        let bar = Bar::new();
        let imported = import::import(tenants, &by, source, self.options.into(), &bar).await;
        bar.0.finish_and_clear();
        match imported {
            Ok(imported) => show(&imported),
            Err(import::ImportError::Faults(faults)) => {
                told(&faults)?;
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The most time that a stopped import waits for the database.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

/// Ends the process when it is asked to stop, after releasing the tenant's writers.
/// Planning itself does not notice signals.
async fn release_when_stopped(tenants: Tenants) {
    let code = asked_to_stop().await;
    // A write under way is completed or not done at all.
    let _ = tokio::time::timeout(STOPS_WITHIN, tenants.close()).await;
    let _ = note("stopped: what is imported is there as a whole or not at all; import again");
    std::process::exit(code);
}

/// Resolves with the exit code of a signal that asks the process to stop.
async fn asked_to_stop() -> i32 {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            return tokio::select! {
                _ = interrupted => 130,
                _ = terminated.recv() => 143,
            };
        }
    }
    let _ = interrupted.await;
    130
}

impl From<import::ImportError> for CliError {
    fn from(error: import::ImportError) -> Self {
        let told = match &error {
            import::ImportError::Faults(faults) => {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                faults.join("; ")
            }
            import::ImportError::Head(Refusal::Invalid { field, reason }) => {
                let flag = head::flag_of(field).unwrap_or(field);
                format!("{flag} {reason}; nothing was written")
            }
            other => chain(other).to_string(),
        };
        Self::new(told)
    }
}

/// Returns an error with the faults of the files, if there are any.
fn told(faults: &[Fault]) -> Result<(), CliError> {
    for line in import::in_words(faults) {
        note(line)?;
    }
    match faults.len() {
        0 => Ok(()),
        found => Err(CliError::new(format!(
            "{} found; nothing was written",
            counted(found, "fault")
        ))),
    }
}

/// Prints the outcome of an import or dry run.
fn show(imported: &Imported) -> Result<ExitCode, CliError> {
    // In a dry run, these lines belong to the output.
    let beside = |line: String| match imported.dry_run {
        true => say(line),
        false => note(line),
    };
    for warning in &imported.warnings {
        beside(format!("warning: {warning}"))?;
    }
    for line in imported.lines() {
        say(line)?;
    }
    for line in imported
        .unchanged()
        .into_iter()
        .chain(imported.notes.clone())
    {
        beside(line)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The progress bar of an import, on a terminal.
#[derive(Debug)]
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} rows, {eta}")
        {
            bar.set_style(style);
        }
        Self(bar)
    }
}

/// Returns the name of a phase, for people.
fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Reading => "reading",
        Phase::Checking => "checking",
        Phase::Writing => "writing",
    }
}

impl Progress for Bar {
    fn phase(&self, phase: Phase, rows: usize) {
        self.0.set_message(phase_name(phase));
        if rows > 0 {
            self.0.set_length(u64::try_from(rows).unwrap_or(u64::MAX));
        }
    }

    fn at(&self, rows: usize) {
        self.0.set_position(u64::try_from(rows).unwrap_or(u64::MAX));
    }
}
