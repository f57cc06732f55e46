//! wrk, which asks: an HTTP load generator that takes little itself
//! (Debian's package `wrk`).

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::Failure;

const SCRIPT: &str = include_str!("wrk.lua");

/// A request, and how many bytes are to come back for it, head and all.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) bytes: Vec<u8>,
    pub(crate) answer_bytes: u64,
}

/// Requests in the order in which they are made, round and round.
#[derive(Clone, Debug)]
pub(crate) struct Asks {
    file: PathBuf,
    longest: u64,
    mean: f64,
    /// By how many bytes an answer may be longer than it was.
    growth: u64,
}

impl Asks {
    /// Write them down. `order` names each by its place.
    pub(crate) fn new(file: PathBuf, asks: &[Ask], order: &[usize]) -> Result<Self, Failure> {
        let mut bytes = format!("{} {}\n", asks.len(), order.len()).into_bytes();
        for ask in asks {
            bytes.extend(format!("{} {}\n", ask.bytes.len(), ask.answer_bytes).bytes());
            bytes.extend(&ask.bytes);
        }
        let mut text = String::new();
        for place in order {
            writeln!(text, "{}", place + 1)?;
        }
        bytes.extend(text.bytes());
        std::fs::write(&file, bytes)?;
        let sizes = order.iter().filter_map(|place| asks.get(*place));
        let all: u64 = sizes.clone().map(|ask| ask.answer_bytes).sum();
        Ok(Self {
            file,
            longest: sizes.map(|ask| ask.answer_bytes).max().unwrap_or_default(),
            mean: all as f64 / order.len().max(1) as f64,
            growth: 0,
        })
    }

    /// Answers may be longer by so many bytes: each carries the revision, which
    /// gets more digits while others write.
    pub(crate) fn growing_by(self, growth: u64) -> Self {
        Self { growth, ..self }
    }

    /// How many bytes an answer has, head and all.
    pub(crate) fn mean_bytes(&self) -> f64 {
        self.mean
    }
}

/// What wrk says at its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    pub(crate) p50_millis: f64,
    pub(crate) p99_millis: f64,
    pub(crate) longest_millis: f64,
    bytes: u64,
    expected_bytes: u64,
    errors: u64,
    statuses: u64,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Wrk {
    script: PathBuf,
}

impl Wrk {
    /// If it is there.
    pub(crate) fn find(folder: &Path) -> Result<Self, Failure> {
        if Command::new("wrk").arg("--version").output().is_err() {
            return Err("wrk is not there: `apt-get install wrk` installs it on Debian".into());
        }
        let script = folder.join("wrk.lua");
        std::fs::write(&script, SCRIPT)?;
        Ok(Self { script })
    }

    /// Ask over so many connections for so long. An answer that is not the one
    /// that was expected is an error.
    pub(crate) fn ask(
        &self,
        address: SocketAddr,
        asks: &Asks,
        connections: usize,
        seconds: u64,
    ) -> Result<Said, Failure> {
        let output = Command::new("wrk")
            .args(["--threads", "1", "--timeout", "30s"])
            .args(["--connections", &connections.to_string()])
            .args(["--duration", &format!("{seconds}s")])
            .arg("--script")
            .arg(&self.script)
            .arg(format!("http://{address}/"))
            .arg("--")
            .arg(&asks.file)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let json = text.lines().find_map(|line| line.strip_prefix("json: "));
        let json = json.ok_or_else(|| {
            let error = String::from_utf8_lossy(&output.stderr);
            format!("wrk says no figures: {text}{error}")
        })?;
        let said: Said = serde_json::from_str(json)?;
        said.check(asks, connections)?;
        Ok(said)
    }
}

impl Said {
    /// Every answer is as long as it was when it was looked at. Those that were
    /// under way at the end are missing, one a connection.
    fn check(&self, asks: &Asks, connections: usize) -> Result<(), Failure> {
        if self.errors > 0 || self.statuses > 0 || self.requests == 0 {
            return Err(format!(
                "of {} answers {} had a wrong status, and {} did not come",
                self.requests, self.statuses, self.errors
            )
            .into());
        }
        let most = self.expected_bytes + self.requests * asks.growth;
        let under_way = (connections as u64 + 1) * asks.longest;
        let least = self.expected_bytes.saturating_sub(under_way);
        match (least..=most).contains(&self.bytes) {
            true => Ok(()),
            false => Err(format!(
                "{} bytes were to come back, {} did: an answer was not the right one",
                self.expected_bytes, self.bytes
            )
            .into()),
        }
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.seconds
    }
}
