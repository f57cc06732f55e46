//! A state as bytes: a head, and the state's facts in parts, each a zstd frame.
//!
//! The head holds the SHA-256 of every frame, and ends with its own. So no byte
//! of a snapshot is used that is not as it was written.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 4 | the form: [`FORMAT`] |
//! | 16, 8, 16 | tenant, revision, last entry |
//! | 4 | number of frames |
//! | 36 each | length and SHA-256 of a frame |
//! | 32 | SHA-256 of all bytes before it |
//! | the rest | the frames |
//!
//! Numbers are little-endian.

use std::io::Read;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use attache_core::State;
use attache_core::cause::Cause;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::state::{Facts, Part};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe;

use super::LogError;

/// The form in which snapshots are written now. Others are not read: the
/// entries say it all.
pub(super) const FORMAT: u32 = 9;

/// The first bytes of every snapshot since form 5.
const MAGIC: [u8; 8] = *b"attache\n";

/// How many bytes there are before the lengths of the frames.
const FIXED: usize = 8 + 4 + 16 + 8 + 16 + 4;

/// Where the form stands among them.
const FORM: std::ops::Range<usize> = 8..12;

/// How hard to compress: 1 is fast and takes off most of it.
const LEVEL: i32 = 1;

/// How many users or resources a part holds: some megabytes. What is unpacked at
/// once stays in reach of the processor, and every thread has parts to read.
const THINGS: usize = 16_384;

/// How many threads read at the most.
const THREADS: usize = 4;

/// How long to pause after a part at the most, where others are to go first.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

type Checksum = [u8; 32];

/// A tenant's state at a revision, compressed and with checksums, as it is saved.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The tenant whose state it is.
    pub tenant: TenantId,
    /// The state's revision.
    pub revision: Revision,
    /// The entry at the state's revision. The snapshot counts only while the log has this
    /// entry.
    pub last_entry: EntryId,
    pub(super) bytes: Arc<Vec<u8>>,
}

/// How fast a snapshot is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// As fast as one thread can.
    Full,
    /// After each part it pauses for as long as the part took.
    Half,
}

impl Snapshot {
    /// Returns the snapshot of a state. Runs on a thread of its own, for a time in
    /// proportion to the state.
    ///
    /// # Errors
    /// If there is no memory for the bytes.
    pub async fn of(state: Arc<State>) -> Result<Self, LogError> {
        Self::made(state, Pace::Full).await
    }

    /// Returns the snapshot of a state, at half the pace of [`of`](Self::of): the thread
    /// pauses after each part for as long as the part took, so that requests get the
    /// processor.
    ///
    /// # Errors
    /// If there is no memory for the bytes.
    pub async fn of_gently(state: Arc<State>) -> Result<Self, LogError> {
        Self::made(state, Pace::Half).await
    }

    async fn made(state: Arc<State>, pace: Pace) -> Result<Self, LogError> {
        let (tenant, revision) = (state.tenant(), state.revision());
        let last_entry = last_entry(&state);
        let bytes = tokio::task::spawn_blocking(move || write(&state, pace))
            .await
            .map_err(LogError::caused)?
            .map_err(LogError::Unavailable)?;
        Ok(Self {
            tenant,
            revision,
            last_entry,
            bytes: Arc::new(bytes),
        })
    }

    /// Returns the state. Blocks for a time in proportion to the state: not for an async
    /// thread.
    ///
    /// # Errors
    /// If the bytes are damaged, or in the form of another version.
    pub fn state(&self) -> Result<State, Unusable> {
        read(&self.bytes)
    }

    /// Returns the compressed facts within the bytes of a snapshot, without the head. The
    /// checksums of the facts are not verified.
    ///
    /// # Errors
    /// If the head is damaged, or in the form of another version.
    pub fn frames_of(bytes: &[u8]) -> Result<&[u8], Unusable> {
        let mut rest = bytes;
        Head::read(&mut rest)?;
        Ok(rest)
    }
}

/// A state without entries has none.
fn last_entry(state: &State) -> EntryId {
    state.last_entry().unwrap_or(EntryId(Uuid::nil()))
}

/// The reason why a snapshot cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unusable {
    /// The snapshot is in the form of another version, with this number.
    #[error("it is in form {0}, and this version reads form {FORMAT}")]
    OtherForm(u32),
    /// The bytes are not as they were written.
    #[error("it is damaged")]
    Damaged(#[source] Cause),
}

fn damaged(reason: &'static str) -> Unusable {
    Unusable::Damaged(Cause::text(reason))
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> Unusable {
    Unusable::Damaged(Cause::new(error))
}

/// What stands before the frames.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) tenant: TenantId,
    pub(super) revision: Revision,
    pub(super) last_entry: EntryId,
    /// Length and checksum of each.
    frames: Vec<(usize, Checksum)>,
}

