//! Faults that only follow from others: they are not listed, or summed up in a line.
//!
//! One wrong column of `users.csv` would otherwise be a fault of every membership, and hide
//! what is wrong beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Fault, counted};

/// The files and rows that are wrong themselves, and how many rows need them.
#[derive(Clone, Debug, Default)]
pub(super) struct Following {
    /// The files that could not be read, or not as a whole.
    unread: BTreeSet<&'static str>,
    /// How many rows of a file name something of a file that could not be read.
    rows: BTreeMap<(&'static str, &'static str), usize>,
    /// Whether a row names something whose own row is wrong.
    is_any: bool,
}

impl Following {
    pub(super) fn of(unread: BTreeSet<&'static str>) -> Self {
        Self {
            unread,
            ..Self::default()
        }
    }

    /// Notes that a file cannot be used.
    pub(super) fn lose(&mut self, file: &'static str) {
        self.unread.insert(file);
    }

    /// Notes that a row names something whose own row is wrong.
    pub(super) fn note(&mut self) {
        self.is_any = true;
    }

    /// Notes that a row of a file needs something of another. Whether that one could not be
    /// read: then the row is not wrong for that.
    pub(super) fn takes(&mut self, file: &'static str, of: &'static str) -> bool {
        let is_lost = self.unread.contains(of);
        if is_lost {
            *self.rows.entry((file, of)).or_default() += 1;
        }
        is_lost
    }

    /// Whether any fault was passed over, since it follows from another.
    pub(super) fn is_any(&self) -> bool {
        self.is_any || !self.rows.is_empty()
    }

    /// The lines that sum up what follows from files that could not be read.
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
