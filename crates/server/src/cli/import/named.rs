//! Rows of things that have a name, a key and a number: groups and services.

use attache_core::Refusal;
use attache_core::id::Key;
use attache_core::model::Name;
use uuid::Uuid;

use super::sheet::{Fault, Row, Spot};

pub(super) struct NamedRow {
    pub(super) spot: Spot,
    pub(super) id: Option<Uuid>,
    pub(super) key: Option<Key>,
    pub(super) number: Option<u32>,
    pub(super) name: Name,
}

impl NamedRow {
    pub(super) const REQUIRED: &'static [&'static str] = &["name"];
    pub(super) const OPTIONAL: &'static [&'static str] = &["key", "number", "id"];

    pub(super) fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let read = Self {
            spot: row.spot,
            id: row.uuid("id")?,
            key: row.key()?,
            number: row.number()?,
            name: row.name()?,
        };
        if read.key.is_none() && read.number.is_none() && read.id.is_none() {
            return Err(row.spot.fault("key", "is needed, or a number or an id"));
        }
        Ok(read)
    }
}

/// Which column a refusal to add or change such a thing is about.
pub(super) fn column(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Taken { field: "key" } => "key",
        Refusal::Taken { field: "id" } => "id",
        _ => "number",
    }
}
