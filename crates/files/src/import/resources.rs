//! `resources.csv`

use std::collections::HashSet;

use attache_core::catalogue::ROOT_KIND;
use attache_core::id::{Key, ResourceId, canonical_key};
use attache_core::model::Name;
use attache_core::{Command, Locator, Ref, Refusal, State};
use uuid::Uuid;

use super::describes::{Describes, Match, cause};
use super::fault::{Fault, Spot, shown};
use super::identify::{self, add, identify};
use super::row::{AS_IS, Refused, Row};
use super::thing::{What, number_of};
use super::work::{FromRow, Work};
use attache_core::nearest::near;
use attache_http::naming::locator;

pub(super) struct ResourceRow {
    spot: Spot,
    id: Option<Uuid>,
    kind: String,
    key: Option<Key>,
    number: Option<u32>,
    name: Name,
    /// Empty for the root; `None` if the file lacks the column.
    pub(super) parent: Option<String>,
    as_is: bool,
    refused: Refused,
}

impl FromRow for ResourceRow {
    const FILE: &'static str = "resources.csv";
    const REQUIRED: &'static [&'static str] = &["kind", "name"];
    const OPTIONAL: &'static [&'static str] = &["key", "number", "parent", "id", AS_IS];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let mut refused = Refused::default();
        let read = Self {
            spot: row.spot,
            id: row.uuid("id")?,
            kind: row.needed("kind")?.to_owned(),
            key: row.key(&mut refused)?,
            number: row.number()?,
            name: row.name(&mut refused)?,
            parent: row.cell("parent").map(str::to_owned),
            as_is: row.has_as_is_text(),
            refused,
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

    fn check(&self, _: &dyn Fn(&str) -> bool, work: &mut Work<'_>) {
        if let Some(parent) = self.parent.as_deref().filter(|parent| !parent.is_empty()) {
            work.resource(self.spot, "parent", parent);
        }
        identify::check(self, work);
    }

    fn names(row: &Row<'_>) -> Vec<String> {
        let kind = row.filled("kind").unwrap_or_default();
        let key = row.filled("key").map(|key| format!("{kind}:{key}"));
        let number = row
            .filled("number")
            .map(|number| format!("{kind}:#{number}"));
        let id = row.filled("id").map(str::to_lowercase);
        let ids = id.into_iter().flat_map(|id| [format!("{kind}:{id}"), id]);
        key.into_iter().chain(number).chain(ids).collect()
    }
}

impl Describes for ResourceRow {
    fn spot(&self) -> Spot {
        self.spot
    }

    fn what(&self) -> What<'_> {
        What::Resource(&self.kind)
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

    fn reason(&self, refusal: &Refusal, state: &State) -> String {
        let is_of_kind = matches!(refusal, Refusal::Invalid { field, .. } if &**field == "kind");
        let kinds = state.catalogue().map(|catalogue| &catalogue.kinds);
        let names = kinds.into_iter().flatten().map(|kind| kind.name.as_str());
        let names = names.filter(|name| *name != ROOT_KIND);
        let nearest = near(&self.kind, names).filter(|_| is_of_kind);
        let nearest = nearest.map(|it| format!("; the nearest is {it}"));
        let value = match is_of_kind {
            true => format!("{} ", shown(&self.kind)),
            false => String::new(),
        };
        format!("{value}{}{}", cause(refusal), nearest.unwrap_or_default())
    }
}

impl ResourceRow {
    fn names(&self) -> impl Iterator<Item = Locator> {
        let of_kind = |name| Locator::of(&self.kind, name);
        let key = self.key.as_ref().map(|key| of_kind(Ref::key(key.as_str())));
        let number = self.number.map(|number| of_kind(Ref::Number(number)));
        let ids = self.id.into_iter().flat_map(move |id| {
            let id_alone = Locator {
                kind: None,
                ..of_kind(Ref::Id(id))
            };
            [of_kind(Ref::Id(id)), id_alone]
        });
        key.into_iter().chain(number).chain(ids)
    }
}

/// Returns a parent's name in the form in which names of rows are compared.
fn comparable(name: &Locator) -> String {
    let kind = name.kind.as_ref().map_or("", |kind| kind.as_str());
    match (number_of(&name.reference), &name.reference) {
        (Some(number), _) => format!("{kind}:#{number}"),
        (None, Ref::Text(text) | Ref::Key(text)) => format!("{kind}:{}", canonical_key(text)),
        (None, other) => format!("{kind}:{other}"),
    }
}

/// Plans the rows, which stand in any order: a row waits until its parent is planned.
pub(super) fn plan(rows: &[ResourceRow], work: &mut Work<'_>) {
    work.reserve(rows);
    let mut waiting: Vec<&ResourceRow> = rows.iter().collect();
    let mut to_come: HashSet<String> = rows
        .iter()
        .flat_map(|row| ResourceRow::names(row).map(|name| comparable(&name)))
        .collect();
    loop {
        let before = waiting.len();
        waiting.retain(|row| {
            let parent = locator(row.parent.as_deref().unwrap_or_default());
            let is_root = parent == Locator::root();
            if !is_root && to_come.contains(&comparable(&parent)) {
                return true;
            }
            one(row, work);
            for name in ResourceRow::names(row) {
                to_come.remove(&comparable(&name));
            }
            work.step(row.spot);
            false
        });
        if waiting.is_empty() {
            return;
        }
        if waiting.len() == before {
            for row in waiting {
                let fault = row.spot.fault("parent", "stands below the resource itself");
                work.fails(row, fault);
            }
            return;
        }
    }
}

fn one(row: &ResourceRow, work: &mut Work<'_>) {
    let parent = match row.parent.as_deref() {
        None | Some("") => work.draft.state().root(),
        Some(parent) => match work.resource(row.spot, "parent", parent) {
            Some(parent) => parent,
            None => return work.will_lack(row),
        },
    };
    let Some(under) = work.draft.state().resource(parent).map(|parent| parent.id) else {
        return;
    };
    match identify(row, work) {
        None => {}
        Some(Match::New(number)) => {
            let id = row.id.unwrap_or_else(|| work.new_id(row, number));
            let command = |number| Command::AddResource {
                id: ResourceId(id),
                kind: row.kind.as_str().into(),
                parent: Locator::id(under),
                number,
                key: row.key.clone(),
                name: row.name.clone(),
            };
            add(row, id, number, work, command, column);
        }
        Some(Match::There(id)) => {
            let resource = Locator::id(ResourceId(id));
            let command = Command::ChangeResource {
                resource: resource.clone(),
                name: Some(row.name.clone()),
                key: row
                    .what()
                    .new_key(work.draft.state(), id, row.key.as_ref())
                    .map(Some),
            };
            work.change(row, &command, column);
            let state = work.draft.state();
            let node = state.find(&resource).and_then(|node| state.node(node));
            let moves = node.is_some_and(|node| node.parent != Some(parent));
            if moves && row.parent.is_some() {
                let parent = Locator::id(under);
                work.run(
                    row.spot,
                    &Command::MoveResource { resource, parent },
                    column,
                );
            }
        }
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
            "key" => "key",
            "name" => "name",
            _ => "parent",
        },
        _ => "parent",
    }
}
