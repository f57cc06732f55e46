//! Durable writes over HTTP, beside the disk alone and SQLite alone.

mod alone;
mod entries;
pub(crate) mod kinds;
pub(crate) mod stock;
mod turns;
mod writing;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::attache::Program;
use crate::comparison::Comparison;
use crate::report::Measured;
use crate::{Failure, table};

/// Durable writes over HTTP, beside the disk's syncs and SQLite's rows.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each takes, in seconds.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Only work whose name contains this: "add member", "sync of 25" or "grant".
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Where to make the data folder, on the disk that is meant; among the
    /// temporary files, if left out.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The program `attache`; the one that was built beside this one, if left out.
    #[arg(long, value_name = "FILE")]
    attache: Option<PathBuf>,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

const ABOUT: &str = "\
Each client waits for its answer before it writes again. Beside it stand, in the same minute and on the \
same disk, what `fdatasync` after 8 KB does a second on one thread, and SQLite alone, which commits rows of \
equal length 32 at a time. attache's clients run on the same machine and take their part of it.";

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let comparisons = self.measure().await?;
        let measured = Measured {
            part: "writes",
            about: ABOUT.to_owned(),
            rounds: self.rounds,
            seconds: Some(self.seconds),
            small: false,
            postgres: None,
            comparisons,
        };
        measured.keep(self.docs.as_deref()).await
    }

    pub(crate) async fn measure(&self) -> Result<Vec<Comparison>, Failure> {
        let program = Program::find(self.attache.clone())?;
        let folder = match &self.folder {
            Some(folder) => tempfile::tempdir_in(folder)?,
            None => tempfile::tempdir()?,
        };
        let time = Duration::from_secs(self.seconds);
        let mut house = writing::House::build(&program, folder, time).await?;
        let mut turns = turns::all(self.only.as_deref());
        for round in 1..=self.rounds {
            for turn in &mut turns {
                table::note(&format!("round {round}: {}", turn.name()));
                turn.take(&mut house).await?;
            }
        }
        Ok(turns
            .into_iter()
            .flat_map(turns::Turn::comparisons)
            .collect())
    }
}
