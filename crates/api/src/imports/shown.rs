//! How an import is shown.

use attache_core::Timestamp;
use attache_files::import::{self, Reason};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportState)]
pub(super) enum State {
    /// It is under way.
    Running,
    /// It is done: `report` says what it changed, or would change.
    Done,
    /// Nothing was written, or it is not known whether anything was: `faults` or `problem`
    /// says why.
    Failed,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(super) struct ImportView<'a> {
    pub(super) id: Uuid,
    pub(super) state: State,
    /// Whether nothing is written, because only that was asked.
    pub(super) dry_run: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(super) begun_at: Timestamp,
    /// Null while it is under way.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub(super) ended_at: Option<Timestamp>,
    pub(super) progress: Step,
    /// What it changed, or would change; null if it did not come to that.
    #[schema(required = true)]
    pub(super) report: Option<Report<'a>>,
    /// What is wrong with the files, by file and line. Nothing was written then.
    pub(super) faults: Vec<FileFault<'a>>,
    /// How many faults are not among them (`imports.report_lines`).
    pub(super) faults_left_out: usize,
    /// Why it failed, where that is not the files' doing.
    #[schema(required = true)]
    pub(super) problem: Option<&'a str>,
}

/// Where an import is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportProgress)]
pub(super) struct Step {
    /// `reading` the files, `checking` row by row, or `writing`.
    #[schema(value_type = String, example = "checking")]
    pub(super) phase: &'static str,
    /// How many rows the files have; 0 while they are read.
    pub(super) rows: usize,
    /// How many of them were checked.
    pub(super) done: usize,
}

/// What an import changed, or would change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub(super) struct Report<'a> {
    pub(super) dry_run: bool,
    /// The tenant's revision afterwards; in a dry run, the one that it was planned on.
    pub(super) revision: u64,
    /// How many changes of each type.
    pub(super) counts: Vec<Count<'a>>,
    /// Each change in names and keys, in a dry run or where files are replaced. Changes of
    /// people, groups and services with roles at the root stand last.
    pub(super) changes: Vec<Changed<'a>>,
    /// How many changes are not among them (`imports.report_lines`).
    pub(super) changes_left_out: usize,
    /// Rows that were passed over, and why.
    pub(super) passed_over: Vec<PassedOver<'a>>,
    /// What was taken, and may not be meant: rows that contradict what is there, such as the
    /// status of a user, what comes back that somebody took away, addresses that are verified
    /// for two users. The word `invited` for a user who is active is passed over.
    pub(super) warnings: Vec<FileFault<'a>>,
    /// What else is to be known, such as what a file that is replaced does not name.
    pub(super) notes: &'a [String],
}

/// How many changes of a type.
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
    /// Each field that changes.
    #[schema(example = json!(["email: ana@old.example → ana@new.example"]))]
    pub(super) details: &'a [String],
    /// Whether it concerns somebody with a role at the root.
    pub(super) concerns_root: bool,
}

/// Why rows were passed over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportReason)]
pub(super) enum Why {
    /// They say what is so already.
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
    /// Their lines; of many runs the first ones, and `…`.
    #[schema(example = "2-480, 490")]
    pub(super) lines: &'a str,
}

/// Something that is wrong with a file, or may be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportFault)]
pub(super) struct FileFault<'a> {
    #[schema(example = "users.csv")]
    pub(super) file: &'a str,
    /// Null where it is about the file as a whole.
    #[schema(required = true)]
    pub(super) line: Option<u64>,
    /// Null where it is about the line as a whole.
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
