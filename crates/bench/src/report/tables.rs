//! Tables in Markdown, and the figures of a part in them.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::numbers::spread;
use crate::comparison::{Comparison, Figures};
use crate::figure_names::{BYTES, LONGEST, P50, P99, PER_SECOND, PROCESSOR};
use crate::spread::Spread;

/// The figures that come first, in this order.
const ORDER: [&str; 6] = [PER_SECOND, PROCESSOR, P50, P99, LONGEST, BYTES];

pub(super) fn write(head: &[&str], rows: &[Vec<String>], out: &mut String) -> fmt::Result {
    writeln!(out, "| {} |", head.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(head.len()))?;
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

/// All figures of a part: a table for all work of which the same is known.
pub(super) fn figures(comparisons: &[Comparison], out: &mut String) -> fmt::Result {
    let mut columns: Vec<Vec<Column<'_>>> = Vec::new();
    for comparison in comparisons {
        let its = columns_of(comparison);
        if !columns.contains(&its) {
            columns.push(its);
        }
    }
    for columns in columns.iter().filter(|columns| !columns.is_empty()) {
        let names: Vec<String> = columns.iter().map(Column::name).collect();
        let head: Vec<&str> = ["work"]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .collect();
        let alike = comparisons.iter().filter(|it| columns_of(it) == *columns);
        let rows = alike.map(|comparison| {
            let cells = columns.iter().map(|column| column.cell(comparison));
            [comparison.work.clone()].into_iter().chain(cells).collect()
        });
        writeln!(out)?;
        write(&head, &rows.collect::<Vec<_>>(), out)?;
    }
    Ok(())
}

/// A figure, of ours or of what is beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Column<'a> {
    figure: &'a str,
    ours: bool,
    /// Whether the other side has it too, and stands left of this.
    pair: bool,
}

impl Column<'_> {
    fn name(&self) -> String {
        match (self.ours, self.pair) {
            (true, _) => self.figure.to_owned(),
            (false, true) => "beside".to_owned(),
            (false, false) => format!("beside: {}", self.figure),
        }
    }

    fn cell(&self, comparison: &Comparison) -> String {
        let rounds = match self.ours {
            true => &comparison.ours,
            false => &comparison.limits,
        };
        let values = rounds.iter().filter_map(|it| it.get(self.figure).copied());
        spread(Spread::of(values))
    }
}

fn columns_of(comparison: &Comparison) -> Vec<Column<'_>> {
    let (ours, limits) = (names(&comparison.ours), names(&comparison.limits));
    let mut all: Vec<&str> = ours.union(&limits).copied().collect();
    all.sort_by_key(|name| {
        let place = ORDER.iter().position(|other| other == name);
        (place.unwrap_or(ORDER.len()), !ours.contains(name))
    });
    let mut columns = Vec::new();
    for figure in all {
        let pair = ours.contains(figure) && limits.contains(figure);
        let sides = [(true, &ours), (false, &limits)];
        let there = sides
            .into_iter()
            .filter(|(_, names)| names.contains(figure));
        columns.extend(there.map(|(ours, _)| Column { figure, ours, pair }));
    }
    columns
}

fn names(rounds: &[Figures]) -> BTreeSet<&str> {
    let names = rounds.iter().flat_map(|figures| figures.keys());
    names.map(String::as_str).collect()
}
