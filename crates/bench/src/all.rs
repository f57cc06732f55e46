//! All parts, one after the other, into one report.

use std::path::PathBuf;
use std::process::{Child, Command};

use clap::Args;

use crate::{Failure, table};

/// A part, and which of the wishes it understands.
struct Part {
    name: &'static str,
    seconds: bool,
    small: bool,
}

const fn part(name: &'static str) -> Part {
    Part {
        name,
        seconds: true,
        small: true,
    }
}

/// In the order in which they are measured.
const PARTS: &[Part] = &[
    part("reads"),
    Part {
        small: false,
        ..part("writes")
    },
    part("mixed"),
    part("saving"),
    part("neighbours"),
    Part {
        seconds: false,
        ..part("import")
    },
    part("rivals"),
    Part {
        seconds: false,
        ..part("opening")
    },
    part("growth"),
    Part {
        small: false,
        ..part("postgres")
    },
];

/// Measure everything, and write the report. It takes an hour or two.
#[derive(Debug, Args)]
pub(crate) struct All {
    /// How often each measurement is made; each part has its own number, if left out.
    #[arg(long)]
    rounds: Option<usize>,
    /// How long each takes, in seconds; each part has its own number, if left out.
    #[arg(long)]
    seconds: Option<u64>,
    /// Little data: only to try whether all works.
    #[arg(long)]
    small: bool,
    /// The folder for benchmarks.json, benchmarks.md and benchmarks.svg.
    #[arg(long, value_name = "DIR", default_value = "docs")]
    docs: PathBuf,
}

impl All {
    /// Each part is a process of its own: it gives all its memory back, and
    /// what goes wrong in it stops no other.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let mut failed = Vec::new();
        for part in PARTS {
            table::note(&format!("== {}", part.name));
            let child = Running(self.command(part)?.spawn()?);
            if !child.ends_well().await? {
                failed.push(part.name);
            }
        }
        match failed.is_empty() {
            true => Ok(()),
            false => Err(format!("not measured: {}", failed.join(", ")).into()),
        }
    }

    fn command(&self, part: &Part) -> Result<Command, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(part.name).arg("--docs").arg(&self.docs);
        if let Some(rounds) = self.rounds {
            command.args(["--rounds", &rounds.to_string()]);
        }
        if let Some(seconds) = self.seconds.filter(|_| part.seconds) {
            command.args(["--seconds", &seconds.to_string()]);
        }
        if self.small && part.small {
            command.arg("--small");
        }
        Ok(command)
    }
}

/// A part that runs. It is asked to stop when this goes.
struct Running(Child);

impl Running {
    async fn ends_well(mut self) -> Result<bool, Failure> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status.success());
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            // Not killed: what it started ends with it only if it ends by itself.
            let process = self.0.id().to_string();
            let _ = Command::new("kill").args(["-TERM", &process]).status();
            let _ = self.0.wait();
        }
    }
}
