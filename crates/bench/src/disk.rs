//! What the disk can do by itself: append and sync.

use std::fs::OpenOptions;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::comparison::Figures;
use crate::figure_names::{LONGEST, P50, P99, PER_SECOND};
use crate::spread::quantile;

/// How much is appended at once.
const BLOCK: [u8; 8192] = [b'a'; 8192];

/// How much there is room for, of a log that is written over, in blocks.
const ROOM: u64 = 1024;

/// How often a second a file was synced that grows.
pub(crate) const GROWING: &str = "requests/s, growing";

/// How often one thread can append 8 KB to a log and sync them (`fdatasync`). The
/// log has its length already, and is written over from its beginning where it
/// has come to its end, as SQLite's is. One that grows with every append is shown
/// beside it: the file system has to note its length each time, which a log that
/// is kept does not cost.
pub(crate) fn measure(folder: &Path, time: Duration) -> Result<Figures, Failure> {
    let mut took = sync_for(folder, time, ROOM)?;
    let seconds = took.iter().sum::<f64>() / 1e3;
    took.sort_by(f64::total_cmp);
    let growing = sync_for(folder, time.min(Duration::from_secs(1)), u64::MAX)?;
    let growing_in = growing.iter().sum::<f64>() / 1e3;
    Ok([
        (PER_SECOND, took.len() as f64 / seconds),
        (P50, quantile(&took, 0.5)),
        (P99, quantile(&took, 0.99)),
        (LONGEST, quantile(&took, 1.0)),
        (GROWING, growing.len() as f64 / growing_in),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into())
}

/// How long each took, in milliseconds. After so many blocks it begins anew.
fn sync_for(folder: &Path, time: Duration, room: u64) -> Result<Vec<f64>, Failure> {
    let path = folder.join("disk");
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .truncate(true)
        .write(true)
        .open(&path)?;
    if room < u64::MAX {
        for _ in 0..room {
            file.write_all(&BLOCK)?;
        }
        file.sync_all()?;
        file.rewind()?;
    }
    let mut took = Vec::new();
    let began = Instant::now();
    while began.elapsed() < time {
        let asked = Instant::now();
        if (took.len() as u64).is_multiple_of(room) {
            file.rewind()?;
        }
        file.write_all(&BLOCK)?;
        file.sync_data()?;
        took.push(asked.elapsed().as_secs_f64() * 1e3);
    }
    std::fs::remove_file(path)?;
    Ok(took)
}
