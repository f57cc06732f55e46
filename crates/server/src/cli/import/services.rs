//! `services.csv`. Tokens are not in it: attache has only their hashes.

use attache_core::id::{Key, ServiceId, ServiceNumber};
use attache_core::model::Name;
use attache_core::{Command, Ref, Refusal};
use uuid::Uuid;

use super::plan::{FromRow, Work, matching};
use super::sheet::{Fault, Row, Spot};

pub(super) struct ServiceRow {
    spot: Spot,
    id: Option<Uuid>,
    key: Option<Key>,
    number: Option<u32>,
    name: Name,
}

impl FromRow for ServiceRow {
    const FILE: &'static str = "services.csv";
    const REQUIRED: &'static [&'static str] = &["name"];
    const OPTIONAL: &'static [&'static str] = &["key", "number", "id"];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
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

    fn names(row: &Row<'_>) -> Vec<String> {
        row.filled("key")
            .map(|key| format!("service:{key}"))
            .into_iter()
            .collect()
    }
}

/// Services are added; one that is there stays as it is.
pub(super) fn plan(rows: &[ServiceRow], work: &mut Work<'_>) {
    for row in rows {
        let state = work.draft.state();
        let found = matching(
            row.id.and_then(|id| state.find_service(&Ref::Id(id))),
            row.key
                .as_ref()
                .and_then(|key| state.find_service(&Ref::text(key.as_str()))),
            row.number
                .and_then(|number| state.find_service(&Ref::Number(number))),
            |number: ServiceNumber| {
                state
                    .service_node(number)
                    .is_some_and(|row| row.service.key.is_some())
            },
            row.key.is_some(),
        );
        match found {
            Err(reason) => work.wrong(row.spot.fault("number", reason)),
            Ok(Some(_)) => {}
            Ok(None) => {
                let command = Command::AddService {
                    id: ServiceId(row.id.unwrap_or_else(|| work.ambient.id())),
                    number: row.number,
                    key: row.key.clone(),
                    name: row.name.clone(),
                };
                work.run(row.spot, &command, |refusal| match refusal {
                    Refusal::Taken { field: "key" } => "key",
                    Refusal::Taken { field: "id" } => "id",
                    _ => "number",
                });
            }
        }
        work.step();
    }
}
