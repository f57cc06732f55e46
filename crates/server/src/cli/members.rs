//! `attache members`

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, display_name, plain};
use super::arguments::NAMES;
use super::data::Place;
use super::listing::{Column, Output};
use super::names::{Name, Names};
use super::output::note;

/// List the users who are attached to a resource, with their roles.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache members customer:harbour-bakery
  attache members customer:harbour-bakery --at 2026-03-03 --output json
  attache members tenant --sort added_at --csv

{NAMES}"))]
pub(super) struct Members {
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    /// The order.
    #[arg(long, value_enum, default_value = "name")]
    sort: Order,
    #[command(flatten)]
    output: Output,
    /// The tenant. Can be left out if there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    Name,
    Email,
    #[value(name = "added_at")]
    AddedAt,
    Number,
}

const COLUMNS: &[Column] = &[
    Column::field("number", "number"),
    Column::untabled("key"),
    Column::field("name", "name"),
    Column::field("email", "e-mail"),
    Column::field("status", "status"),
    Column::field("roles", "roles"),
    Column::field("added_at", "added"),
    Column::made("added_by", "by", |member| {
        plain(&member["named"]["added_by"])
    }),
    Column::field("expires_at", "expires"),
    Column::untabled("id"),
    Column::made("added_by_id", "", |member| plain(&member["added_by"])).out_of_tables(),
];

impl Members {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = self.tenant.as_deref();
        place.ask(tenant, async |api| self.ask(api).await).await
    }

    async fn ask(&self, api: &Api) -> Result<ExitCode, CliError> {
        let order = self.sort.to_possible_value();
        let order = order.as_ref().map_or("name", |order| order.get_name());
        let path = ["resources", self.resource.as_str(), "members"];
        let listed = match api.whole(&path, &[("sort", order)]).await {
            Ok(listed) => listed,
            Err(error) if error.message().starts_with("No such") => {
                return Err(api.with_beginning(error, &path[..2]).await);
            }
            Err(error) => return Err(error),
        };
        let members = listed.items;
        let mut names = Names::new(api);
        for member in &members {
            let user = &member["user"];
            names.learn("user", &plain(&user["id"]), Name::of(user));
        }
        let by: Vec<Value> = members.iter().map(|it| it["added_by"].clone()).collect();
        names.look_up_actors(&by).await?;
        let rows = members.iter().map(|member| Row::of_json(member, &names));
        let rows: Vec<Row> = rows.collect();
        self.show(&rows, &listed.revision)
    }

    fn show(&self, rows: &[Row], revision: &str) -> Result<ExitCode, CliError> {
        let members = rows.iter().map(serde_json::to_value);
        let members: Vec<Value> = members.collect::<Result<_, _>>()?;
        self.output.list(COLUMNS, &members)?;
        if self.output.is_table() {
            note(format!("{} users, at revision {revision}", rows.len()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A member in the output.
#[derive(Debug, Serialize)]
struct Row {
    id: Value,
    number: Value,
    key: Value,
    name: String,
    email: Value,
    status: Value,
    roles: Vec<String>,
    added_at: Value,
    added_by: Value,
    expires_at: Value,
    /// `added_by`, as people name it.
    named: Value,
}

impl Row {
    /// Makes a row from the API's answer.
    fn of_json(member: &Value, names: &Names<'_>) -> Self {
        let user = &member["user"];
        let roles = member["roles"].as_array().into_iter().flatten();
        Self {
            id: user["id"].clone(),
            number: user["number"].clone(),
            key: user["key"].clone(),
            name: display_name(user),
            email: user["email"].clone(),
            status: user["status"].clone(),
            roles: roles.map(plain).collect(),
            added_at: member["added_at"].clone(),
            added_by: member["added_by"].clone(),
            expires_at: member["expires_at"].clone(),
            named: json!({"added_by": names.actor(&member["added_by"])}),
        }
    }
}
