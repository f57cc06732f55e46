//! `attache revoke`

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::CliError;
use super::arguments::NAMES;
use super::data::Place;
use super::grant::Which;
use super::output::say;

/// Revoke a role. The parameters must be exactly those of the grant.
///
/// Exit code 1 if the grant did not exist.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  attache revoke owner amina.diallo customer:harbour-bakery
  attache revoke customer-reader group:support tenant

{NAMES}
A group or a service is named group:… or service:…."))]
pub(super) struct Revoke {
    #[command(flatten)]
    which: Which,
}

impl Revoke {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let operation = json!({
            "op": "revoke",
            "resource": self.which.resource,
            "subject": self.which.subject(),
            "role": self.which.role,
            "parameters": self.which.parameters(),
        });
        if self.which.run(place, operation).await? {
            say("revoked")?;
            Ok(ExitCode::SUCCESS)
        } else {
            say("there was no such grant")?;
            Ok(ExitCode::from(1))
        }
    }
}
