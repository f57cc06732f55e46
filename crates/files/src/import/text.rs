//! Decodes the text of a file in the encodings that spreadsheets write.

/// The fault of a file that is not text: the line, from 1, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoText {
    pub(super) line: u64,
    pub(super) reason: &'static str,
}

const UTF_8: &str = "is not UTF-8; save the file as \"CSV UTF-8\"";
const UTF_16: &str = "is not UTF-16, as the beginning of the file says; save it as \"CSV UTF-8\"";
const NUL: &str = "holds a NUL character, which no text has; save the file as \"CSV UTF-8\"";

/// Decodes UTF-8 and UTF-16, with or without a byte order mark. Removes the mark.
///
/// # Errors
/// The first line that cannot be decoded, or that has a NUL.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, NoText> {
    let text = match *bytes.as_slice() {
        [0xff, 0xfe, ref rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, ref rest @ ..] => utf_16(rest, u16::from_be_bytes),
        // Without a mark: names of columns are ASCII, so every other byte at the
        // beginning is zero.
        [a, 0, b, 0, ..] if a != 0 && b != 0 => utf_16(&bytes, u16::from_le_bytes),
        [0, a, 0, b, ..] if a != 0 && b != 0 => utf_16(&bytes, u16::from_be_bytes),
        _ => utf_8(bytes),
    }?;
    match text.find('\0') {
        None => Ok(text),
        Some(at) => Err(NoText {
            line: line_at(text.as_bytes(), at),
            reason: NUL,
        }),
    }
}

fn utf_8(bytes: Vec<u8>) -> Result<String, NoText> {
    let mut text = String::from_utf8(bytes).map_err(|error| NoText {
        line: line_at(error.as_bytes(), error.utf8_error().valid_up_to()),
        reason: UTF_8,
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

fn utf_16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Result<String, NoText> {
    let pairs = bytes.chunks_exact(2);
    let is_whole = pairs.remainder().is_empty();
    let units = pairs.map(|pair| match *pair {
        [a, b] => unit([a, b]),
        _ => 0,
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    let wrong = |text: &str| NoText {
        line: line_at(text.as_bytes(), text.len()),
        reason: UTF_16,
    };
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok(c) => text.push(c),
            Err(_) => return Err(wrong(&text)),
        }
    }
    match is_whole {
        true => Ok(text),
        false => Err(wrong(&text)),
    }
}

/// Returns the line of an offset, from 1.
fn line_at(bytes: &[u8], offset: usize) -> u64 {
    Lines::new(bytes).at(offset)
}

/// Counts lines. A line ends with LF, CR or CRLF.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            counted: 0,
            line: 1,
        }
    }

    /// Returns the line of an offset. Offsets must not decrease between calls.
    pub(super) fn at(&mut self, offset: usize) -> u64 {
        let mut before = match self.counted {
            0 => None,
            counted => self.bytes.get(counted - 1).copied(),
        };
        let passed = self.bytes.get(self.counted..offset).unwrap_or_default();
        if !passed.contains(&b'\r') {
            let ends = passed.iter().filter(|byte| **byte == b'\n').count();
            let is_half = before == Some(b'\r') && passed.first() == Some(&b'\n');
            self.line += (ends - usize::from(is_half)) as u64;
        } else {
            for byte in passed {
                let ends = match byte {
                    b'\r' => true,
                    b'\n' => before != Some(b'\r'),
                    _ => false,
                };
                self.line += u64::from(ends);
                before = Some(*byte);
            }
        }
        self.counted = self.counted.max(offset);
        self.line
    }

    /// Returns the line of the first character at or after an offset that does not end a
    /// line.
    pub(super) fn after_blank(&mut self, offset: usize) -> u64 {
        let rest = self.bytes.get(offset..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let offset = offset + blank.count();
        self.at(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16_of(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf_8_and_utf_16_are_decoded_with_and_without_a_mark() {
        let text = "key,name\nada,Zoë 李 😀\n";
        let marked = format!("\u{feff}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            utf_16_of(&marked, u16::to_le_bytes),
            utf_16_of(&marked, u16::to_be_bytes),
            utf_16_of(text, u16::to_le_bytes),
            utf_16_of(text, u16::to_be_bytes),
        ] {
            assert_eq!(decode(bytes).unwrap(), text);
        }
        assert_eq!(decode(Vec::new()).unwrap(), "");
    }

    #[test]
    fn what_is_no_text_is_told_with_its_line() {
        let latin = b"key,name\r\nada,Ada\r\nzoe,Zo\xeb\r\n".to_vec();
        assert_eq!(
            decode(latin),
            Err(NoText {
                line: 3,
                reason: UTF_8
            })
        );
        assert_eq!(
            decode(b"key\rada\rb\0b\r".to_vec()),
            Err(NoText {
                line: 3,
                reason: NUL
            })
        );
        let mut cut = utf_16_of("\u{feff}key\nada\n", u16::to_le_bytes);
        cut.push(b'x');
        assert_eq!(
            decode(cut),
            Err(NoText {
                line: 3,
                reason: UTF_16
            })
        );
        let mut lone = utf_16_of("\u{feff}key\nada", u16::to_le_bytes);
        lone.extend(0xd800u16.to_le_bytes());
        lone.extend(u16::to_le_bytes(b'\n'.into()));
        assert_eq!(
            decode(lone),
            Err(NoText {
                line: 2,
                reason: UTF_16
            })
        );
    }

    #[test]
    fn lines_end_with_lf_cr_or_both() {
        for text in ["a\nb\nc", "a\rb\rc", "a\r\nb\r\nc"] {
            let bytes = text.as_bytes();
            let lines: Vec<u64> = ["a", "b", "c"]
                .iter()
                .map(|letter| line_at(bytes, text.find(letter).unwrap()))
                .collect();
            assert_eq!(lines, [1, 2, 3], "{text:?}");
        }
        // Asked for in the middle of CRLF, too.
        let mut lines = Lines::new(b"a\r\nb");
        assert_eq!((lines.at(2), lines.at(3)), (2, 2));
        assert_eq!(Lines::new(b"\n\r\n\nx").after_blank(0), 4);
    }
}
