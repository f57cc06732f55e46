//! One measurement of reading: a server is asked for a while.

use tempfile::TempDir;

use crate::Failure;
use crate::comparison::Figures;
use crate::figure_names::{BYTES, LONGEST, P50, P99, PER_SECOND, PROCESSOR};
use crate::served::Served;
use crate::wrk::{Asks, Wrk};

/// A server and who asks it.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) server: Served,
    wrk: Wrk,
    connections: usize,
    seconds: u64,
    /// What a work's name must contain, to be measured.
    pub(crate) only: Option<String>,
    /// For what wrk reads. Goes when this goes.
    folder: TempDir,
}

impl Asking {
    pub(crate) fn new(server: Served, connections: usize, seconds: u64) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            wrk: Wrk::find(folder.path())?,
            server,
            connections,
            seconds,
            only: None,
            folder,
        })
    }

    /// How long each measurement takes.
    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
    }

    /// Whether work of a name is measured.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only))
    }

    /// A file for requests.
    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Ask for a while, with all connections.
    pub(crate) fn ask(&self, asks: &Asks) -> Result<Figures, Failure> {
        self.ask_over(asks, self.connections)
    }

    /// Ask for a while.
    pub(crate) fn ask_over(&self, asks: &Asks, connections: usize) -> Result<Figures, Failure> {
        let before = self.server.processor_seconds()?;
        let said = self
            .wrk
            .ask(self.server.address, asks, connections, self.seconds)?;
        let used = self.server.processor_seconds()? - before;
        Ok([
            (PER_SECOND, said.per_second()),
            (P50, said.p50_millis),
            (P99, said.p99_millis),
            (LONGEST, said.longest_millis),
            (PROCESSOR, used * 1e6 / said.requests as f64),
            (BYTES, asks.mean_bytes()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into())
    }
}
