//! `attache config`

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::CliError;
use super::data::Place;
use super::listing::{Column, Output};
use super::output::say;
use crate::config::in_force;

/// Print the configuration, with a comment for every key.
///
/// Prints the defaults. Keep the lines that you change.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache config > attache.toml
  attache --config attache.toml serve
  attache config show")]
pub(super) struct Config {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    Show(Show),
}

/// Show the values in force, and the source of each.
///
/// The file overrules the defaults, environment variables overrule the file, and flags
/// overrule all. Passwords and tokens are not shown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache config show
  attache config show --json
  ATTACHE_LISTEN=127.0.0.1:9000 attache config show --csv")]
struct Show {
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    Column::field("key", "key"),
    Column::field("value", "value"),
    Column::field("from", "from"),
];

impl Config {
    pub(super) fn run(&self, place: &Place) -> Result<ExitCode, CliError> {
        match &self.what {
            None => say(crate::config::default_file().trim_end())?,
            Some(What::Show(show)) => show.output.list(COLUMNS, &rows(place)?)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn rows(place: &Place) -> Result<Vec<Value>, CliError> {
    // Contradicting places of the data are an error.
    place.config()?;
    let mut rows = Vec::new();
    let file = place.config.as_ref().map(|file| file.display().to_string());
    for (key, flag, variable, value) in [
        ("(configuration file)", "--config", "ATTACHE_CONFIG", file),
        ("(server)", "--url", "ATTACHE_URL", place.url.clone()),
        (
            "(token)",
            "--token",
            "ATTACHE_TOKEN",
            place.token.as_ref().map(|_| "(set)".to_owned()),
        ),
        (
            "(token file)",
            "--token-file",
            "",
            place.token_file.as_ref().map(|it| it.display().to_string()),
        ),
    ] {
        let Some(value) = value else { continue };
        let from = match std::env::var_os(variable) {
            Some(set) if value == "(set)" || set == value.as_str() => {
                format!("environment variable {variable}")
            }
            _ => format!("flag {flag}"),
        };
        rows.push(json!({"key": key, "value": value, "from": from}));
    }
    for it in in_force(place.config.as_deref())? {
        let row = match &place.data {
            Some(data) if it.key == "data" => {
                json!({"key": "data", "value": data, "from": "flag --data"})
            }
            _ => json!({"key": it.key, "value": it.value, "from": it.from}),
        };
        rows.push(row);
    }
    Ok(rows)
}
