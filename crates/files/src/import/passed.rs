//! Rows that were passed over, with the reasons.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::fault::Spot;

/// The most runs of lines that are shown for a file.
const SHOWN: usize = 20;

/// The reason why a row was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The row changes nothing.
    Unchanged,
    /// The row's `expires_at` has passed.
    Expired,
}

/// Rows of one file that were passed over for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// The file.
    pub file: String,
    /// The reason.
    pub reason: Reason,
    /// The number of rows.
    pub rows: usize,
    /// The lines, such as `2-480, 490`; only the first runs of many, followed by `…`.
    pub lines: String,
}

/// The rows passed over so far.
#[derive(Debug, Default)]
pub(super) struct Passed(BTreeMap<(&'static str, Reason), Runs>);

/// Lines, as runs from a first to a last line.
#[derive(Debug, Default)]
struct Runs {
    rows: usize,
    runs: Vec<(u64, u64)>,
}

impl Passed {
    pub(super) fn note(&mut self, spot: Spot, reason: Reason) {
        let of = self.0.entry((spot.file, reason)).or_default();
        of.rows += 1;
        match of.runs.last_mut() {
            Some((_, to)) if *to + 1 == spot.line => *to = spot.line,
            _ => of.runs.push((spot.line, spot.line)),
        }
    }

    /// Returns the rows passed over, in the order in which files are read.
    pub(super) fn told(self) -> Vec<PassedOver> {
        let mut told: Vec<PassedOver> = self
            .0
            .into_iter()
            .map(|((file, reason), of)| PassedOver {
                file: file.to_owned(),
                reason,
                rows: of.rows,
                lines: of.lines(),
            })
            .collect();
        let place = |file: &str| crate::FILES.iter().position(|known| *known == file);
        told.sort_by_key(|it| (it.reason, place(&it.file)));
        told
    }
}

impl Runs {
    /// Returns the lines as text. Rows are not always planned in the order of their
    /// lines.
    fn lines(mut self) -> String {
        self.runs.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for (from, to) in self.runs {
            match merged.last_mut() {
                Some((_, end)) if *end + 1 == from => *end = to,
                _ => merged.push((from, to)),
            }
        }
        let mut lines = String::new();
        for (from, to) in merged.iter().take(SHOWN) {
            let before = if lines.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = match from == to {
                true => write!(lines, "{before}{from}"),
                false => write!(lines, "{before}{from}-{to}"),
            };
        }
        if merged.len() > SHOWN {
            lines.push_str(", …");
        }
        lines
    }
}

impl PassedOver {
    /// Returns a line for people about all rows that were passed over for a reason.
    pub(super) fn line(all: &[Self], reason: Reason) -> Option<String> {
        let of: Vec<&Self> = all.iter().filter(|it| it.reason == reason).collect();
        let rows: usize = of.iter().map(|it| it.rows).sum();
        let why = match reason {
            Reason::Unchanged => "they say what is so already",
            Reason::Expired => "they have expired",
        };
        let files: Vec<String> = of
            .iter()
            .map(|it| {
                let noun = if it.rows == 1 { "line" } else { "lines" };
                format!("{}, {noun} {}", it.file, it.lines)
            })
            .collect();
        (rows > 0).then(|| {
            format!(
                "Passed over, since {why}: {} ({})",
                super::fault::counted(rows, "row"),
                files.join("; ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_as_runs_by_reason_and_file() {
        let mut passed = Passed::default();
        let mut note = |file, line, reason| passed.note(Spot { file, line }, reason);
        for line in [4, 5, 2, 3, 9] {
            note("users.csv", line, Reason::Unchanged);
        }
        note("resources.csv", 2, Reason::Unchanged);
        note("grants.csv", 7, Reason::Expired);
        let told = passed.told();
        assert_eq!(
            PassedOver::line(&told, Reason::Unchanged).unwrap(),
            "Passed over, since they say what is so already: 6 rows \
             (resources.csv, line 2; users.csv, lines 2-5, 9)"
        );
        assert_eq!(
            PassedOver::line(&told, Reason::Expired).unwrap(),
            "Passed over, since they have expired: 1 row (grants.csv, line 7)"
        );
        assert_eq!(PassedOver::line(&[], Reason::Expired), None);
    }

    #[test]
    fn of_many_runs_the_first_are_told() {
        let mut passed = Passed::default();
        for line in (2..100).step_by(2) {
            let file = "users.csv";
            passed.note(Spot { file, line }, Reason::Unchanged);
        }
        let told = passed.told();
        assert!(told[0].lines.starts_with("2, 4, 6"), "{}", told[0].lines);
        assert!(told[0].lines.ends_with("40, …"), "{}", told[0].lines);
        assert_eq!(told[0].rows, 49);
    }
}
