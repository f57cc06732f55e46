//! Faults: what is wrong with a file, and where.

use std::borrow::Cow;
use std::fmt;

/// A fault in a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Fault {
    file: Cow<'static, str>,
    /// 0 where the fault is about the file as a whole.
    line: u64,
    column: String,
    cause: String,
}

impl Fault {
    /// A fault of a file as a whole.
    pub(super) fn of_file(file: impl Into<Cow<'static, str>>, cause: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: 0,
            column: String::new(),
            cause: cause.into(),
        }
    }

    /// The order in which faults are listed: by file, then by line.
    pub(super) fn place(&self) -> (usize, u64) {
        let file = super::source::FILES
            .iter()
            .position(|file| *file == self.file);
        (file.unwrap_or(usize::MAX), self.line)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        if !self.column.is_empty() {
            write!(f, ", column {}", shown(&self.column))?;
        }
        write!(f, ": {}", self.cause)
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
            line: self.line,
            column: column.to_owned(),
            cause: cause.into(),
        }
    }
}

/// The most characters of a cell that a fault shows.
const SHOWN: usize = 80;

/// A cell as a fault shows it: on one line, and not longer than a line.
pub(super) fn shown(cell: &str) -> String {
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
    fn cells_are_shown_on_one_short_line() {
        assert_eq!(shown("a\nb\0"), "a\\nb\\u{0}");
        let long = shown(&"x".repeat(1_000_000));
        assert_eq!(long.chars().count(), SHOWN + 1);
        assert_eq!(shown("Zoë 李"), "Zoë 李");
    }
}
