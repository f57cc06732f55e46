//! `attache history`

mod complete;
mod ends;
mod gone;
mod sentence;
mod shortened;

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::arguments::NAMES;
use super::data::Place;
use super::entry_filters::EntryFilters;
use super::listing::{Column, Output};
use super::names::{Name, Names};
use super::output::note;
use super::things::OfTenant;
use complete::complete;
pub(super) use gone::first_entries;

/// The actor of what happens by itself.
const ATTACHE: &str = "attache";
/// The number of entries that are read if nothing else bounds them.
const LATEST: usize = 50;
/// How many of the newest entries are searched for what ended by itself, at the least.
const SEARCHED: usize = 10_000;

/// List changes with names, one line per change, newest first.
///
/// In the table, an import is one line, and large entries show their last 50 changes;
/// --changes, --json and --csv show all of them. `attache entries` shows the events
/// that the lines are made of.
///
/// A name that nothing has any more is searched for in the newest entries
/// (limits.former_names_in: 10,000), so keys and numbers of removed or renamed things work. An
/// id always works; --json shows ids. When a membership or role ends by itself, the actor is
/// attache and the line has the time of its end; `at` is when the end was recorded.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache history
  attache history --since -1h
  attache history --since 2026-03-01 --until 2026-04-01 --resource customer:harbour-bakery
  attache history --subject freya.holm --json
  attache history --actor service:admin-console --csv
  attache history --actor '#1'                  # the first admin, until it has a key

{NAMES}"))]
pub(super) struct History {
    #[command(flatten)]
    filters: EntryFilters,
    /// The most entries to read. If left out: all since --since, or else the newest 50.
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Show every change of imports and other large entries.
    #[arg(long)]
    changes: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    tenant: OfTenant,
}

const COLUMNS: &[Column] = &[
    Column::field("at", "at"),
    Column::field("by", "by"),
    Column::field("what", "what"),
    Column::untabled("type"),
    Column::untabled("revision"),
    Column::untabled("correlation_id"),
    Column::untabled("origin"),
    Column::untabled("on_behalf_of"),
    Column::untabled("approved_by"),
    Column::untabled("reason"),
];

