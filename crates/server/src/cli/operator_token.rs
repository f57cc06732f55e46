//! `attache operator-token`

use std::process::ExitCode;

use clap::Args;

use super::CliError;
use super::output::{note, say};
use attache_ambient::Ambient;
use attache_http::operator_token::OperatorToken;

/// Make a token for the operator, and the line that lets a server know it.
///
/// The token's holder can create tenants, and do anything in any tenant, over HTTP. The
/// token is shown once: attache has only its hash, in the configuration.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  attache operator-token
  # put the line that it prints into the configuration, and start the server again
  attache tenant list --url http://127.0.0.1:8080 --token attache_operator_…")]
pub(super) struct Make {}

impl Make {
    #[allow(clippy::unused_self, reason = "like every other command")]
    pub(super) fn run(self) -> Result<ExitCode, CliError> {
        let token = OperatorToken::new(&Ambient::of_the_machine());
        note("The operator's token. It is not shown again:")?;
        say(token.reveal())?;
        note("For the configuration:")?;
        say(format!("operator_token_sha256 = \"{}\"", token.hash()))?;
        Ok(ExitCode::SUCCESS)
    }
}
