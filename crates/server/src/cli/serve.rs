//! `attache serve`

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;

use super::CliError;
use super::data::{self, Place};
use super::output::note;
use crate::config::Config;
use attache_ambient::Ambient;
use attache_http::{App, Server};

use attache_apis::router;
use attache_tenants::Tenants;

/// Serve the published APIs, attache's own API and AuthZEN.
///
/// SIGTERM or Ctrl-C ends the server in good order: it accepts nothing more, finishes
/// answers, and saves snapshots. SIGHUP is ignored, since the configuration is read at
/// the start only.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache serve
  attache serve --listen 127.0.0.1:9000
  attache --config /etc/attache/attache.toml serve

Is it alive:  curl http://127.0.0.1:8080/healthz
Can it work:  curl http://127.0.0.1:8080/readyz
              (503 until its tenants are open, and how many are)
              (/readyz/reads: whether it reads, while writes may fail)
Documents:    curl http://127.0.0.1:8080/openapi/voicebot.json
              (worth.json, cloudcockpit.json, chatcaptain.json, authzen.json, attache.json)")]
pub(super) struct Serve {
    /// The address to listen at, instead of the configured one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) async fn run(self, place: &Place) -> Result<ExitCode, CliError> {
        let mut config = place.config()?;
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        crate::logging::begin(&config.logging)?;
        let ambient = Ambient::of_the_machine_with(config.clock());
        let tenants = data::open(&config, ambient, config.settings()).await?;
        let server = bind(&config).await?;
        if tenants.directory().is_empty() {
            note(
                "There is no tenant yet. `attache init` or `attache tenant create` makes one; this server will see it.",
            )?;
        }
        tracing::info!(address = %server.address(), database = %config.location()?, "attache listens");
        tenants.open_ahead(config.opening());
        until_stopped(server, tenants, &config, Hangup::GoesOn).await;
        Ok(ExitCode::SUCCESS)
    }
}

pub(super) async fn bind(config: &Config) -> Result<Server, CliError> {
    let mut limits = config.server_limits();
    let database = config.database_connections();
    limits.connections = crate::open_files::connections(limits.connections, database);
    let bound = Server::bind(config.listen, limits).await;
    bound.map_err(|error| {
        let listen = config.listen;
        CliError::new(format!(
            "cannot listen at {listen}: {error}; --listen names another address"
        ))
    })
}

/// The reaction to SIGHUP, which would end the process otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hangup {
    /// Ignored: service managers and log rotation send it to make programs read their
    /// configuration again.
    GoesOn,
    /// As SIGTERM: the terminal was closed.
    Stops,
}

/// Serves until the process is asked to stop, and ends in good order.
pub(super) async fn until_stopped(
    server: Server,
    tenants: Tenants,
    config: &Config,
    hangup: Hangup,
) {
    let app = App::new(tenants.clone(), config.limits())
        .with_jwt(config.jwt())
        .reached_at(&config.public_url)
        // The configuration was validated, so the hash is valid.
        .with_operator(config.operator().unwrap_or_default());
    let stopped = async {
        tokio::select! {
            () = stop() => {}
            () = hung_up(hangup) => {}
        }
    };
    server.serve(router(app), stopped).await;
    // A second signal ends the process at once.
    tokio::spawn(async {
        stop().await;
        std::process::exit(1);
    });
    let within = config.server_limits().finish_within;
    if tokio::time::timeout(within, tenants.close()).await.is_err() {
        tracing::warn!(
            "not all snapshots were saved in time; nothing is lost, opening takes longer"
        );
    }
    tracing::info!("attache has stopped");
}

/// Resolves when the process is asked to stop.
async fn stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            tracing::info!("attache was asked to stop");
            return;
        }
    }
    let _ = interrupted.await;
    tracing::info!("attache was asked to stop");
}

/// Resolves at a SIGHUP that stops the process.
async fn hung_up(hangup: Hangup) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut hangups) = signal(SignalKind::hangup()) {
            while hangups.recv().await.is_some() {
                if hangup == Hangup::Stops {
                    tracing::info!("attache stops: its terminal was closed");
                    return;
                }
                tracing::warn!(
                    "SIGHUP changes nothing: the configuration is read at the start; restart attache to have it read again"
                );
            }
        }
    }
    std::future::pending::<()>().await;
}
