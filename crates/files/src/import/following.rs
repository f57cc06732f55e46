//! Consequential faults: left out, or summed up in a line.
//!
//! Otherwise one wrong column of `users.csv` would be a fault of every membership, and
//! hide the other faults.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Fault, counted};

/// The files and rows that are faulty themselves, and the number of rows that depend on
/// them.
#[derive(Clone, Debug, Default)]
pub(super) struct Following {
    /// The files that could not be read completely.
    unread: BTreeSet<&'static str>,
    /// The number of rows of one file that name something in an unreadable file.
    rows: BTreeMap<(&'static str, &'static str), usize>,
    /// Whether a row names something whose own row is faulty.
    is_any: bool,
}

impl Following {
    pub(super) fn of(unread: BTreeSet<&'static str>) -> Self {
        Self {
            unread,
            ..Self::default()
        }
    }

    /// Records that a file cannot be used.
    pub(super) fn lose(&mut self, file: &'static str) {
        self.unread.insert(file);
    }

    /// Records that a row names something whose own row is faulty.
    pub(super) fn note(&mut self) {
        self.is_any = true;
    }

    /// Records that a row of one file depends on another file. Returns whether that file
    /// could not be read, so that the row itself has no fault.
    pub(super) fn takes(&mut self, file: &'static str, of: &'static str) -> bool {
        let is_lost = self.unread.contains(of);
        if is_lost {
            *self.rows.entry((file, of)).or_default() += 1;
        }
        is_lost
    }

    /// Returns whether a consequential fault was left out.
    pub(super) fn is_any(&self) -> bool {
        self.is_any || !self.rows.is_empty()
    }

    /// Returns the lines that sum up the consequences of unreadable files.
    pub(super) fn summed_up(&self) -> impl Iterator<Item = Fault> {
        self.rows.iter().map(|((file, of), rows)| {
            let verb = if *rows == 1 { "names" } else { "name" };
            let (things, why) = match *of {
                "catalogue.toml" => ("kinds or roles", "could not be taken"),
                "memberships.csv" => ("members", "could not be read"),
                file => (file.trim_end_matches(".csv"), "could not be read"),
            };
            let rows = counted(*rows, "row");
            Fault::of_file(
                *file,
                format!("{rows} {verb} {things} of {of}, which {why}"),
            )
        })
    }
}