impl History {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = self.tenant.slug();
        let mut query = self.filters.query(&place.head);
        // What ended by itself stands in entries of others, which note it.
        let is_attache = self.filters.is_by(ATTACHE);
        if is_attache {
            query.retain(|(name, _)| *name != "actor");
        }
        place
            .ask(tenant, async |api| self.with(api, &query, is_attache).await)
            .await?;
        Ok(ExitCode::SUCCESS)
    }

    async fn with(
        &self,
        api: &Api,
        query: &[(&'static str, String)],
        is_attache: bool,
    ) -> Result<(), CliError> {
        let most = match (self.limit, self.filters.since) {
            (Some(limit), _) => limit,
            (None, Some(_)) => usize::MAX,
            (None, None) => LATEST,
        };
        let read = match is_attache {
            true => most.max(SEARCHED),
            false => most,
        };
        let (mut entries, mut total) = first_entries(api, query, read).await?;
        for entry in &mut entries {
            complete(api, entry).await?;
        }
        if is_attache {
            entries.iter_mut().for_each(keep_own);
            entries.retain(|entry| entry["events"].as_array().is_some_and(|it| !it.is_empty()));
            total = entries.len() as u64;
            entries.truncate(most);
        }
        let read = entries.len();
        if self.output.is_table() && !self.changes {
            entries = shortened::shortened(entries);
        }
        ends::add(api, &mut entries).await?;
        let names = named(api, &entries).await?;
        let rows: Vec<Value> = entries.iter().flat_map(|it| rows(it, &names)).collect();
        self.output.list(COLUMNS, &rows)?;
        if self.output.is_table() && (read as u64) < total {
            note(format!(
                "The newest {read} of {total} entries. --since or --limit shows more."
            ))?;
        }
        Ok(())
    }
}

/// Leaves of an entry what nobody did: all of attache's own, and what ended by itself.
fn keep_own(entry: &mut Value) {
    let is_own = entry["actor"] == ATTACHE;
    if let Some(events) = entry["events"].as_array_mut() {
        events.retain(|event| is_own || ends::is_end(event));
    }
}

/// Returns the events of an entry, one row each.
fn rows(entry: &Value, names: &Names<'_>) -> Vec<Value> {
    let by = sentence::who(&plain(&entry["actor"]), names);
    let head = sentence::of_head(entry, names);
    // Newest first, as entries are.
    let events = entry["events"].as_array().into_iter().flatten().rev();
    let told = events.filter(|event| !sentence::is_told_before(entry, event));
    told.map(|event| {
        let what = sentence::of(event, names);
        // What ends by itself is recorded with the next write of any caller.
        let (by, what) = match ends::is_end(event) && by != ATTACHE {
            true => (ATTACHE, format!("{what} (noted with a write of {by})")),
            false => (by.as_str(), format!("{what}{head}")),
        };
        json!({
            "at": entry["at"],
            "by": by,
            "what": what,
            "type": event["type"],
            "revision": entry["revision"],
            "correlation_id": entry["correlation_id"],
            "origin": entry["origin"],
            "on_behalf_of": entry["on_behalf_of"],
            "approved_by": entry["approved_by"],
            "reason": entry["reason"],
            "actor": entry["actor"],
            "event": event,
        })
    })
    .collect()
}

/// Returns the things in entries, by type and id.
fn things(entries: &[Value]) -> Vec<(String, String)> {
    let mut things = Vec::new();
    let mut typed = |text: &str| {
        if let Some((kind, id)) = text.split_once(':') {
            things.push((kind.to_owned(), id.to_owned()));
        }
    };
    for entry in entries {
        typed(&plain(&entry["actor"]));
        for field in ["on_behalf_of", "approved_by"] {
            if let Some(user) = entry[field].as_str() {
                typed(&format!("user:{user}"));
            }
        }
        for event in entry["events"].as_array().into_iter().flatten() {
            if let Some((kind, id)) = sentence::subject(event) {
                typed(&format!("{kind}:{id}"));
            }
            for (field, kind) in [
                ("resource", "resource"),
                ("parent", "resource"),
                ("user", "user"),
                ("group", "group"),
                ("service", "service"),
            ] {
                if let Some(id) = event[field].as_str() {
                    typed(&format!("{kind}:{id}"));
                }
            }
        }
    }
    things.sort();
    things.dedup();
    things
}

/// Returns the names of the things in entries: today's names, or, for removed things, the
/// names in the entries that added them.
async fn named<'a>(api: &'a Api, entries: &[Value]) -> Result<Names<'a>, CliError> {
    let mut names = Names::new(api);
    let things = things(entries);
    for kind in ["user", "group", "service", "resource"] {
        let of_kind = things.iter().filter(|(it, _)| it == kind);
        let ids: Vec<&str> = of_kind.map(|(_, id)| id.as_str()).collect();
        names.look_up(kind, &ids).await?;
    }
    learn(&mut names, entries);
    learn_issuers(&mut names, api, entries).await;
    for (kind, id) in &things {
        if names.knows(kind, id) {
            continue;
        }
        let about = format!("{kind}:{id}");
        let query = match kind.as_str() {
            "resource" => ("resource", id.as_str()),
            _ => ("subject", about.as_str()),
        };
        let older = api.all(&["entries"], &[query]).await?;
        learn(&mut names, &older);
    }
    Ok(names)
}

/// Looks up the addresses of the issuers in entries.
async fn learn_issuers(names: &mut Names<'_>, api: &Api, entries: &[Value]) {
    let events = || {
        let events = entries.iter().filter_map(|it| it["events"].as_array());
        events.flatten()
    };
    let mut learn = |id: &str, address: &Value| {
        let short = plain(address);
        let name = String::new();
        names.learn("issuer", id, Name { short, name });
    };
    for event in events() {
        if event["terms"]["issuer"].is_string() {
            learn(&plain(&event["issuer"]), &event["terms"]["issuer"]);
        }
    }
    let mut ids: Vec<&str> = events()
        .filter(|event| event["type"] == "invitation.accepted")
        .filter_map(|event| event["issuer"].as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        // A caller that may not read issuers gets their ids, as for removed issuers.
        if let Ok(Some(issuer)) = api.find(&["issuers", id]).await {
            learn(id, &issuer["issuer"]);
        }
    }
}

/// Takes the names of removed things from the entries that added them.
fn learn(names: &mut Names<'_>, entries: &[Value]) {
    for entry in entries {
        for event in entry["events"].as_array().into_iter().flatten() {
            let kind = match event["type"].as_str() {
                Some("user.added") => "user",
                Some("group.added") => "group",
                Some("service.added") => "service",
                Some("resource.added") => "resource",
                _ => continue,
            };
            let id = plain(&event[kind]);
            if names.knows(kind, &id) {
                continue;
            }
            let mut thing = event.clone();
            // The name of an erased user stays hidden.
            if let Some(profile) = entry["profiles"][id.as_str()].as_object() {
                for (field, value) in profile {
                    thing[field.as_str()] = value.clone();
                }
            }
            names.learn(kind, &id, Name::of(&thing));
        }
    }
}
