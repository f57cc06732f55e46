//! Faults of files, with their places.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A fault in a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The file.
    pub file: Cow<'static, str>,
    /// The line; `None` for a fault of the whole file.
    pub line: Option<u64>,
    /// The column; `None` for a fault of the whole line.
    pub column: Option<String>,
    /// The fault, as the end of a sentence that starts with the cell or row.
    pub reason: String,
}

impl Fault {
    /// Makes a fault of a whole file.
    pub(crate) fn of_file(file: impl Into<Cow<'static, str>>, cause: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
            reason: cause.into(),
        }
    }

    /// Returns the sort key of faults: file, then line.
    pub(super) fn place(&self) -> (usize, u64) {
        let file = crate::FILES.iter().position(|file| *file == self.file);
        (file.unwrap_or(usize::MAX), self.line.unwrap_or_default())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.file {
            "" => "the archive",
            file => file,
        })?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {}", shown(column))?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// This many faults of one kind are summed up in one line.
const MANY: usize = 10;
/// The most values, and the most lines, that such a line names.
const NAMED: usize = 8;

/// Describes faults for people, one line each: first single faults, then faults of one
/// column with one reason together.
#[must_use]
pub fn in_words(faults: &[Fault]) -> Vec<String> {
    let mut kinds: BTreeMap<Kind<'_>, Vec<(&Fault, &str)>> = BTreeMap::new();
    for fault in faults {
        let (kind, value) = fault.kind();
        kinds.entry(kind).or_default().push((fault, value));
    }
    kinds.retain(|_, alike| alike.len() >= MANY);
    let alone = faults.iter().filter(|it| !kinds.contains_key(&it.kind().0));
    let mut lines: Vec<String> = alone.map(Fault::to_string).collect();
    // Sorted by first line.
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, alike)| alike.first().map(|(fault, _)| fault.place()));
    for ((file, column, reason), alike) in kinds {
        let mut values: Vec<&str> = alike.iter().map(|(_, value)| *value).collect();
        values.sort_unstable();
        values.dedup();
        values.retain(|value| !value.is_empty());
        let at = alike.iter().filter_map(|(fault, _)| fault.line);
        let at: Vec<String> = at.map(|line| line.to_string()).collect();
        let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
        lines.push(format!(
            "{file}{}: {} {reason}{} (lines {})",
            match column {
                "" => String::new(),
                column => format!(", column {}", shown(column)),
            },
            counted(alike.len(), "row") + ":",
            some(&values),
            some(&at),
        ));
    }
    lines
}

/// Returns the first of some texts, and `…` if there are more.
fn some(texts: &[String]) -> String {
    let first: Vec<&str> = texts.iter().take(NAMED).map(String::as_str).collect();
    let more = if texts.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", first.join(", "))
}

/// The file, the column and the reason of a fault, without the value in the reason.
type Kind<'f> = (&'f str, &'f str, &'f str);

impl Fault {
    /// Returns the kind of a fault, and the value in its reason; empty if it has none.
    fn kind(&self) -> (Kind<'_>, &str) {
        let column = self.column.as_deref().unwrap_or_default();
        let reason = self.reason.as_str();
        let cut = match reason.starts_with("must be ") {
            true => reason.find(", is ").map(|at| at + ", is ".len()),
            false => reason
                .starts_with("there is no ")
                .then_some("there is no ".len()),
        };
        let (reason, value) = reason.split_at(cut.unwrap_or(reason.len()));
        ((&self.file, column, reason), value)
    }
}

/// The place of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) file: &'static str,
    pub(super) line: u64,
}

impl Spot {
    pub(super) fn fault(self, column: &str, cause: impl Into<String>) -> Fault {
        Fault {
            file: Cow::Borrowed(self.file),
            line: (self.line > 0).then_some(self.line),
            column: (!column.is_empty()).then(|| column.to_owned()),
            reason: cause.into(),
        }
    }
}

/// Counts things in words: `1 row`, `1,200 rows`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match count {
        1 => format!("{grouped} {noun}"),
        _ => format!("{grouped} {noun}s"),
    }
}

/// The most characters of a cell in a fault.
const SHOWN: usize = 80;

/// Returns a cell for a fault: on one line, and shortened.
pub(crate) fn shown(cell: &str) -> String {
    let mut shown: String = cell
        .chars()
        .take(SHOWN)
        .flat_map(|c| match c.is_control() {
            true => c.escape_default().collect::<Vec<_>>(),
            false => vec![c],
        })
        .collect();
    if cell.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_in_words_that_fit() {
        for (count, words) in [
            (0, "0 rows"),
            (1, "1 row"),
            (12, "12 rows"),
            (1_200, "1,200 rows"),
            (1_234_567, "1,234,567 rows"),
        ] {
            assert_eq!(counted(count, "row"), words);
        }
    }

    #[test]
    fn many_faults_of_a_column_are_a_line_and_the_others_come_first() {
        let spot = |line| Spot {
            file: "users.csv",
            line,
        };
        let mut faults: Vec<Fault> = (2..402)
            .map(|line| {
                let value = if line % 2 == 0 { "WAHR" } else { "ja" };
                let reason = format!("must be true or false, is {value}");
                spot(line).fault("email_verified", reason)
            })
            .collect();
        faults.push(spot(512).fault("", "has 2 cells, and the first line 9"));
        assert_eq!(
            in_words(&faults),
            [
                "users.csv, line 512: has 2 cells, and the first line 9",
                "users.csv, column email_verified: 400 rows: must be true or false, is WAHR, ja \
                 (lines 2, 3, 4, 5, 6, 7, 8, 9, …)",
            ]
        );
        faults.truncate(9);
        assert_eq!(in_words(&faults).len(), 9);
    }

    #[test]
    fn cells_are_shown_on_one_short_line() {
        assert_eq!(shown("a\nb\0"), "a\\nb\\u{0}");
        let long = shown(&"x".repeat(1_000_000));
        assert_eq!(long.chars().count(), SHOWN + 1);
        assert_eq!(shown("Zoë 李"), "Zoë 李");
    }
}
