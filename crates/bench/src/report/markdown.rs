//! The report as Markdown.

use std::fmt::{self, Write as _};

use super::machine::Machine;
use super::numbers::{number, spread};
use super::{JSON, PICTURE, Report, Results, tables};
use crate::comparison::{Bound, Comparison};

const BEGINNING: &str = "\
# Benchmarks

What attache can do, each figure beside what is comparable: constant bytes from the same router, the
database's own program for measuring, what a team would write instead, or the same work with less data.

## How it was measured

- All that is compared takes turns on the same machine: ours, what is beside it, the next of ours, and
  all of it again. A ratio is made within a round. Shown is the median of the rounds (least–most).
- attache is the router that `attache serve` serves, in a process of its own; its log lines are written.
  wrk asks it over loopback with one thread, which shares the processor with it, and so makes both sides
  of a ratio slower.
- An answer is looked at before it is measured; while it is, its status and its length are.
- `cargo run --release -p attache-bench -- all --docs docs` measures all of it anew and writes this.
";

/// The whole document.
pub(super) fn of(report: &Report) -> Result<String, fmt::Error> {
    let mut out = BEGINNING.to_owned();
    machines(report, &mut out)?;
    missed(report, &mut out)?;
    write!(
        out,
        "\n![What was reached, of what was to be reached]({PICTURE})\n"
    )?;
    writeln!(out, "\n## All work\n")?;
    all(report.comparisons(), &mut out)?;
    for (name, results) in report.parts() {
        part(name, results, &mut out)?;
    }
    write!(
        out,
        "\n## More\n\n\
         - [{JSON}]({JSON}): every figure of every round\n\
         - [performance.md](performance.md): what was tried, and what was found\n"
    )?;
    Ok(out)
}

/// Each machine once, with what was measured there.
fn machines(report: &Report, out: &mut String) -> fmt::Result {
    let parts = report.parts();
    let mut machines: Vec<&Machine> = Vec::new();
    for (_, results) in &parts {
        if !machines.contains(&&results.machine) {
            machines.push(&results.machine);
        }
    }
    writeln!(out, "\n## The machine\n")?;
    for machine in &machines {
        let Machine {
            processor,
            cores,
            memory_bytes,
            kernel,
            file_system,
        } = machine;
        let memory = number(*memory_bytes as f64 / f64::from(1 << 30));
        write!(
            out,
            "- {processor}, {cores} cores; {memory} GiB of memory; Linux {kernel}; {file_system}"
        )?;
        if machines.len() > 1 {
            let there = parts.iter().filter(|(_, it)| it.machine == **machine);
            let there: Vec<&str> = there.map(|(name, _)| *name).collect();
            write!(out, " ({})", there.join(", "))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn missed(report: &Report, out: &mut String) -> fmt::Result {
    let missed: Vec<&Comparison> = report
        .comparisons()
        .filter(|comparison| !comparison.is_reached())
        .collect();
    writeln!(out, "\n## Missed\n")?;
    for comparison in &missed {
        let (reached, goal) = (reached(comparison), to_reach(comparison));
        writeln!(out, "- {}: {reached}, to reach: {goal}", comparison.work)?;
    }
    if missed.is_empty() {
        writeln!(out, "None: every goal was reached.")?;
    }
    Ok(())
}

/// What was to be reached, and what was.
pub(super) fn all<'a>(
    comparisons: impl Iterator<Item = &'a Comparison>,
    out: &mut String,
) -> fmt::Result {
    let rows = comparisons.map(|comparison| {
        let yes = match (comparison.goal.bound, comparison.is_reached()) {
            (Bound::None, _) => "–",
            (_, true) => "yes",
            (_, false) => "**no**",
        };
        vec![
            comparison.work.clone(),
            comparison.limit.clone(),
            to_reach(comparison),
            reached(comparison),
            yes.to_owned(),
        ]
    });
    let head = ["work", "beside it", "to reach", "reached", ""];
    tables::write(&head, &rows.collect::<Vec<_>>(), out)
}

fn part(name: &str, results: &Results, out: &mut String) -> fmt::Result {
    writeln!(out, "\n## {name}\n")?;
    if results.small {
        writeln!(out, "**A try with little data, which says nothing.**\n")?;
    }
    writeln!(out, "{}\n", results.about)?;
    let versions = results.versions.iter();
    let versions: Vec<String> = versions.map(|(of, it)| format!("{of} {it}")).collect();
    write!(out, "Measured at {}, {}", results.at, times(results))?;
    writeln!(out, ", with {}.", versions.join(", "))?;
    tables::figures(&results.comparisons, out)
}

fn times(results: &Results) -> String {
    let rounds = match results.rounds {
        1 => "1 round".to_owned(),
        more => format!("{more} rounds"),
    };
    match results.seconds {
        Some(seconds) => format!("{rounds} of {seconds} s each"),
        None => rounds,
    }
}

/// What is to be reached: `≥ 0.60 requests/s ÷ limit's`.
fn to_reach(comparison: &Comparison) -> String {
    let figure = &comparison.goal.figure;
    match comparison.goal.bound {
        Bound::AtLeast(bound) => format!("≥ {bound} {figure}"),
        Bound::AtMost(bound) => format!("≤ {bound} {figure}"),
        Bound::None => format!("({figure})"),
    }
}

fn reached(comparison: &Comparison) -> String {
    match comparison.reached.is_empty() {
        true => "nothing".to_owned(),
        false => spread(comparison.spread()),
    }
}
