//! How fast attache is, measured beside what is comparable on the same machine
//! and in the same minute: a figure by itself says more about the machine.
//!
//! One file a part; what parts share stands beside them.

mod all;
mod asking;
mod attache;
mod checks;
mod clients;
mod comparison;
mod connection;
mod copied;
mod crowd;
mod disk;
mod failure;
mod figure_names;
mod growth;
mod import;
mod limit;
mod lists;
mod mixed;
mod neighbours;
mod new_users;
mod opening;
mod past;
mod pgbench;
mod postgres;
mod processor;
mod raw;
mod reads;
mod records;
mod report;
mod rival;
mod saving;
mod served;
mod spread;
mod sqlite;
mod table;
mod tenant;
mod tokens;
mod work;
mod world;
mod writes;
mod wrk;

use std::process::ExitCode;

use attache_core::cause::chain;
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

pub(crate) use failure::Failure;

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
    All(all::All),
    Report(report::Rewrite),
    Reads(reads::Part),
    Rivals(rival::Part),
    Opening(opening::Part),
    Growth(growth::Part),
    Postgres(postgres::Part),
    Writes(writes::Part),
    Mixed(mixed::Part),
    Saving(saving::Part),
    Neighbours(neighbours::Part),
    Import(import::Part),
    Past(past::Part),
    #[command(hide = true)]
    Serve(served::Serve),
    #[command(hide = true)]
    ServeRival(rival::Serve),
}

fn main() -> ExitCode {
    let part = Bench::parse().part;
    // All clients share one thread: two would take from attache what they do not need.
    let runtime = match part {
        Part::Postgres(_) | Part::Writes(_) | Part::Import(_) => {
            tokio::runtime::Builder::new_current_thread()
        }
        Part::Mixed(_) | Part::Saving(_) | Part::Neighbours(_) => {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(1);
            builder
        }
        _ => tokio::runtime::Builder::new_multi_thread(),
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
            Part::All(all) => all.run().await,
            Part::Report(report) => report.run(),
            Part::Reads(part) => part.run().await,
            Part::Rivals(part) => part.run().await,
            Part::Opening(part) => part.run().await,
            Part::Growth(part) => part.run().await,
            Part::Postgres(part) => part.run().await,
            Part::Writes(part) => part.run().await,
            Part::Mixed(part) => part.run().await,
            Part::Saving(part) => part.run().await,
            Part::Neighbours(part) => part.run().await,
            Part::Import(part) => part.run().await,
            Part::Past(part) => part.run().await,
            Part::Serve(serve) => serve.run().await,
            Part::ServeRival(serve) => serve.run().await,
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
            table::note(&format!("bench: {}", chain(&*failure)));
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