impl Head {
    /// The head at the beginning of a snapshot, which is read no further.
    pub(super) fn read(from: &mut impl Read) -> Result<Self, Unusable> {
        let mut fixed = [0; FIXED];
        from.read_exact(&mut fixed).map_err(unreadable)?;
        let mut fields = Fields(&fixed);
        if fields.take::<8>()? != MAGIC {
            return Err(damaged("it does not begin as a snapshot"));
        }
        let form = u32::from_le_bytes(fields.take()?);
        if form != FORMAT {
            return Err(in_another_form(fixed, form, from));
        }
        let tenant = TenantId(Uuid::from_bytes(fields.take()?));
        let revision = Revision(u64::from_le_bytes(fields.take()?));
        let last_entry = EntryId(Uuid::from_bytes(fields.take()?));
        let table = table(&fixed, from)?;
        let mut fields = Fields(&table);
        let mut frames = Vec::new();
        while !fields.0.is_empty() {
            let length = u32::from_le_bytes(fields.take()?);
            let length = usize::try_from(length).map_err(unreadable)?;
            frames.push((length, fields.take()?));
        }
        Ok(Self {
            tenant,
            revision,
            last_entry,
            frames,
        })
    }

    /// The bytes of a head.
    fn bytes(state: &State, frames: &[(u32, Checksum)]) -> Result<Vec<u8>, Cause> {
        let count = u32::try_from(frames.len()).map_err(Cause::new)?;
        let mut bytes = Vec::with_capacity(FIXED + 36 * frames.len() + 32);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(state.tenant().0.as_bytes());
        bytes.extend_from_slice(&state.revision().0.to_le_bytes());
        bytes.extend_from_slice(last_entry(state).0.as_bytes());
        bytes.extend_from_slice(&count.to_le_bytes());
        for (length, sum) in frames {
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(sum);
        }
        let own = Sha256::digest(&bytes);
        bytes.extend_from_slice(&own);
        Ok(bytes)
    }
}

/// Returns the lengths and checksums of the frames, as bytes, if the checksum of the head is
/// as it was written.
fn table(fixed: &[u8; FIXED], from: &mut impl Read) -> Result<Vec<u8>, Unusable> {
    let (_, count) = fixed
        .split_last_chunk()
        .ok_or_else(|| damaged("it ends too early"))?;
    let count = u64::from(u32::from_le_bytes(*count));
    // As much as is there: a damaged count takes no memory.
    let mut table = Vec::new();
    let mut of_table = from.by_ref().take(36 * count);
    of_table.read_to_end(&mut table).map_err(unreadable)?;
    let mut own: Checksum = [0; 32];
    from.read_exact(&mut own).map_err(unreadable)?;
    let mut sum = Sha256::new();
    sum.update(fixed);
    sum.update(&table);
    match sum.finalize()[..] == own {
        true => Ok(table),
        false => Err(damaged("the checksum of its head is another")),
    }
}

/// Tells a snapshot in another form from a snapshot in this form whose number of the form is
/// damaged: only the checksum of the second one is right with this form's number.
fn in_another_form(fixed: [u8; FIXED], form: u32, from: &mut impl Read) -> Unusable {
    let mut written = fixed;
    if let Some(bytes) = written.get_mut(FORM) {
        bytes.copy_from_slice(&FORMAT.to_le_bytes());
    }
    match table(&written, from) {
        Ok(_) => damaged("its form is not as it was written"),
        Err(_) => Unusable::OtherForm(form),
    }
}

/// How many bytes at the beginning of a snapshot name its state, for [`last_entry_of`].
pub(super) const NAMED: usize = FIXED - 4;

/// Returns the last entry that the first [`NAMED`] bytes of a snapshot name, if they also name
/// this tenant and revision. No checksum covers these bytes alone.
pub(super) fn last_entry_of(
    named: &[u8],
    tenant: TenantId,
    revision: Revision,
) -> Result<EntryId, Unusable> {
    let named = named.get(..NAMED);
    let mut fields = Fields(named.ok_or_else(|| damaged("it ends too early"))?);
    let (magic, form) = (fields.take::<8>()?, fields.take::<4>()?);
    let of = TenantId(Uuid::from_bytes(fields.take()?));
    let at = Revision(u64::from_le_bytes(fields.take()?));
    match (magic, u32::from_le_bytes(form), of, at) == (MAGIC, FORMAT, tenant, revision) {
        true => Ok(EntryId(Uuid::from_bytes(fields.take()?))),
        false => Err(damaged("its head is another state's")),
    }
}

