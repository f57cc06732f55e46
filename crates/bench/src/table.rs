//! What is printed.

use std::io::Write as _;

use crate::Failure;

/// A table in Markdown, with a heading.
pub(crate) fn print(heading: &str, head: &[&str], rows: &[Vec<String>]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n### {heading}\n")?;
    writeln!(out, "| {} |", head.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(head.len()))?;
    for row in rows {
        writeln!(out, "| {} |", row.join(" | "))?;
    }
    Ok(())
}

/// A line about what is going on, for who waits.
pub(crate) fn note(line: &str) {
    // Nobody may be looking.
    let _ = writeln!(std::io::stderr(), "{line}");
}
