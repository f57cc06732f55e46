//! Long changes, compressed. Short ones stay text that people read in the database.

use attache_core::cause::Cause;
use zstd::zstd_safe;

/// From so many bytes on, changes are compressed.
const LONG: usize = 4_096;

/// The form of what follows the first byte: a zstd frame that says how long its content is.
const ZSTD: u8 = 1;

/// How hard to compress: 1 is fast and takes off most of it.
const LEVEL: i32 = 1;

/// How long changes may be: PostgreSQL takes no text that is longer.
const MOST: u64 = 1 << 30;

/// Changes in their packed form; `None` for short changes.
pub(super) fn pack(changes: &str) -> Result<Option<Vec<u8>>, Cause> {
    if changes.len() < LONG {
        return Ok(None);
    }
    let mut packed = zstd::bulk::compress(changes.as_bytes(), LEVEL).map_err(Cause::new)?;
    packed.insert(0, ZSTD);
    Ok(Some(packed))
}

/// The changes that were packed.
pub(super) fn unpack(packed: &[u8]) -> Result<String, Cause> {
    let length = length(packed)?;
    let frame = packed.get(1..).unwrap_or_default();
    let capacity = usize::try_from(length).map_err(Cause::new)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(capacity).map_err(Cause::new)?;
    let mut decompressor = zstd::bulk::Decompressor::new().map_err(Cause::new)?;
    let unpacked = decompressor.decompress_to_buffer(frame, &mut bytes);
    unpacked.map_err(Cause::new)?;
    String::from_utf8(bytes).map_err(Cause::new)
}

/// How many bytes packed changes have, by their first 19 bytes: a frame says so in 18.
pub(super) fn length(start: &[u8]) -> Result<u64, Cause> {
    match start {
        [ZSTD, frame @ ..] => match zstd_safe::get_frame_content_size(frame) {
            Ok(Some(length)) if length <= MOST => Ok(length),
            _ => Err(Cause::text("its packed changes are damaged")),
        },
        [form, ..] => Err(Cause::text(format!(
            "its changes are packed in form {form}, and this version knows form {ZSTD}"
        ))),
        [] => Err(Cause::text("its packed changes are empty")),
    }
}

#[cfg(test)]
mod tests {
    use attache_core::cause::chain;

    use super::*;

    fn changes(count: usize) -> String {
        let one = r#"{"type":"member_added","resource":"0195ae00-0000-7000-8000-000000000012"}"#;
        format!("[{}]", vec![one; count].join(","))
    }

    #[test]
    fn long_changes_come_back_and_short_ones_stay_text() {
        assert_eq!(pack(&changes(50)).unwrap(), None);
        for count in [60, 10_000] {
            let long = changes(count);
            let packed = pack(&long).unwrap().unwrap();
            assert!(packed.len() < long.len() / 10);
            assert_eq!(length(&packed[..19]).unwrap(), long.len() as u64);
            assert_eq!(unpack(&packed).unwrap(), long);
        }
    }

    #[test]
    fn damaged_and_unknown_forms_are_errors() {
        let packed = pack(&changes(100)).unwrap().unwrap();
        for length in 0..packed.len() {
            assert!(unpack(&packed[..length]).is_err(), "{length}");
        }
        let error = unpack(&[&[7], &packed[1..]].concat()).unwrap_err();
        assert!(chain(&error).to_string().contains("form 7"), "{error}");
        // A frame that says that it is larger than any entry takes no memory.
        let endless = [
            1, 0x28, 0xB5, 0x2F, 0xFD, 0xC0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        ];
        assert!(unpack(&endless).is_err());
    }
}
