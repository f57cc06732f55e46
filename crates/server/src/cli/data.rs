//! Opens the data folder or database for a command, and closes it at the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use attache_core::cause::chain;
use attache_core::id::TenantId;
use attache_core::{Actor, Caller, State, Timestamp};

use super::CliError;
use super::head::HeadFlags;
use super::private;
use crate::config::{Config, LogFormat, Logging};
use attache_ambient::Ambient;
use attache_log::{Location, SqlLog, TenantRow};
use attache_tenants::{Moment, PastSettings, Settings, Tenants};

/// The configuration and the data, as the command line names them.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) config: Option<PathBuf>,
    pub(super) data: Option<PathBuf>,
    /// The server to use instead of the data folder.
    pub(super) url: Option<String>,
    /// A token for the server.
    pub(super) token: Option<String>,
    /// The file with a token for the server.
    pub(super) token_file: Option<PathBuf>,
    /// The moment that the command asks about, if it is not the present.
    pub(super) at: Option<Moment>,
    /// What the command says of what it writes.
    pub(super) head: HeadFlags,
}

impl Place {
    pub(super) fn config(&self) -> Result<Config, CliError> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data) = &self.data {
            if !config.database.is_empty() {
                return Err(CliError::new(format!(
                    "--data names a folder, but the configuration says that the data is at {}: \
                     leave one of them out",
                    config.location()?
                )));
            }
            config.data.clone_from(data);
        }
        Ok(config)
    }

    /// Returns the given token, from the option or the file.
    pub(super) fn token(&self) -> Result<Option<String>, CliError> {
        let text = match (&self.token_file, &self.token) {
            (Some(file), _) => std::fs::read_to_string(file)
                .map_err(|error| CliError::new(format!("{}: {error}", file.display())))?,
            (None, Some(token)) => token.clone(),
            (None, None) => return Ok(None),
        };
        let token = text.trim();
        let fits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        match fits {
            true => Ok(Some(token.to_owned())),
            false => Err(CliError::new(
                "the token is empty, or is not one line of plain characters",
            )),
        }
    }

    /// Opens the tenants of an existing data folder, for a command of the operator.
    pub(super) async fn open(&self) -> Result<Tenants, CliError> {
        let config = self.config()?;
        quietly()?;
        must_be_there(&config)?;
        let settings = Settings {
            save_when_closing: false,
            // Nobody else waits.
            open_within: Duration::MAX,
            past: PastSettings {
                wait: Duration::MAX,
                ..config.settings().past
            },
            ..config.settings()
        };
        open(
            &config,
            Ambient::of_the_machine_with(config.clock()),
            settings,
        )
        .await
    }
}

/// Checks that the data exists. Commands create none, since a missing file is probably a
/// wrong path.
pub(super) fn must_be_there(config: &Config) -> Result<(), CliError> {
    let location = config.location()?;
    match location.file() {
        Some(file) if !file.is_file() && config.database.is_empty() => Err(CliError::new(format!(
            "{} is no data folder of attache; `attache init` makes one",
            config.data.display()
        ))),
        Some(file) if !file.is_file() => Err(CliError::new(format!(
            "{} is not there; `attache init` makes it",
            file.display()
        ))),
        _ => Ok(()),
    }
}

/// Runs a command on tenants, and closes them whatever the outcome.
pub(super) async fn within<T>(
    tenants: Tenants,
    work: impl AsyncFnOnce(&Tenants) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let done = work(&tenants).await;
    tenants.close().await;
    done
}

/// Sets the log to warnings and errors only, for people.
pub(super) fn quietly() -> Result<(), CliError> {
    let logging = Logging {
        level: "warn".to_owned(),
        format: LogFormat::Human,
    };
    Ok(crate::logging::begin(&logging)?)
}

/// Opens the tenants of the configured database. Creates a missing file and its folder.
pub(super) async fn open(
    config: &Config,
    ambient: Ambient,
    settings: Settings,
) -> Result<Tenants, CliError> {
    let log = open_log(&config.location()?, config.postgres()).await?;
    let tenants = Tenants::new(Arc::new(log), ambient, settings);
    tenants.judge_clock().await;
    tenants.refresh().await?;
    Ok(tenants)
}

/// Opens the log at a location.
pub(super) async fn open_log(
    location: &Location,
    settings: attache_log::Settings,
) -> Result<SqlLog, CliError> {
    if let Some(folder) = location.file().and_then(Path::parent) {
        // Nobody else may read the folder.
        let is_own = |name: &str| name.starts_with("attache");
        private::folder(folder, is_own)
            .map_err(|error| CliError::new(format!("{}: {error}", folder.display())))?;
    }
    let log = SqlLog::open(location, settings).await;
    log.map_err(|error| CliError::new(format!("{location}: {}", chain(&error))))
}

/// Returns the tenant of a command: the named one, or the only one.
pub(super) fn tenant(tenants: &Tenants, slug: Option<&str>) -> Result<TenantRow, CliError> {
    let directory = tenants.directory();
    let all = directory.all();
    let slugs = || {
        let slugs: Vec<&str> = all.iter().map(|row| row.slug.as_str()).collect();
        slugs.join(", ")
    };
    match slug {
        Some(slug) => directory.by_slug(slug).cloned().ok_or_else(|| {
            CliError::new(format!("there is no tenant {slug}; there are: {}", slugs()))
        }),
        None => match all.as_slice() {
            [only] => Ok((**only).clone()),
            [] => Err(CliError::new(
                "there is no tenant yet; `attache tenant create` makes one",
            )),
            _ => Err(CliError::new(format!(
                "say which tenant with --tenant: {}",
                slugs()
            ))),
        },
    }
}

/// Returns a tenant's state, now or at a moment, and the instant.
pub(super) async fn state(
    tenants: &Tenants,
    tenant: &TenantRow,
    at: Option<Moment>,
) -> Result<(Arc<State>, Timestamp), CliError> {
    let open = tenants.open(tenant.id).await?;
    let open = open.ok_or_else(|| CliError::new(format!("there is no tenant {}", tenant.slug)))?;
    let present = open.state()?;
    let Some(moment) = at else {
        return Ok((present, tenants.ambient().now()));
    };
    let past = tenants.past(&present, moment).await;
    let past = past.map_err(|no| CliError::new(format!("--at: {}", chain(&no))))?;
    Ok((past.state, past.at))
}

/// The caller for commands on the data itself: the operator.
pub(super) fn operator(tenant: TenantId) -> Caller {
    Caller {
        tenant,
        actor: Actor::Operator,
    }
}
