//! What was measured, as tables.

use super::visibility::Seen;
use super::writes::{Measured, RIVAL};
use crate::spread::{Spread, quantile};
use crate::{Failure, table};

/// What is measured, in the order of the first round.
pub(super) fn kinds(all: &[Measured]) -> Vec<(&'static str, usize)> {
    let mut kinds = Vec::new();
    for measured in all {
        let kind = (measured.what, measured.clients);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

pub(super) fn of<'a>(all: &'a [Measured], kind: (&'static str, usize)) -> Vec<&'a Measured> {
    let all = all.iter();
    all.filter(|measured| (measured.what, measured.clients) == kind)
        .collect()
}

pub(super) fn writes(all: &[Measured]) -> Result<(), Failure> {
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    for kind in kinds(all) {
        let (what, clients) = kind;
        let rounds = of(all, kind);
        let rivals = of(all, (RIVAL, clients));
        let name = || vec![what.to_owned(), clients.to_string()];
        let spread =
            |value: fn(&Measured) -> f64| Spread::of(rounds.iter().map(|measured| value(measured)));
        let ratios = rounds.iter().zip(&rivals);
        let ratios = ratios.map(|(ours, its)| ours.tally.per_second / its.tally.per_second);
        rates.push(
            [
                name(),
                vec![
                    spread(|m| m.tally.per_second).to_string(),
                    format!("{:.2}", Spread::of(ratios)),
                    format!("{:.1}", spread(|m| m.tally.p50_millis)),
                    format!("{:.1}", spread(|m| m.tally.p99_millis)),
                    format!("{:.0}", spread(|m| m.tally.longest_millis)),
                    errors(&rounds),
                ],
            ]
            .concat(),
        );
        costs.push(
            [
                name(),
                vec![
                    spread(|m| micros(m, m.used.attache)).to_string(),
                    spread(|m| micros(m, m.used.postgres)).to_string(),
                    spread(|m| micros(m, m.used.clients)).to_string(),
                    format!("{:.0}", spread(|m| m.used.others() / m.seconds * 100.0)),
                    format!("{:.2}", spread(|m| m.each.transactions)),
                    format!("{:.2}", spread(|m| m.each.syncs)),
                    spread(|m| m.each.log_bytes).to_string(),
                ],
            ]
            .concat(),
        );
    }
    table::print(
        "Durable writes: median (least–most)",
        &[
            "what",
            "clients",
            "writes/s",
            "÷ pgbench",
            "p50 ms",
            "p99 ms",
            "longest ms",
            "errors",
        ],
        &rates,
    )?;
    table::print(
        "What a write costs; of one processor, µs",
        &[
            "what",
            "clients",
            "attache",
            "PostgreSQL",
            "clients' own",
            "others on the machine, % of one processor",
            "transactions",
            "syncs (about)",
            "WAL bytes",
        ],
        &costs,
    )?;
    statements(all)?;
    servers(all)
}

pub(super) fn micros(measured: &Measured, seconds: f64) -> f64 {
    seconds * 1e6 / measured.tally.written() as f64
}

/// How often each status was answered, over all rounds.
fn errors(rounds: &[&Measured]) -> String {
    let mut counts = std::collections::BTreeMap::<u16, usize>::new();
    for measured in rounds {
        for (status, count) in &measured.tally.errors {
            *counts.entry(*status).or_default() += count;
        }
    }
    match counts.is_empty() {
        true => "none".to_owned(),
        false => {
            let counts = counts.iter();
            let counts = counts.map(|(status, count)| format!("{status}: {count}"));
            counts.collect::<Vec<_>>().join(", ")
        }
    }
}

/// What PostgreSQL was given, in the last round.
fn statements(all: &[Measured]) -> Result<(), Failure> {
    let head = ["statement", "calls", "µs"];
    for (what, clients) in kinds(all) {
        let rounds = of(all, (what, clients));
        let Some(last) = rounds.last().filter(|last| !last.statements.is_empty()) else {
            continue;
        };
        let rows = last.statements.iter().map(|statement| {
            vec![
                statement.text.clone(),
                format!("{:.3}", statement.calls),
                format!("{:.1}", statement.micros),
            ]
        });
        let rows: Vec<_> = rows.collect();
        let heading = format!("Statements of a write: {what}, clients: {clients}");
        table::print(&heading, &head, &rows)?;
    }
    Ok(())
}

/// How writes were shared out, where there are several servers.
fn servers(all: &[Measured]) -> Result<(), Failure> {
    let shared = all
        .iter()
        .filter(|measured| measured.tally.servers.len() > 1);
    let rows = shared.map(|measured| {
        let servers = &measured.tally.servers;
        let cell = |show: fn(&crate::records::PerServer) -> String| {
            servers.iter().map(show).collect::<Vec<_>>().join(" / ")
        };
        vec![
            measured.what.to_owned(),
            cell(|server| server.written.to_string()),
            cell(|server| server.errors.to_string()),
            cell(|server| format!("{:.0}", server.longest_millis)),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let head = ["what", "written", "errors", "longest ms"];
    table::print("Each server's share, each round", &head, &rows)
}

pub(super) fn visibility(all: &[Seen]) -> Result<(), Failure> {
    let rows = all.iter().map(|seen| {
        let at = |share: f64| format!("{:.2}", quantile(&seen.millis, share));
        vec![
            if seen.listen { "on" } else { "off" }.to_owned(),
            seen.load.to_string(),
            format!("{:.0}", seen.load_per_second),
            at(0.5),
            at(0.99),
            at(1.0),
            format!("{:.2}", seen.look_millis),
            seen.millis.len().to_string(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let head = [
        "listen",
        "clients beside",
        "their writes/s",
        "p50 ms",
        "p99 ms",
        "longest ms",
        "one look ms",
        "writes",
    ];
    table::print("Until another server shows a write", &head, &rows)
}
