//! What the headers of a write say of its entry: why, for whom, and who approved it.

use attache_core::model::Reason;
use attache_core::{HeadRequest, Origin, Refusal};
use http::{HeaderMap, HeaderName};

use super::naming;

/// Why the caller writes, as text.
pub const REASON: HeaderName = HeaderName::from_static("attache-reason");
/// The user for whom the caller writes.
pub const ON_BEHALF_OF: HeaderName = HeaderName::from_static("attache-on-behalf-of");
/// The user who approved what the caller writes.
pub const APPROVED_BY: HeaderName = HeaderName::from_static("attache-approved-by");
/// The program that sends a request of attache's own API: `cli` for the command line.
pub const CLIENT: HeaderName = HeaderName::from_static("attache-client");

/// What the headers say of an entry, and the door through which the request came. The users
/// are looked up where the write is decided.
///
/// # Errors
/// [`Refusal::Invalid`] if a header stands twice, holds no text in the form of [`encoded`], or
/// no reason. [`Problem::of_head`](crate::Problem::of_head) names the header.
pub fn read(headers: &HeaderMap, door: Origin) -> Result<HeadRequest, Refusal> {
    let reason = text(headers, REASON, "reason")?;
    let reason = reason.map(|text| Reason::new(&text)).transpose();
    let user = |name, field| {
        let text = text(headers, name, field)?;
        Ok::<_, Refusal>(text.map(|text| naming::reference(&text)))
    };
    Ok(HeadRequest {
        origin: origin(headers, door),
        on_behalf_of: user(ON_BEHALF_OF, "on_behalf_of")?,
        approved_by: user(APPROVED_BY, "approved_by")?,
        reason: reason.map_err(|wrong| invalid("reason", wrong))?,
    })
}

/// Refuses the headers on a write that has no entry.
///
/// # Errors
/// [`Refusal::Invalid`] for the first header that is there, with the reason.
pub fn refuse(headers: &HeaderMap, reason: &str) -> Result<(), Refusal> {
    let said = [
        (REASON, "reason"),
        (ON_BEHALF_OF, "on_behalf_of"),
        (APPROVED_BY, "approved_by"),
    ];
    let mut said = said.iter().filter(|(name, _)| headers.contains_key(name));
    match said.next() {
        Some((_, field)) => Err(invalid(field, reason)),
        None => Ok(()),
    }
}

fn invalid(field: &str, reason: &str) -> Refusal {
    Refusal::Invalid {
        field: field.into(),
        reason: reason.into(),
    }
}

/// The header that says a field of an entry's head.
pub(super) fn header_of(field: &str) -> Option<&'static str> {
    match field {
        "reason" => Some("Attache-Reason"),
        "on_behalf_of" => Some("Attache-On-Behalf-Of"),
        "approved_by" => Some("Attache-Approved-By"),
        _ => None,
    }
}

/// The command line says of itself that it is, and may do no more for that.
fn origin(headers: &HeaderMap, door: Origin) -> Origin {
    let is_cli = || headers.get(CLIENT).is_some_and(|client| client == "cli");
    match door == Origin::API && is_cli() {
        true => Origin::CLI,
        false => door,
    }
}

/// The text in a header that stands once at most.
fn text(headers: &HeaderMap, name: HeaderName, field: &str) -> Result<Option<String>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(invalid(field, "must stand once"));
    }
    match decoded(value.as_bytes()) {
        Some(text) if text.is_empty() => Err(invalid(field, "must not be empty")),
        Some(text) => Ok(Some(text)),
        None => Err(invalid(
            field,
            "must be printable ASCII; any other character, and %, is written as the bytes of its \
             UTF-8, each as % and two hexadecimal digits",
        )),
    }
}

/// A text in printable ASCII, in which `%` and two hexadecimal digits stand for a byte of
/// UTF-8: as in RFC 8187, section 3.2.1, without the name of the charset before it. `None` if
/// it is none.
fn decoded(value: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(*rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            b' '..=b'~' => *byte,
            _ => return None,
        });
    }
    String::from_utf8(bytes).ok()
}

/// A text as it stands in a header, which [`read`] reads back.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'%' => value.push_str("%25"),
            b' '..=b'~' => value.push(char::from(byte)),
            _ => value.push_str(&format!("%{byte:02X}")),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        for text in ["Left the company.", "100 %", "Zoë says: 離職", "a%20b"] {
            let value = encoded(text);
            assert!(value.is_ascii());
            assert_eq!(decoded(value.as_bytes()).as_deref(), Some(text));
        }
        assert_eq!(decoded(b"Zo%c3%ab").as_deref(), Some("Zo\u{eb}"));
    }

    #[test]
    fn what_is_not_encoded_is_refused() {
        for value in [&b"100%"[..], b"%zz", b"%C3", b"Zo\xc3\xab", b"a\tb", b"%+1"] {
            assert_eq!(decoded(value), None, "{value:?}");
        }
    }

    #[test]
    fn only_the_own_api_takes_the_word_of_the_command_line() {
        let mut headers = HeaderMap::new();
        headers.insert(CLIENT, http::HeaderValue::from_static("cli"));
        assert_eq!(origin(&headers, Origin::API), Origin::CLI);
        let door = Origin::of_door("voicebot");
        assert_eq!(origin(&headers, door), door);
        headers.insert(CLIENT, http::HeaderValue::from_static("attache"));
        assert_eq!(origin(&headers, Origin::API), Origin::API);
    }
}
