//! `services.csv`. Tokens are not in it: attache has only their hashes.

use attache_core::Command;
use attache_core::id::ServiceId;

use super::fault::Fault;
use super::identify::{Match, add, identify};
use super::named::{NamedRow, column, describes, names};
use super::row::Row;
use super::thing::What;
use super::work::{FromRow, Work};

pub(super) struct ServiceRow(NamedRow);

describes!(ServiceRow, What::Service);

impl FromRow for ServiceRow {
    const FILE: &'static str = "services.csv";
    const REQUIRED: &'static [&'static str] = NamedRow::REQUIRED;
    const OPTIONAL: &'static [&'static str] = NamedRow::OPTIONAL;

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        NamedRow::read(row).map(Self)
    }

    fn names(row: &Row<'_>) -> Vec<String> {
        names(row)
    }
}

pub(super) fn plan(rows: &[ServiceRow], work: &mut Work<'_>) {
    work.reserve(rows);
    for row in rows {
        one(row, work);
        work.step(row.0.spot);
    }
}

fn one(row: &ServiceRow, work: &mut Work<'_>) {
    match identify(row, work) {
        None => {}
        Some(Match::New(number)) => {
            let ServiceRow(named) = row;
            let id = named.id.unwrap_or_else(|| work.new_id(row, number));
            let command = |number| Command::AddService {
                id: ServiceId(id),
                number,
                key: named.key.clone(),
                name: named.name.clone(),
            };
            add(row, id, number, work, command, column);
        }
        Some(Match::There(id)) => {
            let ServiceRow(named) = row;
            let command = Command::ChangeService {
                service: ServiceId(id).into(),
                name: Some(named.name.clone()),
                key: named.key.clone().map(Some),
            };
            work.change(row, &command, column);
        }
    }
}
