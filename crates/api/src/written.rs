//! Names, keys and e-mail addresses in bodies. Each is checked as a new one is;
//! what serde reads by itself is what was stored, whatever it is.

use attache_core::id::Key;
use attache_core::model::{Email, ExternalId, Name};
use serde::{Deserialize, Deserializer, de::Error};

/// A text that is checked when it is given.
pub(super) trait Written: Sized {
    fn written(text: &str) -> Result<Self, &'static str>;
}

impl Written for Name {
    fn written(text: &str) -> Result<Self, &'static str> {
        Self::new(text)
    }
}

impl Written for Key {
    fn written(text: &str) -> Result<Self, &'static str> {
        Self::new(text)
    }
}

impl Written for Email {
    fn written(text: &str) -> Result<Self, &'static str> {
        Self::new(text)
    }
}

impl Written for ExternalId {
    fn written(text: &str) -> Result<Self, &'static str> {
        Self::new(text)
    }
}

/// A field that must be there.
pub(super) fn required<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    let text = String::deserialize(deserializer)?;
    T::written(&text).map_err(D::Error::custom)
}

/// A field that can be left out or null.
pub(super) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    let text = Option::<String>::deserialize(deserializer)?;
    let written = text.map(|text| T::written(&text)).transpose();
    written.map_err(D::Error::custom)
}

/// A field that can be left out, and is not null where it is not.
pub(super) fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    required(deserializer).map(Some)
}

/// A field that can be left out, be null, or hold something: left out it stays
/// as it is, null takes it away.
pub(super) fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    optional(deserializer).map(Some)
}
