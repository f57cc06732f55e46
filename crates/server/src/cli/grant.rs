//! `attache grant`

use std::collections::BTreeMap;
use std::process::ExitCode;

use attache_core::Timestamp;
use clap::Args;
use serde_json::{Value, json};

use super::CliError;
use super::api::Api;
use super::arguments::{NAMES, end, parameter};
use super::data::Place;
use super::output::say;

/// Grant a role. A user must be attached to the resource before.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache grant owner ada customer:harbour-bakery
  attache grant auditor group:support tenant --expires 2027-01-01
  attache grant InboxUser '#7' chatbot:concierge --param inboxId=7

{NAMES}
A group or a service is named group:… or service:…."))]
pub(super) struct Grant {
    #[command(flatten)]
    which: Which,
    /// When it ends: a day, through which it still counts (in UTC), or a time.
    #[arg(long, value_name = "TIME", value_parser = end)]
    expires: Option<Timestamp>,
}

/// Which grant is meant.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The role.
    pub(super) role: String,
    /// To whom: a user, or group:… or service:….
    subject: String,
    /// The resource, such as customer:harbour-bakery.
    pub(super) resource: String,
    /// A parameter of the grant: NAME=VALUE. Can stand more than once.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// The tenant. Can be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

impl Which {
    /// Whether an operation about this grant changed anything.
    pub(super) async fn run(&self, place: &Place, operation: Value) -> Result<bool, CliError> {
        let work = async |api: &Api| api.bulk(vec![operation]).await;
        Ok(place.ask(self.tenant.as_deref(), work).await? > 0)
    }

    pub(super) fn parameters(&self) -> BTreeMap<&str, &str> {
        let parameters = self.parameters.iter();
        parameters
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// The subject as the API names it.
    pub(super) fn subject(&self) -> String {
        match self.subject.contains(':') {
            true => self.subject.clone(),
            false => format!("user:{}", self.subject),
        }
    }
}

impl Grant {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let operation = json!({
            "op": "grant",
            "resource": self.which.resource,
            "grant": {
                "subject": self.which.subject(),
                "role": self.which.role,
                "parameters": self.which.parameters(),
                "expires_at": self.expires,
            },
        });
        say(match self.which.run(place, operation).await? {
            true => "granted",
            false => "it was granted already",
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
