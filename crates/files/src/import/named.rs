//! Rows of things that have a name, a key and a number: groups and services.

use attache_core::Refusal;
use attache_core::id::Key;
use attache_core::model::Name;
use uuid::Uuid;

use super::fault::{Fault, Spot};
use super::row::{AS_IS, Refused, Row};

pub(super) struct NamedRow {
    pub(super) spot: Spot,
    pub(super) id: Option<Uuid>,
    pub(super) key: Option<Key>,
    pub(super) number: Option<u32>,
    pub(super) name: Name,
    pub(super) as_is: bool,
    pub(super) refused: Refused,
}

impl NamedRow {
    pub(super) const REQUIRED: &'static [&'static str] = &["name"];
    pub(super) const OPTIONAL: &'static [&'static str] = &["key", "number", "id", AS_IS];

    pub(super) fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let mut refused = Refused::default();
        let read = Self {
            spot: row.spot,
            id: row.uuid("id")?,
            key: row.key(&mut refused)?,
            number: row.number()?,
            name: row.name(&mut refused)?,
            as_is: row.has_as_is_text(),
            refused,
        };
        if read.key.is_none() && read.number.is_none() && read.id.is_none() {
            return Err(row.spot.fault("key", "is needed, or a number or an id"));
        }
        Ok(read)
    }
}

/// How other rows name what a row describes.
pub(super) fn names(row: &Row<'_>) -> Vec<String> {
    let key = row.filled("key").map(str::to_owned);
    let number = row.filled("number").map(|number| format!("#{number}"));
    let id = row.filled("id").map(str::to_lowercase);
    key.into_iter().chain(number).chain(id).collect()
}

/// The column that a refusal to add or change such a thing is about.
pub(super) fn column(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Taken { field: "key" } => "key",
        Refusal::Taken { field: "id" } => "id",
        Refusal::Invalid { field, .. } if &**field == "key" => "key",
        Refusal::Invalid { field, .. } if &**field == "name" => "name",
        _ => "number",
    }
}

/// Implements `Describes` for a row that wraps a [`NamedRow`].
macro_rules! describes {
    ($row:ty, $what:expr) => {
        impl crate::import::identify::Describes for $row {
            fn spot(&self) -> crate::import::fault::Spot {
                self.0.spot
            }
            fn what(&self) -> crate::import::thing::What<'_> {
                $what
            }
            fn id(&self) -> Option<uuid::Uuid> {
                self.0.id
            }
            fn key(&self) -> Option<&attache_core::id::Key> {
                self.0.key.as_ref()
            }
            fn number(&self) -> Option<u32> {
                self.0.number
            }
            fn name(&self) -> String {
                self.0.name.to_string()
            }
            fn is_as_is(&self) -> bool {
                self.0.as_is
            }
            fn refused(&self) -> &crate::import::row::Refused {
                &self.0.refused
            }
        }
    };
}

pub(super) use describes;
