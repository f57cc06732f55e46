//! `attache service`

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{Filtered, Gone, OfTenant, One, Thing, given, or_null};
use crate::cli::CliError;
use crate::cli::api::Api;
use crate::cli::data::Place;
use crate::cli::listing::{Column, Output};

/// The services of a tenant: programs that call with an API token.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Service {
    Add(Add),
    /// List services.
    #[command(after_help = "\
Examples:
  attache service list
  attache service list --output json")]
    List(Filtered),
    /// Show a service.
    #[command(after_help = "Example:\n  attache service show gateway")]
    Show(One),
    Change(Change),
    /// Remove a service, with its tokens and its grants.
    #[command(after_help = "Example:\n  attache service remove rota --yes")]
    Remove(Gone),
}

/// Add a service. `attache token create` adds one too, with a token and roles.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache service add rota --name \"Rota planner\"
  attache grant customer-reader service:rota tenant")]
pub(in crate::cli) struct Add {
    /// Its key.
    key: String,
    /// Its name for people; the key if left out.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    tenant: OfTenant,
}

/// Change a service's name or key.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  attache service change rota --name \"Shift planner\"")]
pub(in crate::cli) struct Change {
    /// Which: its key, its id or its number (#7).
    service: String,
    /// Its new name.
    #[arg(long)]
    name: Option<String>,
    /// Its new key. An empty one takes it away.
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    tenant: OfTenant,
}

/// What is shown of a service, and of a group.
pub(super) const COLUMNS: &[Column] = &[
    Column::field("number", "number"),
    Column::field("key", "key"),
    Column::field("name", "name"),
    Column::untabled("id"),
    Column::field("created_at", "created"),
    Column::untabled("created_by"),
];

const SERVICE: Thing = Thing {
    noun: "service",
    path: "services",
    columns: COLUMNS,
    goes_with: "its tokens and its grants",
};

impl Service {
    pub(in crate::cli) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let tenant = match &self {
            Self::Add(it) => it.tenant.slug(),
            Self::List(it) => it.tenant.slug(),
            Self::Show(it) => it.tenant.slug(),
            Self::Change(it) => it.tenant.slug(),
            Self::Remove(it) => it.tenant.slug(),
        };
        place.ask(tenant, async |api| self.with(api).await).await?;
        Ok(ExitCode::SUCCESS)
    }

    async fn with(&self, api: &Api) -> Result<(), CliError> {
        match self {
            Self::Add(add) => {
                let name = add.name.as_deref().unwrap_or(&add.key);
                let body = given([
                    ("key", Some(Value::from(add.key.as_str()))),
                    ("name", Some(Value::from(name))),
                ]);
                SERVICE.add(api, &body.into(), add.output).await
            }
            Self::List(list) => {
                let query = [("text", list.text.as_deref())];
                SERVICE.list(api, &query, list.output).await
            }
            Self::Show(one) => SERVICE.show(api, one).await,
            Self::Change(change) => {
                let body = given([
                    ("name", change.name.as_deref().map(Value::from)),
                    ("key", change.key.as_deref().map(or_null)),
                ]);
                SERVICE
                    .change(api, &change.service, body, change.output)
                    .await
            }
            Self::Remove(gone) => SERVICE.remove(api, gone).await,
        }
    }
}
