//! `attache who-can`

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::arguments::{NAMES, entity, parameter};
use super::can::hint;
use super::data::Place;
use super::listing::{Column, Output};
use super::names::Names;
use super::output::note;
use super::things::OfTenant;

/// List the subjects that may do something on a resource.
///
/// Complete: users, also through groups and grants above the resource, and services. Exit
/// code 1 if nobody may.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache who-can customers.users.add customer:harbour-bakery
  attache who-can customers.users.list customer:fjord-ferries --only user --csv
  attache who-can chatbots.inbox.answers.send chatbot:concierge --param inboxId=7

{NAMES}"))]
pub(super) struct WhoCan {
    /// The permission, such as customers.users.list.
    permission: String,
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    /// A parameter that selects a part of the resource: NAME=VALUE. Can be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Only subjects of this type. If left out: users and services.
    #[arg(long, value_enum, value_name = "TYPE")]
    only: Option<Type>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    tenant: OfTenant,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    User,
    Group,
    Service,
}

const COLUMNS: &[Column] = &[
    Column::field("type", "type"),
    Column::field("id", "id"),
    Column::field("name", "name"),
];

impl WhoCan {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = self.tenant.slug();
        place.ask(tenant, async |api| self.with(api).await).await
    }

    async fn with(&self, api: &Api) -> Result<ExitCode, CliError> {
        let types = match self.only {
            None => &["user", "service"][..],
            Some(Type::User) => &["user"],
            Some(Type::Group) => &["group"],
            Some(Type::Service) => &["service"],
        };
        let (kind, id) = entity(api, &self.resource).await?;
        let parameters: BTreeMap<&str, &str> = self
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut names = Names::new(api);
        let mut rows = Vec::new();
        for of_type in types {
            let question = json!({
                "subject": {"type": of_type},
                "action": {"name": self.permission},
                "resource": {"type": kind, "id": id, "properties": parameters},
            });
            let found = api.search("subject", &question).await?;
            let ids: Vec<String> = found.iter().map(|it| plain(&it["id"])).collect();
            names.look_up(of_type, &ids).await?;
            rows.extend(ids.iter().map(|id| -> Value {
                let name = names.of(of_type, id).name;
                json!({"type": of_type, "id": id, "name": name})
            }));
        }
        self.output.list(COLUMNS, &rows)?;
        match rows.is_empty() {
            false => Ok(ExitCode::SUCCESS),
            true => {
                note("Nobody may.")?;
                let question = json!({
                    "subject": {"type": "user"},
                    "action": {"name": self.permission},
                    "resource": {"type": kind, "id": id, "properties": parameters},
                });
                hint(api.unknown_in_search("subject", &question).await?)?;
                Ok(ExitCode::from(1))
            }
        }
    }
}
