//! Names, keys and e-mail addresses in bodies, validated as new values. Their own
//! `Deserialize` accepts all stored values, valid today or not.

use attache_core::id::Key;
use attache_core::model::{Email, ExternalId, Name};
use serde::{Deserialize, Deserializer, de::Error};

/// A text that is validated when a caller gives it.
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

/// Parses a required field.
pub(super) fn required<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    let text = String::deserialize(deserializer)?;
    T::written(&text).map_err(D::Error::custom)
}

/// Parses a field that may be missing or null.
pub(super) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    let text = Option::<String>::deserialize(deserializer)?;
    let written = text.map(|text| T::written(&text)).transpose();
    written.map_err(D::Error::custom)
}

/// Parses a field that may be missing and may not be null.
pub(super) fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    required(deserializer).map(Some)
}

/// Parses a field that may be missing, null, or have a value: missing leaves the value,
/// null removes it.
pub(super) fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Written,
{
    optional(deserializer).map(Some)
}
