//! What is printed.

use std::io::Write as _;

use crate::Failure;
use crate::asking::{BYTES, P99, PER_SECOND, PROCESSOR};
use crate::comparison::{Comparison, Figures};
use crate::spread::Spread;

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

/// What was measured beside its limit.
pub(crate) fn comparisons(all: &[Comparison]) -> Result<(), Failure> {
    let rows = all.iter().map(|it| {
        let of = |figures: &[Figures], name: &str| {
            let values = figures.iter().filter_map(|it| it.get(name).copied());
            format!("{:.0}", Spread::of(values))
        };
        vec![
            it.work.clone(),
            format!("{:.2}", it.spread()),
            of(&it.ours, PER_SECOND),
            of(&it.limits, PER_SECOND),
            of(&it.ours, PROCESSOR),
            of(&it.limits, PROCESSOR),
            of(&it.ours, P99),
            of(&it.ours, BYTES),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let head = [
        "work",
        "ratio",
        "requests/s",
        "limit's",
        "µs",
        "limit's",
        "p99 ms",
        "bytes",
    ];
    print("Beside the limit", &head, &rows)
}
