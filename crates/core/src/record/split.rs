//! An entry apart.

use std::borrow::Cow;
use std::collections::BTreeMap;

use uuid::Uuid;

use super::masked::Masked;
use super::part::Content;
use super::{Private, RecordError};
use crate::entry::Entry;

/// How long a change is as JSON, roughly: that somebody was attached.
const CHANGE_BYTES: usize = 160;

/// What is stored of an entry beside its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The changes as JSON, without what names a person or a company.
    pub changes: String,
    /// The private parts, in the order of the things that they are about.
    pub private: Vec<Private>,
}

/// Take an entry apart. The same entry gives the same bytes each time.
///
/// # Errors
/// If the entry was not given its salts.
pub fn split(entry: &Entry) -> Result<Stored, RecordError> {
    let changes = &entry.changes;
    // Room made for them: an import's entries are large, and room that grows is copied.
    let mut json = Vec::with_capacity(changes.list.len() * CHANGE_BYTES + 2);
    let mut contents: BTreeMap<Uuid, Content<'_>> = BTreeMap::new();
    json.push(b'[');
    for (at, change) in changes.list.iter().enumerate() {
        if at > 0 {
            json.push(b',');
        }
        match Masked::of(change) {
            None => serde_json::to_writer(&mut json, change),
            Some((about, masked, words)) => {
                contents.entry(about).or_default().changes.push(words);
                serde_json::to_writer(&mut json, &masked)
            }
        }
        .map_err(RecordError::Changes)?;
    }
    json.push(b']');
    for (user, profile) in &changes.profiles {
        contents.entry(user.0).or_default().profile = Some(profile.into());
    }
    if let Some(reason) = &changes.reason {
        contents.entry(entry.id.0).or_default().reason = Some(Cow::Borrowed(reason));
    }
    let part = |(about, content): (Uuid, Content<'_>)| {
        let salt = changes.salts.get(&about);
        let salt = *salt.ok_or(RecordError::Unsalted(about))?;
        let data = serde_json::to_string(&content);
        let data = data.map_err(|cause| RecordError::Part { about, cause })?;
        let data = data.into();
        Ok(Private { about, salt, data })
    };
    let invalid = |error| RecordError::Changes(serde::ser::Error::custom(error));
    Ok(Stored {
        changes: String::from_utf8(json).map_err(invalid)?,
        private: contents
            .into_iter()
            .map(part)
            .collect::<Result<_, RecordError>>()?,
    })
}
