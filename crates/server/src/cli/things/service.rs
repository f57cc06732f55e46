//! `attache service`

use std::process::ExitCode;

use clap::Subcommand;

use super::named::{NamedAdd, NamedChange};
use super::{Filtered, Gone, InTenant, One, Thing, Verb};
use crate::cli::CliError;
use crate::cli::api::Api;
use crate::cli::listing::Column;

pub(in crate::cli) type Service = InTenant<ServiceVerb>;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServiceVerb {
    /// Add a service. `attache token create` also adds one, with a token and roles.
    #[command(after_help = "\
Examples:
  attache service add rota --name \"Rota planner\"
  attache grant customer-reader service:rota tenant")]
    Add(NamedAdd),
    /// List services.
    #[command(after_help = "\
Examples:
  attache service list
  attache service list --output json")]
    List(Filtered),
    /// Show a service.
    #[command(after_help = "Example:\n  attache service show gateway")]
    Show(One),
    /// Change a service's name or key.
    #[command(after_help = "Example:\n  attache service change rota --name \"Shift planner\"")]
    Change(NamedChange),
    /// Remove a service, with its tokens and its grants.
    #[command(after_help = "Example:\n  attache service remove rota --yes")]
    Remove(Gone),
}

/// The columns of services and groups.
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

impl Verb for ServiceVerb {
    fn writes(&self) -> bool {
        match self {
            Self::List(_) | Self::Show(_) => false,
            Self::Add(_) | Self::Change(_) | Self::Remove(_) => true,
        }
    }

    async fn run(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Add(add) => add.run(&SERVICE, api).await,
            Self::List(list) => {
                let query = [("text", list.text.as_deref())];
                SERVICE.list(api, &query, list.output).await
            }
            Self::Show(one) => SERVICE.show(api, one).await,
            Self::Change(change) => change.run(&SERVICE, api).await,
            Self::Remove(gone) => SERVICE.remove(api, gone).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}
