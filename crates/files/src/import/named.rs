//! Rows of groups and services, which have a name, a key and a number.

use std::marker::PhantomData;

use attache_core::id::Key;
use attache_core::model::Name;
use attache_core::{Command, Refusal};
use uuid::Uuid;

use super::describes::{Describes, Match};
use super::fault::{Fault, Spot};
use super::identify::{self, add, identify};
use super::row::{AS_IS, Refused, Row};
use super::thing::What;
use super::work::{FromRow, Work};

/// A file of groups or of services.
pub(super) trait NamedFile {
    const FILE: &'static str;
    const WHAT: What<'static>;

    fn add(id: Uuid, number: Option<u32>, key: Option<Key>, name: Name) -> Command;
    /// A key of `None` stays as it is.
    fn change(id: Uuid, key: Option<Key>, name: Name) -> Command;
}

/// Returns the names by which other rows refer to the thing of a row: its key, number and
/// id.
pub(super) fn names(row: &Row<'_>) -> Vec<String> {
    let key = row.filled("key").map(str::to_owned);
    let number = row.filled("number").map(|number| format!("#{number}"));
    let id = row.filled("id").map(str::to_lowercase);
    key.into_iter().chain(number).chain(id).collect()
}

/// A row of a group or service.
pub(super) struct NamedRow<F> {
    spot: Spot,
    id: Option<Uuid>,
    key: Option<Key>,
    number: Option<u32>,
    name: Name,
    as_is: bool,
    refused: Refused,
    of: PhantomData<F>,
}

impl<F: NamedFile> FromRow for NamedRow<F> {
    const FILE: &'static str = F::FILE;
    const REQUIRED: &'static [&'static str] = &["name"];
    const OPTIONAL: &'static [&'static str] = &["key", "number", "id", AS_IS];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let mut refused = Refused::default();
        let read = Self {
            spot: row.spot,
            id: row.uuid("id")?,
            key: row.key(&mut refused)?,
            number: row.number()?,
            name: row.name(&mut refused)?,
            as_is: row.has_as_is_text(),
            refused,
            of: PhantomData,
        };
        if read.key.is_none() && read.number.is_none() && read.id.is_none() {
            return Err(row.spot.fault("key", "is needed, or a number or an id"));
        }
        Ok(read)
    }

    fn check(&self, _: &dyn Fn(&str) -> bool, work: &mut Work<'_>) {
        identify::check(self, work);
    }

    fn names(row: &Row<'_>) -> Vec<String> {
        names(row)
    }
}

impl<F: NamedFile> Describes for NamedRow<F> {
    fn spot(&self) -> Spot {
        self.spot
    }
    fn what(&self) -> What<'_> {
        F::WHAT
    }
    fn id(&self) -> Option<Uuid> {
        self.id
    }
    fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }
    fn number(&self) -> Option<u32> {
        self.number
    }
    fn name(&self) -> String {
        self.name.to_string()
    }
    fn is_as_is(&self) -> bool {
        self.as_is
    }
    fn refused(&self) -> &Refused {
        &self.refused
    }
}

/// Plans the rows of a file: adds new things and changes existing ones.
pub(super) fn plan<F: NamedFile>(rows: &[NamedRow<F>], work: &mut Work<'_>) {
    work.reserve(rows);
    for row in rows {
        one(row, work);
        work.step(row.spot);
    }
}

fn one<F: NamedFile>(row: &NamedRow<F>, work: &mut Work<'_>) {
    let (key, name) = (&row.key, &row.name);
    match identify(row, work) {
        None => {}
        Some(Match::New(number)) => {
            let id = row.id.unwrap_or_else(|| work.new_id(row, number));
            let command = |number| F::add(id, number, key.clone(), name.clone());
            add(row, id, number, work, command, column);
        }
        Some(Match::There(id)) => {
            let key = F::WHAT.new_key(work.draft.state(), id, key.as_ref());
            let command = F::change(id, key, name.clone());
            work.change(row, &command, column);
        }
    }
}

/// Returns the column that a refusal is about.
fn column(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Taken { field: "key" } => "key",
        Refusal::Taken { field: "id" } => "id",
        Refusal::Invalid { field, .. } if &**field == "key" => "key",
        Refusal::Invalid { field, .. } if &**field == "name" => "name",
        _ => "number",
    }
}
