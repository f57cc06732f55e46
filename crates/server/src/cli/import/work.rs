//! What the rows of all files are planned with.

use std::collections::HashSet;

use attache_core::{Command, Draft, Refusal};
use indicatif::ProgressBar;

use super::sheet::{Fault, Spot};
use attache_ambient::Ambient;

/// How often the progress is shown: after so many rows.
const SHOW_EVERY: u64 = 500;

/// A kind of row.
pub(super) trait FromRow: Sized {
    const FILE: &'static str;
    const REQUIRED: &'static [&'static str];
    const OPTIONAL: &'static [&'static str];

    fn read(row: &super::sheet::Row<'_>) -> Result<Self, Fault>;

    /// How other rows refer to what this one describes.
    fn names(_row: &super::sheet::Row<'_>) -> Vec<String> {
        Vec::new()
    }
}

/// An import on its way: the draft, and what was found wrong so far.
pub(super) struct Work<'a> {
    pub(super) draft: &'a mut Draft,
    pub(super) ambient: &'a Ambient,
    pub(super) room: &'a mut dyn FnMut(&mut Draft),
    pub(super) broken: &'a HashSet<String>,
    pub(super) bar: &'a ProgressBar,
    pub(super) done: u64,
    pub(super) faults: Vec<Fault>,
    pub(super) passed_over: usize,
}

impl Work<'_> {
    /// Run a command for a row. `column` says which column a refusal is about.
    pub(super) fn run(
        &mut self,
        spot: Spot,
        command: &Command,
        column: impl Fn(&Refusal) -> &'static str,
    ) {
        if let Err(refusal) = self.draft.run(command) {
            self.faults
                .push(spot.fault(column(&refusal), cause(&refusal)));
        }
        (self.room)(self.draft);
    }

    /// A row is done with.
    pub(super) fn step(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(SHOW_EVERY) {
            self.bar.set_position(self.done);
        }
    }

    pub(super) fn wrong(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// A row that names something that is not there.
    pub(super) fn unknown(&mut self, spot: Spot, column: &str, name: &str) {
        if !self.broken.contains(name) {
            self.faults
                .push(spot.fault(column, format!("there is no {name}")));
        }
    }

    /// Whether a row's time is over; then it is passed over.
    pub(super) fn is_over(&mut self, expires_at: Option<attache_core::Timestamp>) -> bool {
        let over = expires_at.is_some_and(|end| end <= self.ambient.now());
        self.passed_over += usize::from(over);
        over
    }
}

/// Why a row is refused. The column is named beside it.
fn cause(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid { reason, .. } => reason.to_string(),
        Refusal::Unknown { what, .. } => format!("there is no such {what}"),
        Refusal::Taken { .. } => "is another's".to_owned(),
        other => other.to_string(),
    }
}

/// Which existing thing a row speaks of: the one that has its id or key, or its
/// number. A number that something else has is taken.
pub(super) fn matching<T: Copy + PartialEq>(
    by_id: Option<T>,
    by_key: Option<T>,
    by_number: Option<T>,
    is_keyed: impl Fn(T) -> bool,
    row_has_key: bool,
) -> Result<Option<T>, &'static str> {
    match (by_id.or(by_key), by_number) {
        (Some(one), Some(other)) if one != other => Err("is another's"),
        (Some(one), _) => Ok(Some(one)),
        (None, Some(other)) if row_has_key && is_keyed(other) => Err("is another's"),
        (None, found) => Ok(found),
    }
}
