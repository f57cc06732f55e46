//! Prints the output of commands.

use std::fmt::Display;
use std::io::{BufWriter, Write as _};

use unicode_width::UnicodeWidthStr as _;

use super::CliError;

/// Prints a line on standard output.
pub(super) fn say(line: impl Display) -> Result<(), CliError> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// Prints a line for people on standard error.
pub(super) fn note(line: impl Display) -> Result<(), CliError> {
    writeln!(std::io::stderr(), "{line}")?;
    Ok(())
}

/// Counts things in words: `1 user`, `2 users`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// Prints rows under headings, in columns.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> Result<(), CliError> {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    let head: Vec<String> = head.iter().map(|cell| cell.to_uppercase()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| {
                let room = width.saturating_sub(cell.width());
                format!("{cell}{:room$}", "")
            })
            .collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    out.flush()?;
    Ok(())
}
