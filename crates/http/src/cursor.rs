//! Cursors: where a list goes on, as a text that callers send back.
//!
//! A cursor holds the last thing of a page and a fingerprint of its list, so that the
//! cursor of another tenant, path or filter leads nowhere. It is not secret, and what
//! somebody makes up leads to nothing that a request without a cursor would not give.
//! Personal data in it is sealed first, see [`crate::seal`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The fingerprint of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListId(String);

/// Why a text is no cursor of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCursor {
    /// No cursor that attache gave.
    NotOurs,
    /// The cursor of another list.
    OtherList,
}

impl NoCursor {
    /// What is wrong, as the end of a sentence about the parameter.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotOurs => "is none that attache gave",
            Self::OtherList => "is of another list: its filters and order must stay as they were",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Cursor<P> {
    list: String,
    after: P,
}

impl ListId {
    /// The fingerprint of all that tells a list apart: its tenant, its path, and what is
    /// asked for besides the page.
    #[must_use]
    pub fn of(list: &[u8]) -> Self {
        Self(fingerprint(&[list], 9))
    }

    /// The cursor to what comes after a place. `None` for a place that is not JSON.
    pub fn cursor<P: Serialize>(&self, after: P) -> Option<String> {
        let list = self.0.clone();
        encode(&Cursor { list, after })
    }

    /// The place in a cursor of this list.
    ///
    /// # Errors
    /// If the text is no cursor, or that of another list.
    pub fn place<P: DeserializeOwned>(&self, cursor: &str) -> Result<P, NoCursor> {
        let cursor: Cursor<P> = decode(cursor).ok_or(NoCursor::NotOurs)?;
        match cursor.list == self.0 {
            true => Ok(cursor.after),
            false => Err(NoCursor::OtherList),
        }
    }
}

/// A hash of some bytes, of which so many bytes are kept.
#[must_use]
pub fn fingerprint(parts: &[&[u8]], bytes: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize().get(..bytes).unwrap_or_default())
}

/// A value as a text for a query. `None` if it is not JSON.
pub fn encode<T: Serialize>(value: &T) -> Option<String> {
    let json = serde_json::to_vec(value).ok()?;
    Some(URL_SAFE_NO_PAD.encode(json))
}

/// The value in a text.
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
