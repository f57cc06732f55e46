//! What became of requests.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::spread;

/// One request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    /// Which of the servers was asked.
    pub(crate) server: usize,
    /// How it answered; 0 if it did not.
    pub(crate) status: u16,
    pub(crate) answered: Instant,
    pub(crate) took: Duration,
}

impl Record {
    /// Whether it was answered that it was done.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.status, 200 | 201)
    }
}

/// Requests, counted.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Tally {
    pub(crate) per_second: f64,
    /// Of those that succeeded, in milliseconds.
    pub(crate) p50_millis: f64,
    pub(crate) p99_millis: f64,
    pub(crate) longest_millis: f64,
    /// How often each other status was answered.
    pub(crate) errors: BTreeMap<u16, usize>,
    pub(crate) servers: Vec<PerServer>,
}

/// What one of the servers answered.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct PerServer {
    pub(crate) written: usize,
    pub(crate) errors: usize,
    pub(crate) longest_millis: f64,
}

impl Tally {
    pub(crate) fn written(&self) -> usize {
        self.servers.iter().map(|server| server.written).sum()
    }

    /// Of those that were answered between two instants.
    pub(crate) fn of(records: &[Record], servers: usize, from: Instant, to: Instant) -> Self {
        let within = records.iter();
        let within = within.filter(|record| (from..to).contains(&record.answered));
        let mut took = Vec::new();
        let mut errors = BTreeMap::new();
        let mut each = vec![PerServer::default(); servers];
        for record in within {
            let server = &mut each[record.server];
            let millis = record.took.as_secs_f64() * 1e3;
            server.longest_millis = server.longest_millis.max(millis);
            if record.is_done() {
                server.written += 1;
                took.push(millis);
            } else {
                server.errors += 1;
                *errors.entry(record.status).or_default() += 1;
            }
        }
        took.sort_by(f64::total_cmp);
        Self {
            per_second: took.len() as f64 / (to - from).as_secs_f64(),
            p50_millis: spread::quantile(&took, 0.5),
            p99_millis: spread::quantile(&took, 0.99),
            longest_millis: spread::quantile(&took, 1.0),
            errors,
            servers: each,
        }
    }
}
