//! `attache entries`

use std::process::ExitCode;

use attache_core::Timestamp;
use clap::Args;

use serde_json::Value;

use super::CliError;
use super::api::{Api, plain};
use super::arguments::moment;
use super::data::Place;
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
    /// Only entries about this resource.
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
    /// Only entries about this user, group or service: user:….
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// Only entries by this actor: user:…, service:…, operator or attache.
    #[arg(long, value_name = "ACTOR")]
    actor: Option<String>,
    /// Only entries of this request.
    #[arg(long, value_name = "ID")]
    correlation_id: Option<String>,
    /// Only those that came through this door: api, a dialect such as voicebot, cli, import, attache.
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Only entries since then: a day, a time, or an age: -1h, 30m, 2d, 1w.
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true, alias = "from")]
    since: Option<Timestamp>,
    /// Only entries before then: a day, a time, or an age.
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true, alias = "to")]
    until: Option<Timestamp>,
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
        let filters = place.head.filters();
        place
            .ask(tenant, async |api| self.with(api, filters).await)
            .await?;
        Ok(ExitCode::SUCCESS)
    }

    async fn with(
        &self,
        api: &Api,
        [for_whom, approved]: [(&str, Option<&str>); 2],
    ) -> Result<(), CliError> {
        let (since, until) = (
            self.since.map(|it| it.to_string()),
            self.until.map(|it| it.to_string()),
        );
        let filters = [
            ("resource", self.resource.as_deref()),
            ("subject", self.subject.as_deref()),
            ("actor", self.actor.as_deref()),
            ("correlation_id", self.correlation_id.as_deref()),
            ("origin", self.origin.as_deref()),
            for_whom,
            approved,
            ("from", since.as_deref()),
            ("to", until.as_deref()),
        ];
        let query: Vec<(&str, &str)> = filters
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let (items, total) = first_entries(api, &query, limit).await?;
        self.output.list(COLUMNS, &items)?;
        if !self.output.is_table() {
            return Ok(());
        }
        note(format!("{} of {total} entries", items.len()))
    }
}
