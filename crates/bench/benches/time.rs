//! How long each work of the core takes.

mod works;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, SamplingMode};
use mimalloc::MiMalloc;

use works::{Doing, Failure, Town};

/// What the server takes its memory from.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What takes longer than this is done ten times only.
const LONG: Duration = Duration::from_millis(20);

fn main() -> Result<(), Failure> {
    let town = Town::new()?;
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for work in works::all(&town)? {
        let began = Instant::now();
        work.check(&town.state)?;
        let is_long = began.elapsed() > LONG;
        let (subject, what) = work.name.split_once('/').ok_or("a work has no subject")?;
        let mut group = criterion.benchmark_group(subject);
        if is_long {
            group.sample_size(10).sampling_mode(SamplingMode::Flat);
        }
        group.bench_function(what, |bencher| match &work.doing {
            Doing::Asks(ask) => bencher.iter(|| ask(black_box(&town.state))),
            Doing::Writes(write) => {
                let copy = || town.state.clone();
                bencher.iter_batched_ref(copy, |state| write(state), BatchSize::SmallInput);
            }
        });
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}
