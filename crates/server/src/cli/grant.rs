//! `attache grant`

use std::process::ExitCode;

use attache_core::command::GrantRef;
use attache_core::{Command, Timestamp};
use clap::Args;

use super::CliError;
use super::arguments::{NAMES, locator, parameter, subject_ref, time};
use super::data::{self, Place, operator};
use super::output::say;
use crate::tenants::Tenants;

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
    /// When it stops counting: a day or a time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires: Option<Timestamp>,
}

/// Which grant is meant.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The role.
    role: String,
    /// To whom: a user, or group:… or service:….
    subject: String,
    /// The resource, such as customer:harbour-bakery.
    resource: String,
    /// A parameter of the grant: NAME=VALUE. Can stand more than once.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// The tenant. Can be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

impl Which {
    fn named(&self) -> GrantRef {
        GrantRef {
            resource: locator(&self.resource),
            subject: subject_ref(&self.subject),
            role: self.role.as_str().into(),
            parameters: self.parameters.iter().cloned().collect(),
        }
    }

    /// Whether a command about this grant changed anything.
    pub(super) async fn write(
        &self,
        tenants: &Tenants,
        command: impl FnOnce(GrantRef) -> Command,
    ) -> Result<bool, CliError> {
        let row = data::tenant(tenants, self.tenant.as_deref())?;
        let correlation_id = tenants.ambient().id().to_string();
        let commands = [command(self.named())];
        let written = tenants
            .write(operator(row.id), &correlation_id, &commands)
            .await?;
        Ok(!written.changes.is_empty())
    }
}

impl Grant {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let expires_at = self.expires;
        let granted = data::within(place.open().await?, async |tenants| {
            let command = |grant| Command::Grant { grant, expires_at };
            self.which.write(tenants, command).await
        });
        say(match granted.await? {
            true => "granted",
            false => "it was granted already",
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
