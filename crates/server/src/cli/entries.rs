//! `attache entries`

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::CliError;
use super::api::{Api, plain};
use super::data::Place;
use super::entry_filters::EntryFilters;
use super::history::first_entries;
use super::listing::{Column, Output};
use super::output::note;

/// List the entries of the tenant, newest first: what happened, by whom, when.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache entries --resource customer:harbour-bakery
  attache entries --subject user:freya.holm --since 2026-03-01 --until 2026-04-01
  attache entries --actor operator --limit 5 --json

`attache history` shows the same with names, a line a change.")]
pub(super) struct Entries {
    #[command(flatten)]
    filters: EntryFilters,
    /// The most entries to show, from 1 to 1000.
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    limit: u32,
    #[command(flatten)]
    output: Output,
    /// The tenant. Can be left out if there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

const COLUMNS: &[Column] = &[
    Column::field("revision", "revision"),
    Column::field("at", "at"),
    Column::field("actor", "actor"),
    Column::made("events", "events", events),
    Column::field("origin", "origin"),
    Column::field("correlation_id", "correlation id"),
    Column::untabled("on_behalf_of"),
    Column::untabled("approved_by"),
    Column::untabled("reason"),
];

fn events(entry: &Value) -> String {
    let events = entry["events"].as_array().map(Vec::as_slice);
    let events = events.unwrap_or_default();
    let first = events.first().map(|it| plain(&it["type"]));
    let first = first.unwrap_or_default();
    let more = entry["more_events"]["total"].as_u64();
    let all = more.and_then(|all| usize::try_from(all).ok());
    match all.unwrap_or(events.len()) {
        0 | 1 => first,
        count => format!("{first} and {} more", count - 1),
    }
}

impl Entries {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = self.tenant.as_deref();
        let query = self.filters.query(&place.head);
        place
            .ask(tenant, async |api| self.with(api, &query).await)
            .await?;
        Ok(ExitCode::SUCCESS)
    }

    async fn with(&self, api: &Api, query: &[(&'static str, String)]) -> Result<(), CliError> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let (items, total) = first_entries(api, query, limit).await?;
        self.output.list(COLUMNS, &items)?;
        if !self.output.is_table() {
            return Ok(());
        }
        note(format!("{} of {total} entries", items.len()))
    }
}
