//! Entity tags of lists: one for each form of a list.

use attache_core::ask::View;
use attache_core::{Actor, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

/// The bytes of the hash that a tag has.
const LENGTH: usize = 16;
/// The entity tag of a list. Equal tags of one form mean equal bytes.
#[derive(Clone, Debug)]
pub struct ListTag(pub HeaderValue);

/// The form of a list in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListForm {
    /// As JSON.
    #[default]
    Json,
    /// As lines of JSON.
    Lines,
    /// As comma-separated values.
    Csv,
}

impl ListForm {
    /// Returns the end of the form's tags, which distinguishes them from those of JSON:
    /// other bytes need another tag (RFC 9110, 8.8.3).
    fn mark(self) -> &'static str {
        match self {
            Self::Json => "",
            Self::Lines => "-lines",
            Self::Csv => "-csv",
        }
    }

    /// Returns the tag of a list in this form, from its tag as JSON. `None` if that is
    /// not text.
    pub(super) fn tag(self, json: &ListTag) -> Option<ListTag> {
        let text = json.0.to_str().ok()?.trim_end_matches('"');
        HeaderValue::try_from(format!("{text}{}\"", self.mark()))
            .ok()
            .map(ListTag)
    }

    /// Returns whether a tag is that of a list in any form. `json` is the list's tag as
    /// JSON.
    pub(super) fn is_of(sent: &str, json: &str) -> bool {
        let bare = |tag: &str| {
            let inner = tag.strip_suffix('"')?;
            let marks = [Self::Lines.mark(), Self::Csv.mark()];
            let inner = marks.iter().find_map(|mark| inner.strip_suffix(mark));
            inner.map(|inner| format!("{inner}\""))
        };
        sent == json || bare(sent).is_some_and(|sent| sent == json)
    }
}

/// Returns all lines of a header, in their order.
pub(super) fn lines(headers: &HeaderMap, name: &HeaderName) -> Vec<HeaderValue> {
    headers.get_all(name).iter().cloned().collect()
}

/// Returns the tag of all lists of the present as JSON, as text: see [`tag`].
pub(super) fn tag_of(present: View<'_>, actor: Actor) -> Option<String> {
    let tag = tag(present, None, actor)?;
    tag.0.to_str().ok().map(str::to_owned)
}

/// Returns the tag of all lists as JSON that an actor is answered. A list follows from the
/// state, the expired memberships and grants, and the caller. A list of the past follows from
/// the present, which says what the caller sees, and from the past view. `None` for a tenant
/// without an entry.
pub(super) fn tag(present: View<'_>, past: Option<View<'_>>, actor: Actor) -> Option<ListTag> {
    let mut hash = Sha256::new();
    // Another version of attache may write the same list differently.
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(present.state().tenant().0);
    let mut add = |view: View<'_>| {
        let state = view.state();
        let expired = state.last_expired(view.at());
        let expired = expired.map_or(0, Timestamp::as_millis);
        hash.update(state.revision().0.to_be_bytes());
        hash.update(state.last_entry()?.0);
        hash.update(expired.to_be_bytes());
        Some(())
    };
    add(present)?;
    if let Some(past) = past {
        add(past)?;
    }
    let (kind, id) = match actor {
        Actor::User(id) => (1, id.0),
        Actor::Service(id) => (2, id.0),
        Actor::Operator => (3, uuid::Uuid::nil()),
        Actor::Attache => (4, uuid::Uuid::nil()),
    };
    hash.update([kind]);
    hash.update(id);
    let mut text = [b'"'; LENGTH * 2 + 2];
    let digits = hash.finalize();
    let digits = digits.iter().take(LENGTH);
    let digits = digits.flat_map(|byte| [byte >> 4, byte & 15]);
    for (place, digit) in text.iter_mut().skip(1).zip(digits) {
        *place = char::from_digit(digit.into(), 16).map_or(b'0', |digit| digit as u8);
    }
    HeaderValue::from_bytes(&text).ok().map(ListTag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_list_has_a_tag_of_its_own() {
        let json = ListTag(HeaderValue::from_static("\"ab\""));
        let tag = |form: ListForm| form.tag(&json).unwrap().0;
        assert_eq!(tag(ListForm::Json), "\"ab\"");
        assert_eq!(tag(ListForm::Lines), "\"ab-lines\"");
        assert_eq!(tag(ListForm::Csv), "\"ab-csv\"");
        for (sent, is_its) in [
            ("\"ab\"", true),
            ("\"ab-csv\"", true),
            ("\"ab-lines\"", true),
            ("\"ab-csv-csv\"", false),
            ("\"ab-other\"", false),
            ("\"a\"", false),
            ("W/\"ab-csv\"", false),
        ] {
            assert_eq!(ListForm::is_of(sent, "\"ab\""), is_its, "{sent}");
        }
    }
}
