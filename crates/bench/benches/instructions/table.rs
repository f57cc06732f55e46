//! `docs/instructions.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::counting::Count;

const HEAD: &str = "# Instructions

How many instructions each work of `crates/bench/benches/works` takes, counted by Callgrind. Written by
`cargo bench -p attache-bench --bench instructions`; what moved by less than 1 % stays as it was. They
tell more work from less, not how long it takes: that is what `--bench time` measures.
";

/// Less than one in so many is no news.
const STILL: u64 = 100;

/// The table that takes the place of another, and what differs, a line each.
pub(crate) fn written(before: &str, made_with: &str, counts: &[Count]) -> (String, Vec<String>) {
    let before = read(before);
    let mut text = format!("{HEAD}\n{made_with}\n\n| work | instructions |\n|-|-:|\n");
    let mut moved = Vec::new();
    for count in counts {
        let (name, now) = (&count.name, count.instructions);
        let was = before.get(name.as_str()).copied();
        let still = was.filter(|was| was.abs_diff(now) * STILL < *was);
        let shown = grouped(still.unwrap_or(now));
        let _ = writeln!(text, "| {name} | {shown} |");
        if still.is_none() {
            let change = was.map_or_else(|| "new".to_owned(), |was| percent(was, now));
            moved.push(format!("{name}: {shown} ({change})"));
        }
    }
    (text, moved)
}

/// The figures of a table by the name of the work.
fn read(table: &str) -> BTreeMap<&str, u64> {
    let rows = table.lines().filter_map(|line| {
        let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let (name, figure) = row.split_once(" | ")?;
        Some((name, figure.replace(',', "").parse().ok()?))
    });
    rows.collect()
}

fn percent(was: u64, now: u64) -> String {
    let share = (now as f64 / was as f64 - 1.0) * 100.0;
    format!("{share:+.1} %")
}

/// A number as people read it: `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
