//! How fast attache is, measured beside what is comparable on the same machine
//! and in the same minute: a figure by itself says more about the machine.
//!
//! One file a part; what parts share stands beside them.

mod asking;
mod attache;
mod clients;
mod comparison;
mod connection;
mod limit;
mod lists;
#[path = "../../server/tests/postgres/mod.rs"]
mod own_postgres;
mod pgbench;
mod postgres;
mod processor;
mod raw;
mod reads;
mod records;
mod served;
mod spread;
mod table;
mod tenant;
mod world;
mod wrk;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

/// Why a measurement could not be made.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Measure attache.
#[derive(Debug, Parser)]
#[command(version)]
struct Bench {
    #[command(subcommand)]
    part: Part,
}

/// What to measure.
#[derive(Debug, Subcommand)]
enum Part {
    Reads(reads::Part),
    Postgres(postgres::Part),
    #[command(hide = true)]
    Serve(served::Serve),
}

fn main() -> ExitCode {
    let part = Bench::parse().part;
    // All clients share one thread: two would take from attache what they do not need.
    let runtime = match part {
        Part::Serve(_) | Part::Reads(_) => tokio::runtime::Builder::new_multi_thread(),
        Part::Postgres(_) => tokio::runtime::Builder::new_current_thread(),
    }
    .enable_all()
    .build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(part)),
        Err(error) => {
            table::note(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(part: Part) -> ExitCode {
    let measured = async {
        match part {
            Part::Reads(part) => part.run().await,
            Part::Postgres(part) => part.run().await,
            Part::Serve(serve) => serve.run().await,
        }
    };
    // What was started ends with us, also when we are asked to stop.
    let done = tokio::select! {
        done = measured => done,
        () = stopped() => Err("it was asked to stop".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            table::note(&format!("bench: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// Resolves when the process is asked to stop.
async fn stopped() {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
