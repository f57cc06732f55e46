//! Faults: what is wrong with a file, and where.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A fault in a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The file.
    pub file: Cow<'static, str>,
    /// The line; `None` where the fault is about the file as a whole.
    pub line: Option<u64>,
    /// The column; `None` where the fault is about the line as a whole.
    pub column: Option<String>,
    /// The fault, as the end of a sentence about the cell or row.
    pub reason: String,
}

impl Fault {
    /// A fault of a file as a whole.
    pub(crate) fn of_file(file: impl Into<Cow<'static, str>>, cause: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
            reason: cause.into(),
        }
    }

    /// The order in which faults are listed: by file, then by line.
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

/// So many things, in words: `1 row`, `1,200 rows`.
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

/// The most characters of a cell that a fault shows.
const SHOWN: usize = 80;

/// A cell as a fault shows it: on one line, and not longer than a line.
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
    fn cells_are_shown_on_one_short_line() {
        assert_eq!(shown("a\nb\0"), "a\\nb\\u{0}");
        let long = shown(&"x".repeat(1_000_000));
        assert_eq!(long.chars().count(), SHOWN + 1);
        assert_eq!(shown("Zoë 李"), "Zoë 李");
    }
}