/// Bytes from which fields are taken one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unusable> {
        let (field, rest) = self
            .0
            .split_first_chunk()
            .ok_or_else(|| damaged("it ends too early"))?;
        self.0 = rest;
        Ok(*field)
    }
}

/// The form that the bytes of a snapshot say they are in; `None` where they say
/// none: before form 5 they did not.
pub(super) fn form_of(bytes: &[u8]) -> Option<u32> {
    let form = bytes.strip_prefix(&MAGIC)?.first_chunk()?;
    Some(u32::from_le_bytes(*form))
}

/// The bytes of a state. Takes as long as the state is large: not for an async thread.
fn write(state: &State, pace: Pace) -> Result<Vec<u8>, Cause> {
    let mut compressor = Compressor::new(LEVEL).map_err(Cause::new)?;
    let (mut plain, mut all, mut frames) = (Vec::new(), Vec::new(), Vec::new());
    for part in state.facts().into_parts(THINGS) {
        let began = Instant::now();
        plain = postcard::to_extend(&part, plain).map_err(Cause::new)?;
        drop(part);
        let frame = compressor.compress(&plain).map_err(Cause::new)?;
        let length = u32::try_from(frame.len()).map_err(Cause::new)?;
        frames.push((length, Sha256::digest(&frame).into()));
        all.extend_from_slice(&frame);
        plain.clear();
        if pace == Pace::Half {
            thread::sleep(began.elapsed().min(LONGEST_PAUSE));
        }
    }
    let mut bytes = Head::bytes(state, &frames)?;
    bytes.append(&mut all);
    Ok(bytes)
}

/// The state that bytes hold. Takes as long as the state is large: not for an
/// async thread.
pub(super) fn read(bytes: &[u8]) -> Result<State, Unusable> {
    let mut rest = bytes;
    let head = Head::read(&mut rest)?;
    let frames = frames(&head, rest)?;
    let parts = parts(&frames).map_err(Unusable::Damaged)?;
    let facts = Facts::from_parts(parts).map_err(unreadable)?;
    let state = State::from_facts(facts).map_err(unreadable)?;
    let is_of = (state.tenant(), state.revision(), last_entry(&state));
    match is_of == (head.tenant, head.revision, head.last_entry) {
        true => Ok(state),
        false => Err(damaged("its head is another state's")),
    }
}

/// A frame, and the checksum that it must have.
type Frame<'a> = (&'a [u8], Checksum);

/// Where each frame lies. All bytes are a frame's.
fn frames<'a>(head: &Head, bytes: &'a [u8]) -> Result<Vec<Frame<'a>>, Unusable> {
    let mut rest = bytes;
    let mut frames = Vec::with_capacity(head.frames.len());
    for (length, sum) in &head.frames {
        let split = rest.split_at_checked(*length);
        let (frame, others) = split.ok_or_else(|| damaged("it is cut off"))?;
        frames.push((frame, *sum));
        rest = others;
    }
    match rest.is_empty() {
        true => Ok(frames),
        false => Err(damaged("something follows its last frame")),
    }
}

