//! A state as bytes.

use std::io::BufWriter;

use attache_core::State;

/// The form in which snapshots are written now. Others are not read: the
/// entries say it all.
pub(super) const FORMAT: i64 = 3;

/// How hard to compress: 1 is fast and takes off most of it.
const LEVEL: i32 = 1;

/// How much is handed over to be compressed at once, in bytes.
const BLOCK: usize = 1 << 17;

/// The bytes of a state. Takes as long as the state is large: not for an async thread.
pub(super) fn write(state: &State) -> Result<Vec<u8>, String> {
    let facts = state.facts();
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), LEVEL).map_err(|e| e.to_string())?;
    // Whoever reads it can make room for it at once.
    let length = postcard::experimental::serialized_size(&facts).map_err(|e| e.to_string())?;
    let length = u64::try_from(length).ok();
    let pledged = encoder.set_pledged_src_size(length);
    pledged.map_err(|e| e.to_string())?;
    // What is written comes by the byte, and is compressed by the block.
    let encoder = BufWriter::with_capacity(BLOCK, encoder);
    let encoder = postcard::to_io(&facts, encoder).map_err(|e| e.to_string())?;
    let encoder = encoder.into_inner().map_err(|e| e.to_string())?;
    encoder.finish().map_err(|e| e.to_string())
}

/// The state that bytes hold. Takes as long as the state is large.
pub(super) fn read(bytes: &[u8]) -> Result<State, String> {
    let bytes = decompressed(bytes)?;
    let facts = postcard::from_bytes(&bytes).map_err(|e| e.to_string())?;
    drop(bytes);
    State::from_facts(facts).map_err(|e| e.to_string())
}

/// Into room that is made once: a buffer that grows is copied each time, and
/// more memory is waited for than is needed.
fn decompressed(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let length = zstd::zstd_safe::get_frame_content_size(bytes);
    let length = length.map_err(|e| e.to_string())?.unwrap_or_default();
    let length = usize::try_from(length).map_err(|e| e.to_string())?;
    let mut room = Vec::new();
    room.try_reserve_exact(length).map_err(|e| e.to_string())?;
    zstd::stream::copy_decode(bytes, &mut room).map_err(|e| e.to_string())?;
    Ok(room)
}
