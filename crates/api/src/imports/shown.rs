//! The view of an import.

use attache_core::Timestamp;
use attache_files::import::{self, Reason};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The state of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportState)]
pub(super) enum State {
    /// It is running.
    Running,
    /// It has ended: `report` has its changes, or those of a dry run.
    Done,
    /// It failed: `faults` or `problem` tells why, and whether anything may have been
    /// written.
    Failed,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(super) struct ImportView<'a> {
    pub(super) id: Uuid,
    pub(super) state: State,
    /// Whether this is a dry run, which writes nothing.
    pub(super) dry_run: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(super) begun_at: Timestamp,
    /// Null while it is running.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub(super) ended_at: Option<Timestamp>,
    pub(super) progress: Step,
    /// Its changes, or those of a dry run; null if it failed earlier.
    #[schema(required = true)]
    pub(super) report: Option<Report<'a>>,
    /// The faults of the files, by file and line. If there are any, nothing was written.
    pub(super) faults: Vec<FileFault<'a>>,
    /// The number of faults beyond those in `faults` (`imports.report_lines`).
    pub(super) faults_left_out: usize,
    /// Why it failed, if the files are not the cause.
    #[schema(required = true)]
    pub(super) problem: Option<&'a str>,
}

/// The progress of an import.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportProgress)]
pub(super) struct Step {
    /// `reading` the files, `checking` row by row, or `writing`.
    #[schema(value_type = String, example = "checking")]
    pub(super) phase: &'static str,
    /// The number of rows in the files; 0 while they are read.
    pub(super) rows: usize,
    /// The number of checked rows.
    pub(super) done: usize,
}

/// The changes of an import or dry run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub(super) struct Report<'a> {
    pub(super) dry_run: bool,
    /// The tenant's revision afterwards; for a dry run, the revision that it was planned
    /// on.
    pub(super) revision: u64,
    /// The number of changes of each type.
    pub(super) counts: Vec<Count<'a>>,
    /// Each change in names and keys, for a dry run or a replacement. Changes that
    /// concern holders of roles at the root come last.
    pub(super) changes: Vec<Changed<'a>>,
    /// The number of changes beyond those in `changes` (`imports.report_lines`).
    pub(super) changes_left_out: usize,
    /// The rows that were passed over, with the reasons.
    pub(super) passed_over: Vec<PassedOver<'a>>,
    /// What was accepted and may not be intended: rows that contradict an existing
    /// status, rows that give again what somebody removed, verified addresses of two
    /// users. The status `invited` of an active user is ignored.
    pub(super) warnings: Vec<FileFault<'a>>,
    /// Further remarks, such as what a replacing file does not name.
    pub(super) notes: &'a [String],
}

/// The number of changes of a type.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportCount)]
pub(super) struct Count<'a> {
    #[schema(example = "user added")]
    pub(super) what: &'a str,
    pub(super) count: usize,
}

/// A change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportChange)]
pub(super) struct Changed<'a> {
    #[schema(example = "user u17 Ana Sá: role owner → viewer on customer:c3")]
    pub(super) text: &'a str,
    /// The changed fields.
    #[schema(example = json!(["email: ana@old.example → ana@new.example"]))]
    pub(super) details: &'a [String],
    /// Whether it concerns a subject with a role at the root.
    pub(super) concerns_root: bool,
}

/// Why rows were passed over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportReason)]
pub(super) enum Why {
    /// They change nothing.
    Unchanged,
    /// Their `expires_at` has passed.
    Expired,
}

/// Rows of one file that were passed over for one reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportPassedOver)]
pub(super) struct PassedOver<'a> {
    #[schema(example = "users.csv")]
    pub(super) file: &'a str,
    pub(super) reason: Why,
    pub(super) rows: usize,
    /// The lines; only the first runs of many, followed by `…`.
    #[schema(example = "2-480, 490")]
    pub(super) lines: &'a str,
}

/// A fault, or a doubt, about a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportFault)]
pub(super) struct FileFault<'a> {
    #[schema(example = "users.csv")]
    pub(super) file: &'a str,
    /// Null for the file as a whole.
    #[schema(required = true)]
    pub(super) line: Option<u64>,
    /// Null for the line as a whole.
    #[schema(required = true, example = "email_verified")]
    pub(super) column: Option<&'a str>,
    #[schema(example = "must be true or false, is WAHR")]
    pub(super) reason: String,
}

impl<'a> FileFault<'a> {
    pub(super) fn of(fault: &'a import::Fault) -> Self {
        Self {
            file: &fault.file,
            line: fault.line,
            column: fault.column.as_deref(),
            reason: import::as_query(&fault.reason),
        }
    }
}

impl<'a> Report<'a> {
    pub(super) fn of(imported: &'a import::Imported) -> Self {
        let counts = imported.counts.iter().map(|it| Count {
            what: &it.what,
            count: it.count,
        });
        let changes = imported.changes.iter().map(|it| Changed {
            text: &it.text,
            details: &it.details,
            concerns_root: it.concerns_root,
        });
        let passed = imported.passed_over.iter().map(|it| PassedOver {
            file: &it.file,
            reason: match it.reason {
                Reason::Unchanged => Why::Unchanged,
                Reason::Expired => Why::Expired,
            },
            rows: it.rows,
            lines: &it.lines,
        });
        Self {
            dry_run: imported.dry_run,
            revision: imported.revision,
            counts: counts.collect(),
            changes: changes.collect(),
            changes_left_out: imported.changes_left_out,
            passed_over: passed.collect(),
            warnings: imported.warnings.iter().map(FileFault::of).collect(),
            notes: &imported.notes,
        }
    }
}
