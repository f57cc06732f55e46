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
    let encoder = zstd::stream::Encoder::new(Vec::new(), LEVEL).map_err(|e| e.to_string())?;
    // What is written comes by the byte, and is compressed by the block.
    let encoder = BufWriter::with_capacity(BLOCK, encoder);
    let encoder = postcard::to_io(&state.facts(), encoder).map_err(|e| e.to_string())?;
    let encoder = encoder.into_inner().map_err(|e| e.to_string())?;
    encoder.finish().map_err(|e| e.to_string())
}

/// The state that bytes hold. Takes as long as the state is large.
pub(super) fn read(bytes: &[u8]) -> Result<State, String> {
    let bytes = zstd::stream::decode_all(bytes).map_err(|e| e.to_string())?;
    let facts = postcard::from_bytes(&bytes).map_err(|e| e.to_string())?;
    State::from_facts(facts).map_err(|e| e.to_string())
}
