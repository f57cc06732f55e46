//! `attache config`

use std::process::ExitCode;

use clap::Args;

use super::CliError;
use super::output::say;

/// Print the configuration, with a comment for every key.
///
/// What it prints is what holds by default. Keep the lines that you change.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache config > attache.toml
  attache --config attache.toml serve")]
pub(super) struct Config {}

impl Config {
    pub(super) fn run(&self) -> Result<ExitCode, CliError> {
        say(crate::config::DEFAULT.trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}
