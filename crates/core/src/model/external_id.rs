//! Ids of users at identity providers.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::key::{Meaning, uuid as uuid_of};

/// The most characters of an id.
const MAX_CHARS: usize = 255;

/// The id of a user at an identity provider, such as `auth0|5f7c` or a UUID: 1 to 255
/// characters, none of them a control character.
///
/// It is stored as it is written. Two ids are equal if they are the same UUID (RFC 9562,
/// section 4), or the same text in Unicode Normalization Form C.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(Form);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Form {
    /// A UUID with hyphens and in lower case. Most ids are such UUIDs, which are stored
    /// in the row itself.
    Uuid(Uuid),
    Text(Box<str>),
}

impl ExternalId {
    /// Makes a new id.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the text.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        check(text)?;
        Ok(text.into())
    }

    /// Checks that this could be a new id. A stored id need not be.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the id.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match &self.0 {
            Form::Uuid(_) => Ok(()),
            Form::Text(text) => check(text),
        }
    }

    /// Returns the UUID that the id is, in any of its written forms.
    #[must_use]
    pub fn uuid(&self) -> Option<Uuid> {
        match &self.0 {
            Form::Uuid(id) => Some(*id),
            Form::Text(text) => uuid_of(text),
        }
    }

    /// Returns whether another id is the same: the same UUID, or the same text in Normalization Form C.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.meaning() == other.meaning()
    }

    /// Returns the value by which ids are compared.
    pub(crate) fn meaning(&self) -> Meaning<'_> {
        match &self.0 {
            Form::Uuid(id) => Meaning::Id(*id),
            Form::Text(text) => Meaning::of(text),
        }
    }

    /// Returns whether the id is written in exactly this way.
    pub(crate) fn is_written(&self, text: &str) -> bool {
        *self == Self::from(text)
    }
}

fn check(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.chars().count() > MAX_CHARS {
        return Err("must have 1 to 255 characters");
    }
    match text.chars().any(char::is_control) {
        true => Err("must not contain control characters"),
        false => Ok(()),
    }
}

/// A stored id is accepted as it is.
impl From<&str> for ExternalId {
    fn from(text: &str) -> Self {
        let is_lower = |text: &str| !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let id = Some(text).filter(|text| text.len() == 36 && is_lower(text));
        Self(match id.and_then(uuid_of) {
            Some(id) => Form::Uuid(id),
            None => Form::Text(text.into()),
        })
    }
}

impl From<Uuid> for ExternalId {
    fn from(id: Uuid) -> Self {
        Self(Form::Uuid(id))
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Uuid(id) => id.fmt(f),
            Form::Text(text) => f.write_str(text),
        }
    }
}

impl Serialize for ExternalId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Uuid(id) => {
                let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
                serializer.serialize_str(id.hyphenated().encode_lower(&mut text))
            }
            Form::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for ExternalId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = ExternalId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ExternalId, E> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6f9619ff-8b86-d011-b42d-00c04fc964ff";

    #[test]
    fn it_is_any_text_and_stays_as_it_was_written() {
        let long = "é".repeat(255);
        for text in [
            "auth0|5f7c1a2b",
            "google-oauth2|1157",
            "00u1abcd2EFGhijk3l4m",
            "https://sts.windows.example/6f96/",
            "user:ada",
            "#7",
            "a b",
            ID,
            "6F9619FF-8B86-D011-B42D-00C04FC964FF",
            "{6f9619ff-8b86-d011-b42d-00c04fc964ff}",
            &long,
        ] {
            let id = ExternalId::new(text).unwrap();
            assert_eq!((id.to_string(), id.check()), (text.to_owned(), Ok(())));
            let json = serde_json::to_value(&id).unwrap();
            assert_eq!(json, text);
            assert_eq!(serde_json::from_value::<ExternalId>(json).unwrap(), id);
            assert!(id.is_written(text));
        }
        for text in ["", "a\nb", "a\u{7f}", "\u{85}", &format!("{long}x")] {
            assert!(ExternalId::new(text).is_err(), "{text:?}");
            let stored: ExternalId = serde_json::from_value(text.into()).unwrap();
            assert!(stored.check().is_err(), "{text:?}");
        }
    }

    #[test]
    fn uuids_are_the_same_in_every_form_and_other_texts_to_the_character() {
        let same = |a: &str, b: &str| {
            let (a, b) = (ExternalId::from(a), ExternalId::from(b));
            a.meaning() == b.meaning()
        };
        assert!(same(ID, "6F9619FF-8B86-D011-B42D-00C04FC964FF"));
        assert!(same(ID, "6f9619ff8b86d011b42d00c04fc964ff"));
        assert!(same("Zoe\u{308}", "Zoë"));
        assert!(!same("auth0|5f7c", "auth0|5F7C"));
        assert_eq!(ExternalId::from(ID).uuid(), uuid_of(ID));
        assert_eq!(ExternalId::from("auth0|5f7c").uuid(), None);
    }
}
