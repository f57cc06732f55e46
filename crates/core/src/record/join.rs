//! An entry put together again.

use std::collections::BTreeMap;
use std::vec;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::masked::{END, Masked};
use super::part::Content;
use super::words::Words;
use super::{Commitments, Private, RecordError};
use crate::change::Change;
use crate::entry::Changes;
use crate::id::UserId;

/// Put changes together with the private parts that are still there. A part that the entry
/// holds no commitment to is left aside; a part that is not there was erased.
///
/// # Errors
/// If the changes or a part cannot be read, or a part is not the one that the entry was
/// written with.
pub fn join(
    changes: &str,
    commitments: &Commitments,
    private: Vec<Private>,
) -> Result<Changes, RecordError> {
    if commitments.is_empty() {
        let list = serde_json::from_str(changes).map_err(RecordError::Changes)?;
        return Ok(Changes {
            list,
            ..Changes::default()
        });
    }
    let mut whole = Changes::default();
    let mut left: BTreeMap<Uuid, vec::IntoIter<Words<'static>>> = BTreeMap::new();
    for part in private {
        let about = part.about;
        match commitments.get(about) {
            None => continue,
            Some(held) if held != part.commitment() => return Err(RecordError::Another(about)),
            Some(_) => {}
        }
        let content: Content<'static> =
            serde_json::from_str(&part.data).map_err(|cause| RecordError::Part { about, cause })?;
        whole.salts.insert(about, part.salt);
        if let Some(profile) = content.profile {
            whole.profiles.insert(UserId(about), profile.into());
        }
        if let Some(reason) = content.reason {
            whole.reason = Some(reason.into_owned());
        }
        left.insert(about, content.changes.into_iter());
    }
    let lines: Vec<&RawValue> = serde_json::from_str(changes).map_err(RecordError::Changes)?;
    whole.list.reserve_exact(lines.len());
    for line in lines {
        whole.list.push(change(line.get(), commitments, &mut left)?);
    }
    match left.into_iter().find(|(_, words)| words.len() > 0) {
        // What was taken from a change is not in the changes any more.
        Some((about, _)) => Err(RecordError::Another(about)),
        None => Ok(whole),
    }
}

fn change(
    line: &str,
    commitments: &Commitments,
    left: &mut BTreeMap<Uuid, vec::IntoIter<Words<'static>>>,
) -> Result<Change, RecordError> {
    if !line.ends_with(END) {
        return serde_json::from_str(line).map_err(RecordError::Changes);
    }
    let masked: Masked = serde_json::from_str(line).map_err(RecordError::Changes)?;
    let about = masked.about();
    if commitments.get(about).is_none() {
        return Err(RecordError::Uncommitted(about));
    }
    let words = match left.get_mut(&about) {
        Some(words) => Some(words.next().ok_or(RecordError::Lacking(about))?),
        None => None,
    };
    masked.whole(words)
}
