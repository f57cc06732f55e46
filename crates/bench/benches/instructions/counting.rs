//! This program, once more, under Callgrind.

use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::works::{self, Doing, Failure, Town};

/// What this program is called with to do the works instead of counting them.
pub(crate) const COUNTED: &str = "--counted";

/// How often each work is counted. The fewest instructions are told: now and then
/// the allocator puts in order what works before it have freed.
const TIMES: usize = 3;

/// A work's name, and how many instructions it took.
pub(crate) struct Count {
    pub(crate) name: String,
    pub(crate) instructions: u64,
}

/// Do each work where Callgrind counts, and tell their names in that order.
pub(crate) fn count() -> Result<(), Failure> {
    let town = Town::new()?;
    let mut out = std::io::stdout().lock();
    for work in works::all(&town)? {
        // That also makes what is made only once, and warms the allocator.
        work.check(&town.state)?;
        for _ in 0..TIMES {
            match &work.doing {
                Doing::Asks(ask) => counted_work(&mut || {
                    black_box(ask(black_box(&town.state)));
                }),
                Doing::Writes(write) => {
                    let mut copy = town.state.clone();
                    counted_work(&mut || write(&mut copy));
                }
            }
        }
        writeln!(out, "{}", work.name)?;
    }
    Ok(())
}

/// Callgrind counts while this runs, and writes down what it counted when it
/// returns: it knows it by its name.
#[inline(never)]
fn counted_work(work: &mut dyn FnMut()) {
    work();
    // So that the call above is no jump, which Callgrind would not come back from.
    black_box(());
}

/// Count all works.
pub(crate) fn all() -> Result<Vec<Count>, Failure> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions");
    // What an earlier run left would be taken for this one's.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let counts = folder.join("counts");
    let valgrind = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind"])
        .args(["--zero-before=*counted_work", "--dump-after=*counted_work"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(std::env::current_exe()?)
        .arg(COUNTED)
        // The environment stands on the stack, and would move what is aligned there.
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("valgrind cannot be run: {error}"))?;
    if !valgrind.status.success() {
        return Err(format!("valgrind: {}", valgrind.status).into());
    }
    let names = String::from_utf8(valgrind.stdout)?;
    let mut parts = 1..;
    let counts = names.lines().map(|name| {
        let mut fewest = u64::MAX;
        for part in parts.by_ref().take(TIMES) {
            let dump = fs::read_to_string(folder.join(format!("counts.{part}")));
            let total = total(&dump.map_err(|error| format!("{name} was not counted: {error}"))?);
            fewest = fewest.min(total.ok_or("what Callgrind wrote has no total")?);
        }
        Ok(Count {
            name: name.to_owned(),
            instructions: fewest,
        })
    });
    counts.collect()
}

/// What a dump of Callgrind's adds up to.
fn total(dump: &str) -> Option<u64> {
    let mut lines = dump
        .lines()
        .filter_map(|line| line.strip_prefix("totals: "));
    let total: u64 = lines.next_back()?.trim().parse().ok()?;
    (total > 0).then_some(total)
}
