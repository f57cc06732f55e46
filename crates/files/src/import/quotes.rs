//! Checks the quotes around values of a CSV file.

/// The position of the check within a value.
enum At {
    Start,
    Plain,
    Quoted,
    Closed,
}

/// Returns the fault of the quotes in a raw record. Readers of CSV accept such quotes
/// silently, and lose the rest or make it part of the value.
pub(super) fn fault(raw: &[u8], separator: u8) -> Option<&'static str> {
    if !raw.contains(&b'"') {
        return None;
    }
    let mut at = At::Start;
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let ends = byte == separator || matches!(byte, b'\r' | b'\n');
        at = match at {
            At::Start if byte == b'"' => At::Quoted,
            At::Start | At::Plain if ends => At::Start,
            At::Start | At::Plain => At::Plain,
            At::Quoted if byte == b'"' && bytes.peek() == Some(&b'"') => {
                bytes.next();
                At::Quoted
            }
            At::Quoted if byte == b'"' => At::Closed,
            At::Quoted => At::Quoted,
            At::Closed if ends => At::Start,
            At::Closed if byte == b' ' => At::Closed,
            At::Closed => return Some("a value goes on behind the quote that closes it"),
        };
    }
    match at {
        At::Quoted => Some("a quote is opened and never closed: the file may be cut off"),
        At::Start | At::Plain | At::Closed => None,
    }
}
