//! PostgreSQL: which of its hosts to speak to, and how a session begins.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::Settings;
use super::hosts::host_of;

/// The hosts of one PostgreSQL database, one of which takes writes.
pub(crate) struct Hosts {
    hosts: Vec<Host>,
    /// The one that could be written to when somebody looked last.
    current: AtomicUsize,
    connect_within: Duration,
    password_file: Option<PathBuf>,
}

struct Host {
    name: String,
    options: PgConnectOptions,
}

impl Hosts {
    pub(super) fn new(urls: &[String], settings: &Settings) -> Result<Self, sqlx::Error> {
        let host = |url: &String| {
            let options = PgConnectOptions::from_str(url)?;
            let name = host_of(url).to_owned();
            let options = begin_with(options, settings);
            Ok(Host { name, options })
        };
        Ok(Self {
            hosts: urls.iter().map(host).collect::<Result<_, sqlx::Error>>()?,
            current: AtomicUsize::new(0),
            connect_within: settings.connect_within,
            password_file: settings.password_file.clone(),
        })
    }

    /// A session with the host that can be written to. All are tried, the one
    /// of last time first.
    pub(super) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let (_, connection) = self.find().await?;
        Ok(connection)
    }

    /// Returns the options to connect to the host that takes writes now.
    pub(crate) async fn writable(&self) -> Result<PgConnectOptions, sqlx::Error> {
        let (options, connection) = self.find().await?;
        let _ = connection.close().await;
        Ok(options)
    }

    async fn find(&self) -> Result<(PgConnectOptions, PgConnection), sqlx::Error> {
        let first = self.current.load(Ordering::Relaxed);
        let mut failures = Vec::new();
        for step in 0..self.hosts.len() {
            let position = (first + step) % self.hosts.len();
            let Some(host) = self.hosts.get(position) else {
                continue;
            };
            let options = self.with_password(host.options.clone()).await?;
            let tried = tokio::time::timeout(self.connect_within, try_host(&options)).await;
            match tried.unwrap_or_else(|_| Err(said("it does not answer in time"))) {
                Ok(connection) => {
                    if position != self.current.swap(position, Ordering::Relaxed) {
                        tracing::info!(host = host.name, "the database is written to here now");
                    }
                    return Ok((options, connection));
                }
                Err(error) => failures.push(format!("{}: {error}", host.name)),
            }
        }
        Err(said(&failures.join("; ")))
    }

    /// Read each time: a password may be changed while this runs.
    async fn with_password(
        &self,
        options: PgConnectOptions,
    ) -> Result<PgConnectOptions, sqlx::Error> {
        let Some(file) = &self.password_file else {
            return Ok(options);
        };
        match tokio::fs::read_to_string(file).await {
            Ok(password) => Ok(options.password(password.trim_end_matches(['\r', '\n']))),
            Err(error) => Err(said(&format!("{}: {error}", file.display()))),
        }
    }
}

/// How every session begins.
fn begin_with(options: PgConnectOptions, settings: &Settings) -> PgConnectOptions {
    let millis = |duration: Duration| duration.as_millis().to_string();
    let name = options.get_application_name().is_none();
    let options = match name {
        true => options.application_name("attache"),
        false => options,
    };
    options
        .options([
            // A server that stands still in the middle of a transaction must not
            // hold up the others for longer than they wait.
            (
                "idle_in_transaction_session_timeout",
                millis(settings.answer_within / 2),
            ),
            // What nobody waits for any more. Commits are not cut off by this.
            ("statement_timeout", millis(settings.large_within())),
        ])
        // The statements hold what callers wrote.
        .disable_statement_logging()
}

/// A session with a host, if it can be written to.
async fn try_host(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    let row = sqlx::query("SHOW transaction_read_only")
        .fetch_one(&mut connection)
        .await?;
    if row.try_get::<String, _>(0)? == "on" {
        let _ = connection.close().await;
        return Err(said("it can only be read"));
    }
    Ok(connection)
}

fn said(text: &str) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::other(text.to_owned()))
}
