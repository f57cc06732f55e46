//! Cursors: a text that tells where a list continues, which callers send back.
//!
//! A cursor has the last item of a page and a fingerprint of its list, so that a cursor
//! of another tenant, path or filter is refused. A cursor is not secret, and a forged
//! cursor gives nothing that a request without a cursor would not give. Personal data in
//! it is sealed first: see [`crate::seal`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The fingerprint of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListId(String);

/// Why a text is not a cursor of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCursor {
    /// The text is not a cursor that attache made.
    NotOurs,
    /// The cursor belongs to another list.
    OtherList,
}

impl NoCursor {
    /// Returns the fault, as the end of a sentence that starts with the parameter.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotOurs => "is none that attache gave",
            Self::OtherList => {
                "is of another list: its filters, order and moment must stay as they were"
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Cursor<P> {
    list: String,
    after: P,
}

impl ListId {
    /// Returns the fingerprint of a list, from all that identifies it: its tenant, its
    /// path and all parameters except those of the page.
    #[must_use]
    pub fn of(list: &[u8]) -> Self {
        Self(fingerprint(&[list], 9))
    }

    /// Returns the cursor to the items after a place. `None` if the place cannot be
    /// written as JSON.
    pub fn cursor<P: Serialize>(&self, after: P) -> Option<String> {
        let list = self.0.clone();
        encode(&Cursor { list, after })
    }

    /// Returns the place in a cursor of this list.
    ///
    /// # Errors
    /// If the text is not a cursor, or belongs to another list.
    pub fn place<P: DeserializeOwned>(&self, cursor: &str) -> Result<P, NoCursor> {
        let cursor: Cursor<P> = decode(cursor).ok_or(NoCursor::NotOurs)?;
        match cursor.list == self.0 {
            true => Ok(cursor.after),
            false => Err(NoCursor::OtherList),
        }
    }
}

/// Returns a hash of the parts, cut to `bytes` bytes.
#[must_use]
pub fn fingerprint(parts: &[&[u8]], bytes: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize().get(..bytes).unwrap_or_default())
}

/// Encodes a value as a text for a query. `None` if it cannot be written as JSON.
pub fn encode<T: Serialize>(value: &T) -> Option<String> {
    let json = serde_json::to_vec(value).ok()?;
    Some(URL_SAFE_NO_PAD.encode(json))
}

/// Decodes the value in a text.
pub fn decode<T: DeserializeOwned>(text: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_on_in_its_own_list_only() {
        let (list, other) = (ListId::of(b"a"), ListId::of(b"b"));
        let cursor = list.cursor((7_u32, "x")).unwrap();
        assert_eq!(list.place(&cursor), Ok((7_u32, "x".to_owned())));
        let there: Result<(u32, String), _> = other.place(&cursor);
        assert_eq!(there, Err(NoCursor::OtherList));
        for text in ["", "x", "e30", &cursor[1..]] {
            let read: Result<(u32, String), _> = list.place(text);
            assert_eq!(read, Err(NoCursor::NotOurs), "{text}");
        }
    }
}
