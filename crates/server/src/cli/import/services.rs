//! `services.csv`. Tokens are not in it: attache has only their hashes.

use attache_core::id::{ServiceId, ServiceNumber};
use attache_core::{Command, Ref};

use super::named::{NamedRow, column};
use super::sheet::{Fault, Row};
use super::work::{FromRow, Work, matching};

pub(super) struct ServiceRow(NamedRow);

impl FromRow for ServiceRow {
    const FILE: &'static str = "services.csv";
    const REQUIRED: &'static [&'static str] = NamedRow::REQUIRED;
    const OPTIONAL: &'static [&'static str] = NamedRow::OPTIONAL;

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        NamedRow::read(row).map(Self)
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
    for ServiceRow(row) in rows {
        let state = work.draft.state();
        let found = matching(
            row.id.and_then(|id| state.find_service(&Ref::Id(id))),
            row.key
                .as_ref()
                .and_then(|key| state.find_service(&Ref::key(key.as_str()))),
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
                work.run(row.spot, &command, column);
            }
        }
        work.step();
    }
}
