//! `attache demo`

mod past;
mod story;
mod vendors;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::output::say;
use super::private::PrivateFile;
use super::{CliError, data, serve};
use crate::config::{Config, LogFormat};
use story::Story;

/// Serve an invented tenant that shows all APIs.
///
/// Its data is in a temporary folder, which is removed when the demo ends. The demo
/// prints lines to paste into a shell, with tokens that may do everything that their API
/// offers. The demo ignores the configuration, its variables and --data.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache demo
  attache demo --listen 127.0.0.1:0 --env-file demo.env
  . ./demo.env; curl -H \"Authorization: Bearer $VOICEBOT_TOKEN\" \\
    $ATTACHE_URL/third-party/v1/customers/$VOICEBOT_CUSTOMER_ID/users")]
pub(super) struct Demo {
    /// The address to listen at; port 0 takes any free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Write the address, tokens and ids into this file, as NAME=value lines.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

impl Demo {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        // The demo is equal everywhere, so it reads nothing from the environment.
        let mut config = Config::built_in()?;
        config.listen = self.listen;
        config.logging.level = "warn".to_owned();
        config.logging.format = LogFormat::Human;
        crate::logging::begin(&config.logging)?;
        let folder = tempfile::Builder::new().prefix("attache-demo-").tempdir()?;
        config.data = folder.path().to_owned();
        let server = serve::bind(&config).await?;
        let (ambient, clock) = past::ambient();
        let tenants = data::open(&config, ambient, config.settings()).await?;
        let story = Story::tell(&tenants, &clock, format!("http://{}", server.address())).await?;
        if let Some(file) = &self.env_file {
            write_secret(file, &story.variables())?;
        }
        say(story.welcome(folder.path(), clock.at_days_ago(14))?)?;
        serve::until_stopped(server, tenants, &config, serve::Hangup::Stops).await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a file that only its owner can read, since it has tokens.
fn write_secret(file: &Path, text: &str) -> Result<(), CliError> {
    use std::io::Write as _;
    let failed = |error: std::io::Error| CliError::new(format!("{}: {error}", file.display()));
    let mut secret = PrivateFile::create(file).map_err(failed)?;
    secret.write_all(text.as_bytes()).map_err(failed)?;
    secret.finish().map_err(failed)
}
