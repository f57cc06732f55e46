//! Writes JSON of a bounded size.

use std::io;

use serde::Serialize;

use super::Problem;

/// The first size of the buffer for an answer: enough for a list of a few dozen users. It
/// grows as needed.
pub const ROOM: usize = 16 * 1024;

/// Why JSON was not written.
#[derive(Debug)]
pub(super) enum Unwritten {
    /// The JSON exceeds the bound.
    TooLong,
    /// The value cannot be written as JSON, which is a defect.
    Json(serde_json::Error),
}

impl From<Unwritten> for Problem {
    fn from(error: Unwritten) -> Self {
        match error {
            Unwritten::TooLong => tracing::error!("an answer is too long"),
            Unwritten::Json(error) => tracing::error!(%error, "an answer could not be written"),
        }
        Self::Internal
    }
}

/// Appends a value as JSON to bytes, up to `most` bytes in total.
pub(super) fn append(
    bytes: Vec<u8>,
    most: usize,
    value: &impl Serialize,
) -> Result<Vec<u8>, Unwritten> {
    let sink = Sink {
        bytes,
        most,
        is_full: false,
    };
    // Moves the buffer: through a reference, each quote and comma would be a call.
    let mut json = serde_json::Serializer::new(sink);
    let done = value.serialize(&mut json);
    let sink = json.into_inner();
    match done {
        Ok(()) => Ok(sink.bytes),
        Err(_) if sink.is_full => Err(Unwritten::TooLong),
        Err(error) => Err(Unwritten::Json(error)),
    }
}

struct Sink {
    bytes: Vec<u8>,
    most: usize,
    is_full: bool,
}

impl Sink {
    /// Makes room for more bytes, and checks the bound.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) -> io::Result<()> {
        let needed = self.bytes.len().saturating_add(more);
        if needed > self.most {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let twice = self.bytes.capacity().saturating_mul(2);
        let wanted = needed.max(twice).min(self.most);
        self.bytes.reserve_exact(wanted - self.bytes.len());
        Ok(())
    }
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    // Inlined, since most writes are a single quote or comma: calls take a fifth of the
    // instructions of a list of effective members.
    #[inline(always)]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() > self.bytes.capacity() - self.bytes.len() {
            self.grow(bytes.len())?;
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_fill_the_room_and_no_more() {
        let text = "x".repeat(98);
        for (room, most, fits) in [
            (0, 100, true),
            (100, 100, true),
            (0, 99, false),
            (7, 99, false),
        ] {
            let written = append(Vec::with_capacity(room), most, &text);
            match fits {
                true => assert_eq!(written.unwrap(), format!("\"{text}\"").into_bytes()),
                false => assert!(matches!(written, Err(Unwritten::TooLong))),
            }
        }
    }

    #[test]
    fn a_value_stands_behind_the_one_before() {
        let bytes = append(b"[".to_vec(), usize::MAX, &1).unwrap();
        assert_eq!(append(bytes, usize::MAX, &"a").unwrap(), b"[1\"a\"");
    }
}
