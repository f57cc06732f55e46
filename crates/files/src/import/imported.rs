//! The outcome of an import.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, counted};
use super::passed::{PassedOver, Reason};
use super::report::{AT_THE_ROOT, Change};

/// The outcome of an import, or of a dry run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Imported {
    /// True for a dry run: nothing was written.
    pub dry_run: bool,
    /// The tenant's revision afterwards.
    pub revision: u64,
    /// The number of changes of each type.
    pub counts: Vec<Count>,
    /// Each change, for a dry run or a replacement. Changes that concern holders of roles
    /// at the root come last.
    pub changes: Vec<Change>,
    /// The number of changes that `changes` leaves out.
    pub changes_left_out: usize,
    /// The rows that were passed over, with the reasons.
    pub passed_over: Vec<PassedOver>,
    /// Faults of cells that were imported nevertheless.
    pub warnings: Vec<Fault>,
    /// Remarks for people, one sentence each.
    pub notes: Vec<String>,
}

/// The number of changes of one type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The type, such as `user added`.
    pub what: String,
    /// The number of changes.
    pub count: usize,
}

impl Imported {
    /// Returns whether the tenant had everything already.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.counts.is_empty()
    }

    /// Returns the report for people, line by line, without warnings, notes and unchanged
    /// rows.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut has_head = false;
        for change in &self.changes {
            if change.concerns_root && !std::mem::replace(&mut has_head, true) {
                lines.push(AT_THE_ROOT.to_owned());
            }
            let indent = if change.concerns_root { "  " } else { "" };
            lines.push(format!("{indent}{}", change.text));
            lines.extend(
                change
                    .details
                    .iter()
                    .map(|detail| format!("{indent}    {detail}")),
            );
        }
        if self.changes_left_out > 0 {
            lines.push(format!(
                "{} not shown",
                match self.changes_left_out {
                    1 => "1 more change is".to_owned(),
                    more => format!("{} are", counted(more, "more change")),
                }
            ));
        }
        lines.push(self.summary());
        lines.extend(PassedOver::line(&self.passed_over, Reason::Expired));
        lines
    }

    /// Returns a line for people about rows that change nothing, if there are any.
    #[must_use]
    pub fn unchanged(&self) -> Option<String> {
        PassedOver::line(&self.passed_over, Reason::Unchanged)
    }

    fn summary(&self) -> String {
        if self.counts.is_empty() {
            return "It is all so already: nothing changes.".to_owned();
        }
        let would = match self.dry_run {
            true => "Would change",
            false => "Changed",
        };
        let counts: Vec<String> = self
            .counts
            .iter()
            .map(|it| format!("{} × {}", it.count, it.what))
            .collect();
        format!("{would}: {}", counts.join(", "))
    }
}
