//! A state as bytes: its facts in parts, each a frame of its own.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use attache_core::State;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::state::{Facts, Part};
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe;

use super::LogError;

/// The form in which snapshots are written now. Others are not read: the
/// entries say it all.
pub(super) const FORMAT: i64 = 4;

/// How hard to compress: 1 is fast and takes off most of it.
const LEVEL: i32 = 1;

/// How many users or resources a part holds: some megabytes. What is unpacked at
/// once stays in reach of the processor, and every thread has parts to read.
const THINGS: usize = 16_384;

/// How many threads read at the most.
const THREADS: usize = 4;

/// A state as it is saved.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Whose it is.
    pub tenant: TenantId,
    /// The revision of the state.
    pub revision: Revision,
    /// The entry that led to it.
    pub last_entry: EntryId,
    pub(super) bytes: Vec<u8>,
}

impl Snapshot {
    /// Of a state, which takes as long as it is large.
    ///
    /// # Errors
    /// If there is no room for it.
    pub async fn of(state: Arc<State>) -> Result<Self, LogError> {
        let (tenant, revision) = (state.tenant(), state.revision());
        let last_entry = state.last_entry().unwrap_or(EntryId(uuid::Uuid::nil()));
        let bytes = tokio::task::spawn_blocking(move || write(&state))
            .await
            .map_err(|error| LogError::Unavailable(error.to_string()))?
            .map_err(LogError::Unavailable)?;
        Ok(Self {
            tenant,
            revision,
            last_entry,
            bytes,
        })
    }

    /// The state. Takes as long as it is large: not for an async thread.
    ///
    /// # Errors
    /// If the bytes are damaged.
    pub fn state(&self) -> Result<State, String> {
        read(&self.bytes)
    }
}

/// The bytes of a state. Takes as long as the state is large: not for an async thread.
pub(super) fn write(state: &State) -> Result<Vec<u8>, String> {
    let mut compressor = Compressor::new(LEVEL).map_err(|e| e.to_string())?;
    let (mut plain, mut all) = (Vec::new(), Vec::new());
    for part in state.facts().into_parts(THINGS) {
        plain = postcard::to_extend(&part, plain).map_err(|e| e.to_string())?;
        let frame = compressor.compress(&plain).map_err(|e| e.to_string())?;
        all.extend_from_slice(&frame);
        plain.clear();
    }
    Ok(all)
}

/// The state that bytes hold. Takes as long as the state is large.
pub(super) fn read(bytes: &[u8]) -> Result<State, String> {
    let parts = parts(&frames(bytes)?)?;
    let facts = Facts::from_parts(parts).map_err(|e| e.to_string())?;
    State::from_facts(facts).map_err(|e| e.to_string())
}

/// Where each frame lies.
fn frames(bytes: &[u8]) -> Result<Vec<&[u8]>, String> {
    let (mut rest, mut frames) = (bytes, Vec::new());
    while !rest.is_empty() {
        let length = zstd_safe::find_frame_compressed_size(rest);
        let length = length.map_err(zstd_safe::get_error_name)?;
        let split = rest.split_at_checked(length).filter(|_| length > 0);
        let (frame, others) = split.ok_or("a frame has no end")?;
        frames.push(frame);
        rest = others;
    }
    Ok(frames)
}

/// What the frames hold, read by as many threads as there are processors: half
/// of opening a tenant is this.
fn parts(frames: &[&[u8]]) -> Result<Vec<Part>, String> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let others = processors.min(THREADS).min(frames.len()).saturating_sub(1);
    let next = AtomicUsize::new(0);
    let read = || some_parts(frames, &next);
    let read = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, read);
        // Where no thread can be had, this one reads on its own.
        let others: Vec<_> = (0..others).flat_map(spawn).collect();
        let mut all = vec![read()];
        for other in others {
            let stopped = |_| Err("a thread that read stopped".to_owned());
            all.push(other.join().unwrap_or_else(stopped));
        }
        all
    });
    let mut all = Vec::with_capacity(frames.len());
    for some in read {
        all.append(&mut some?);
    }
    all.sort_unstable_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, part)| part).collect())
}

/// What those frames hold that nobody else has taken.
fn some_parts(frames: &[&[u8]], next: &AtomicUsize) -> Result<Vec<(usize, Part)>, String> {
    let mut decompressor = Decompressor::new().map_err(|e| e.to_string())?;
    let (mut plain, mut parts) = (Vec::new(), Vec::new());
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(frame) = frames.get(at) else {
            return Ok(parts);
        };
        let length = zstd_safe::get_frame_content_size(frame).map_err(|e| e.to_string())?;
        let length = usize::try_from(length.unwrap_or_default()).map_err(|e| e.to_string())?;
        plain.clear();
        plain.try_reserve(length).map_err(|e| e.to_string())?;
        let unpacked = decompressor.decompress_to_buffer(frame, &mut plain);
        unpacked.map_err(|e| e.to_string())?;
        let part = postcard::from_bytes(&plain).map_err(|e| e.to_string())?;
        parts.push((at, part));
    }
}

#[cfg(test)]
mod tests {
    use attache_core::id::TenantId;
    use uuid::Uuid;

    use super::*;

    fn bytes() -> Vec<u8> {
        write(&State::empty(TenantId(Uuid::from_u128(1)))).unwrap()
    }

    #[test]
    fn what_is_cut_off_or_changed_is_no_state() {
        let bytes = bytes();
        assert!(read(&bytes).is_ok());
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "{length}");
        }
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 0x55;
            // It may be another state, and is never the end of the program.
            let _ = read(&changed);
        }
    }

    #[test]
    fn what_stands_twice_is_no_state() {
        assert!(read(&bytes().repeat(2)).is_err());
    }

    #[test]
    fn every_frame_is_read_once_and_in_its_place() {
        let first = |tenant| {
            let state = State::empty(TenantId(Uuid::from_u128(tenant)));
            state.facts().into_parts(1).next().unwrap()
        };
        let expected: Vec<Part> = (0..20).map(first).collect();
        let mut compressor = Compressor::new(LEVEL).unwrap();
        let frame = |part| compressor.compress(&postcard::to_allocvec(part).unwrap());
        let frames: Vec<Vec<u8>> = expected
            .iter()
            .map(frame)
            .collect::<Result<_, _>>()
            .unwrap();
        let all = frames.concat();
        let found = super::frames(&all).unwrap();
        assert_eq!(found, frames);
        assert_eq!(parts(&found).unwrap(), expected);
    }
}
