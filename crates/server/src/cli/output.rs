//! What a command says.

use std::fmt::Display;
use std::io::{BufWriter, Write as _};

use super::CliError;

/// A line on standard output.
pub(super) fn say(line: impl Display) -> Result<(), CliError> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// A line beside the output, for people.
pub(super) fn note(line: impl Display) -> Result<(), CliError> {
    writeln!(std::io::stderr(), "{line}")?;
    Ok(())
}

/// Rows under a head, in columns.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> Result<(), CliError> {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    let head: Vec<String> = head.iter().map(|cell| cell.to_uppercase()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    out.flush()?;
    Ok(())
}