/// What the frames hold, read by as many threads as there are processors: half
/// of opening a tenant is this.
fn parts(frames: &[Frame<'_>]) -> Result<Vec<Part>, Cause> {
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
            let stopped = |_| Err(Cause::text("a thread that read stopped"));
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
fn some_parts(frames: &[Frame<'_>], next: &AtomicUsize) -> Result<Vec<(usize, Part)>, Cause> {
    let mut decompressor = Decompressor::new().map_err(Cause::new)?;
    let (mut plain, mut parts) = (Vec::new(), Vec::new());
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some((frame, sum)) = frames.get(at) else {
            return Ok(parts);
        };
        if Sha256::digest(frame)[..] != *sum {
            return Err(Cause::text(format!(
                "the checksum of frame {at} is another"
            )));
        }
        let length = zstd_safe::get_frame_content_size(frame);
        let length = length.map_err(|error| Cause::text(error.to_string()))?;
        let length = usize::try_from(length.unwrap_or_default()).map_err(Cause::new)?;
        plain.clear();
        plain.try_reserve(length).map_err(Cause::new)?;
        let unpacked = decompressor.decompress_to_buffer(frame, &mut plain);
        unpacked.map_err(Cause::new)?;
        let part = postcard::from_bytes(&plain).map_err(Cause::new)?;
        parts.push((at, part));
    }
}

/// The snapshot of a state without entries.
#[cfg(test)]
pub(super) fn of_nothing(tenant: TenantId) -> Vec<u8> {
    write(&State::empty(tenant), Pace::Full).unwrap()
}

/// A snapshot without frames or with some, as a version with another form writes it.
#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test that cannot go on fails")]
pub(super) fn in_form(mut bytes: Vec<u8>, form: u32) -> Vec<u8> {
    let mut rest = bytes.as_slice();
    Head::read(&mut rest).unwrap();
    let end = bytes.len() - rest.len() - 32;
    bytes[FORM].copy_from_slice(&form.to_le_bytes());
    let sum = Sha256::digest(&bytes[..end]);
    bytes[end..end + 32].copy_from_slice(&sum);
    bytes
}

#[cfg(test)]
mod tests {
    use attache_core::cause::chain;

    use super::*;

    fn empty(tenant: u128) -> State {
        State::empty(TenantId(Uuid::from_u128(tenant)))
    }

    fn bytes() -> Vec<u8> {
        write(&empty(1), Pace::Full).unwrap()
    }

    #[test]
    fn no_flipped_bit_and_no_cut_is_believed() {
        let bytes = bytes();
        assert_eq!(read(&bytes).unwrap(), empty(1));
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "{length}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn bytes_after_the_end_are_not_believed() {
        assert!(read(&bytes().repeat(2)).is_err());
        assert!(read(&[bytes(), vec![0]].concat()).is_err());
    }

    #[test]
    fn a_head_of_another_state_is_not_believed() {
        let (one, other) = (bytes(), write(&empty(2), Pace::Half).unwrap());
        let frames = |bytes: &'static [u8]| Snapshot::frames_of(bytes).unwrap();
        let (one, other): (&'static [u8], &'static [u8]) = (one.leak(), other.leak());
        let head = &one[..one.len() - frames(one).len()];
        assert!(read(&[head, frames(other)].concat()).is_err());
        let frame = frames(other);
        let sum = Sha256::digest(frame).into();
        let head = Head::bytes(&empty(1), &[(frame.len() as u32, sum)]).unwrap();
        let error = read(&[&head, frame].concat()).unwrap_err();
        assert_eq!(
            chain(&error).to_string(),
            "it is damaged: its head is another state's"
        );
    }

    #[test]
    fn another_form_is_named() {
        let bytes = bytes();
        assert_eq!(form_of(&bytes), Some(FORMAT));
        let mut damaged = bytes.clone();
        damaged[FORM.start] = 77;
        let error = read(&damaged).unwrap_err();
        assert!(matches!(error, Unusable::Damaged(_)), "{error}");
        let bytes = in_form(bytes, 77);
        assert!(matches!(read(&bytes), Err(Unusable::OtherForm(77))));
        assert_eq!(form_of(&bytes), Some(77));
        assert_eq!(form_of(b"\x28\xb5\x2f\xfd older"), None);
    }

    #[test]
    fn the_beginning_names_the_last_entry_of_its_own_state_only() {
        let bytes = bytes();
        let named = &bytes[..NAMED];
        let (tenant, revision) = (empty(1).tenant(), Revision(0));
        let last = last_entry_of(named, tenant, revision).unwrap();
        assert_eq!(last, EntryId(Uuid::nil()));
        for (tenant, revision) in [(empty(2).tenant(), revision), (tenant, Revision(1))] {
            assert!(last_entry_of(named, tenant, revision).is_err());
        }
        for length in 0..NAMED {
            assert!(last_entry_of(&named[..length], tenant, revision).is_err());
        }
    }

    #[test]
    fn every_frame_is_read_once_and_in_its_place() {
        let first = |tenant| empty(tenant).facts().into_parts(1).next().unwrap();
        let expected: Vec<Part> = (0..20).map(first).collect();
        let mut compressor = Compressor::new(LEVEL).unwrap();
        let frame = |part| compressor.compress(&postcard::to_allocvec(part).unwrap());
        let frames: Vec<Vec<u8>> = expected
            .iter()
            .map(frame)
            .collect::<Result<_, _>>()
            .unwrap();
        let with_sum = |frame: &'_ Vec<u8>| (frame.len(), Sha256::digest(frame).into());
        let state = empty(1);
        let head = Head {
            tenant: state.tenant(),
            revision: state.revision(),
            last_entry: last_entry(&state),
            frames: frames.iter().map(with_sum).collect(),
        };
        let all = frames.concat();
        let found = super::frames(&head, &all).unwrap();
        let lie: Vec<&[u8]> = found.iter().map(|(frame, _)| *frame).collect();
        assert_eq!(lie, frames);
        assert_eq!(parts(&found).unwrap(), expected);
    }
}
