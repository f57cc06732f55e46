//! Random histories, run by the core and by a naive model of it, must be
//! decided alike and give the same answers to every question.
//!
//! `ATTACHE_HISTORIES=1000000` runs more of them, `ATTACHE_FIRST_HISTORY=42`
//! begins with another one: a failure tells its number. `ATTACHE_EVERY_QUESTION=1` asks each
//! history all families of questions in place of one.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "it is all test"
)]

mod history;
mod naive;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use history::{Counts, first_failure};

/// How many histories run unless somebody asks for more.
const HISTORIES: u64 = 10_000;

fn asked_for(variable: &str, otherwise: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(otherwise, |text| text.parse().expect("it must be a number"))
}

#[test]
fn the_core_decides_and_answers_like_the_naive_model() {
    let first = asked_for("ATTACHE_FIRST_HISTORY", 0);
    let end = first + asked_for("ATTACHE_HISTORIES", HISTORIES);
    let next = AtomicU64::new(first);
    let total = Mutex::new((Counts::default(), None));
    let work = || {
        let mut counts = Counts::default();
        let mut failure = None;
        while failure.is_none() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                break;
            }
            failure = first_failure(seed, &mut counts);
        }
        // One failure is enough: the others stop too.
        if failure.is_some() {
            next.store(end, Ordering::Relaxed);
        }
        let mut total = total.lock().expect("no thread panics");
        total.0.add(&counts);
        total.1 = total.1.take().or(failure);
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let (counts, failure) = total.into_inner().expect("no thread panics");
    if let Some(failure) = failure {
        panic!("{failure}");
    }
    println!("{counts}");
    if counts.histories >= HISTORIES {
        assert_eq!(counts.missing(), Vec::<&str>::new(), "never reached");
    }
}
