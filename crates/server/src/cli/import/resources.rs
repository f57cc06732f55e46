//! `resources.csv`

use std::collections::HashSet;

use attache_core::catalogue::ROOT_KIND;
use attache_core::id::{Key, Node, ResourceId, canonical_key};
use attache_core::model::Name;
use attache_core::{Command, Locator, Ref, Refusal};
use uuid::Uuid;

use super::sheet::{Fault, Row, Spot};
use super::work::{FromRow, Work, matching};
use crate::cli::arguments::locator;

pub(super) struct ResourceRow {
    spot: Spot,
    id: Option<Uuid>,
    kind: String,
    key: Option<Key>,
    number: Option<u32>,
    name: Name,
    /// Empty for the root; `None` if the file does not say.
    parent: Option<String>,
}

impl FromRow for ResourceRow {
    const FILE: &'static str = "resources.csv";
    const REQUIRED: &'static [&'static str] = &["kind", "name"];
    const OPTIONAL: &'static [&'static str] = &["key", "number", "parent", "id"];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let read = Self {
            spot: row.spot,
            id: row.uuid("id")?,
            kind: row.needed("kind")?.to_owned(),
            key: row.key()?,
            number: row.number()?,
            name: row.name()?,
            parent: row.cell("parent").map(|cell| match cell {
                "" => "tenant".to_owned(),
                cell => cell.to_owned(),
            }),
        };
        if read.kind == ROOT_KIND {
            return Err(row
                .spot
                .fault("kind", "is the root's; `attache tenant` keeps tenants"));
        }
        if read.key.is_none() && read.number.is_none() && read.id.is_none() {
            return Err(row.spot.fault("key", "is needed, or a number or an id"));
        }
        Ok(read)
    }

    fn names(row: &Row<'_>) -> Vec<String> {
        let kind = row.filled("kind").unwrap_or_default();
        let key = row.filled("key").map(|key| format!("{kind}:{key}"));
        let number = row
            .filled("number")
            .map(|number| format!("{kind}:#{number}"));
        key.into_iter().chain(number).collect()
    }
}

impl ResourceRow {
    fn names(&self) -> impl Iterator<Item = String> {
        let key = self.key.as_ref();
        let key = key.map(|key| format!("{}:{}", self.kind, canonical_key(key.as_str())));
        let number = self.number.map(|number| format!("{}:#{number}", self.kind));
        key.into_iter().chain(number).chain(
            self.id
                .iter()
                .flat_map(|id| [id.to_string(), format!("{}:{id}", self.kind)]),
        )
    }
}

/// A resource's name in the one form that its row's names have.
fn compared(name: &str) -> String {
    match name.split_once(':') {
        Some((kind, name)) => format!("{kind}:{}", canonical_key(name)),
        None => canonical_key(name).into_owned(),
    }
}

/// Rows stand in any order: those whose parent is still to come wait for it.
pub(super) fn plan(rows: &[ResourceRow], work: &mut Work<'_>) {
    let mut waiting: Vec<&ResourceRow> = rows.iter().collect();
    let mut to_come: HashSet<String> = rows.iter().flat_map(ResourceRow::names).collect();
    loop {
        let before = waiting.len();
        waiting.retain(|row| {
            let parent = row.parent.as_deref().unwrap_or("tenant");
            let found = work.draft.state().find(&locator(parent)).is_some();
            if !found && to_come.contains(&compared(parent)) {
                return true;
            }
            if found {
                one(row, work);
            } else {
                work.unknown(row.spot, "parent", parent);
            }
            for name in row.names() {
                to_come.remove(&name);
            }
            work.step();
            false
        });
        if waiting.is_empty() {
            return;
        }
        if waiting.len() == before {
            for row in waiting {
                work.wrong(row.spot.fault("parent", "stands below the resource itself"));
            }
            return;
        }
    }
}

fn one(row: &ResourceRow, work: &mut Work<'_>) {
    let state = work.draft.state();
    let of_kind = |reference| state.find(&Locator::of(&row.kind, reference));
    let found = matching(
        row.id.and_then(|id| of_kind(Ref::Id(id))),
        row.key
            .as_ref()
            .and_then(|key| of_kind(Ref::key(key.as_str()))),
        row.number.and_then(|number| of_kind(Ref::Number(number))),
        |node: Node| state.resource(node).is_some_and(|r| r.key.is_some()),
        row.key.is_some(),
    );
    match found {
        Err(reason) => work.wrong(row.spot.fault("number", reason)),
        Ok(None) => {
            let id = ResourceId(row.id.unwrap_or_else(|| work.ambient.id()));
            let command = Command::AddResource {
                id,
                kind: row.kind.as_str().into(),
                under: locator(row.parent.as_deref().unwrap_or("tenant")),
                number: row.number,
                key: row.key.clone(),
                name: row.name.clone(),
            };
            work.run(row.spot, &command, column);
        }
        Ok(Some(node)) => change(row, node, work),
    }
}

fn change(row: &ResourceRow, node: Node, work: &mut Work<'_>) {
    let state = work.draft.state();
    let Some(found) = state.node(node) else {
        return;
    };
    let id = found.resource.id;
    if row
        .number
        .is_some_and(|number| number != found.resource.number.0)
    {
        let cause = format!("is {} already, and cannot change", found.resource.number);
        work.wrong(row.spot.fault("number", cause));
        return;
    }
    let parent = row.parent.as_deref().map(locator);
    let moves = parent.filter(|parent| found.parent != state.find(parent));
    let command = Command::ChangeResource {
        resource: Locator::id(id),
        name: Some(row.name.clone()),
        key: row.key.clone().map(Some),
    };
    work.run(row.spot, &command, column);
    if let Some(to) = moves {
        let resource = Locator::id(id);
        work.run(row.spot, &Command::MoveResource { resource, to }, column);
    }
}

fn column(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Taken { field: "id" } => "id",
        Refusal::Taken { field: "key" } => "key",
        Refusal::Taken { .. } => "number",
        Refusal::Invalid { field, .. } => match &**field {
            "kind" => "kind",
            "number" => "number",
            _ => "parent",
        },
        _ => "parent",
    }
}
