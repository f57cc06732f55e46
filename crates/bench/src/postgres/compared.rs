//! What was measured, as comparisons. One server for many clients is to keep up
//! with pgbench; the rest is shown.

use super::report::{kinds, micros, of};
use super::visibility::Seen;
use super::writes::{Measured, RIVAL};
use crate::comparison::{Comparison, Figures, Goal};
use crate::figure_names::{LONGEST, P50, P99};
use crate::spread::quantile;

pub(super) const ABOUT: &str = "\
attache over a PostgreSQL of its own, over a Unix socket, durable as in production: each write is an entry. \
Beside it pgbench inserts and commits rows of the same size with the same statement, from as many clients. \
How soon another server shows a write is asked of that server again and again.";

pub(super) fn comparisons(writes: &[Measured], seen: &[Seen]) -> Vec<Comparison> {
    let ours = kinds(writes).into_iter().filter(|(what, _)| *what != RIVAL);
    let ours = ours.map(|kind| {
        let (what, clients) = kind;
        let mut comparison = Comparison::new(
            &format!("durable writes: {what}, clients: {clients}"),
            "pgbench, the same rows",
            match what.ends_with("one server") && clients > 1 {
                true => Goal::at_least(0.7, RATIO),
                false => Goal::shown(RATIO),
            },
        );
        let rounds = of(writes, kind);
        for (ours, its) in rounds.into_iter().zip(of(writes, (RIVAL, clients))) {
            comparison.divided(PER_SECOND, figures(ours), figures(its));
        }
        comparison
    });
    ours.chain(seen.iter().map(visibility)).collect()
}

const PER_SECOND: &str = "writes/s";
const RATIO: &str = "writes/s ÷ pgbench's";

fn figures(measured: &Measured) -> Figures {
    [
        (PER_SECOND, measured.tally.per_second),
        (P50, measured.tally.p50_millis),
        (P99, measured.tally.p99_millis),
        (LONGEST, measured.tally.longest_millis),
        (
            "PostgreSQL's processor µs/write",
            micros(measured, measured.used.postgres),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn visibility(seen: &Seen) -> Comparison {
    let listen = if seen.listen { "on" } else { "off" };
    let work = format!(
        "another server shows a write: listen {listen}, clients beside: {}",
        seen.load
    );
    let mut comparison = Comparison::new(&work, "–", Goal::shown("p50 ms"));
    let figures = [(P50, 0.5), (P99, 0.99), (LONGEST, 1.0)];
    let figures = figures.map(|(name, share)| (name.to_owned(), quantile(&seen.millis, share)));
    comparison.round(quantile(&seen.millis, 0.5), figures.into(), None);
    comparison
}
