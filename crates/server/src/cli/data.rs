//! The data folder: opened for a command, and let go of at its end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use attache_core::catalogue::ROOT_KIND;
use attache_core::cause::chain;
use attache_core::id::TenantId;
use attache_core::{Actor, Caller, State, Timestamp};

use super::CliError;
use super::private;
use crate::config::{Config, LogFormat, Logging};
use attache_ambient::Ambient;
use attache_log::{Location, SqlLog, TenantRow};
use attache_tenants::{Settings, Tenants};

/// Where the configuration and the data are, as the command line says.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) config: Option<PathBuf>,
    pub(super) data: Option<PathBuf>,
    /// The server to speak to, in place of the data folder.
    pub(super) url: Option<String>,
    /// A token for it.
    pub(super) token: Option<String>,
    /// The file that holds one.
    pub(super) token_file: Option<PathBuf>,
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

    /// The token that was given, itself or in a file.
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

    /// The tenants of a data folder that is there, for a command of an operator.
    pub(super) async fn open(&self) -> Result<Tenants, CliError> {
        let config = self.config()?;
        quietly()?;
        must_be_there(&config)?;
        let settings = Settings {
            save_when_closing: false,
            // Nobody else waits.
            open_within: Duration::MAX,
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

/// A command does not make a file that is missing: it was meant to be another.
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

/// Let a command work on tenants, and let go of them whatever comes of it.
pub(super) async fn within<T>(
    tenants: Tenants,
    work: impl AsyncFnOnce(&Tenants) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let done = work(&tenants).await;
    tenants.close().await;
    done
}

/// Only what is wrong, for people.
pub(super) fn quietly() -> Result<(), CliError> {
    let logging = Logging {
        level: "warn".to_owned(),
        format: LogFormat::Human,
    };
    Ok(crate::logging::begin(&logging)?)
}

/// The tenants of the database that the configuration names. A file and its
/// folder are made if they are missing.
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

/// The log at a location.
pub(super) async fn open_log(
    location: &Location,
    settings: attache_log::Settings,
) -> Result<SqlLog, CliError> {
    if let Some(folder) = location.file().and_then(Path::parent) {
        // The folder is nobody else's business.
        let is_own = |name: &str| name.starts_with("attache");
        private::folder(folder, is_own)
            .map_err(|error| CliError::new(format!("{}: {error}", folder.display())))?;
    }
    let log = SqlLog::open(location, settings).await;
    log.map_err(|error| CliError::new(format!("{location}: {}", chain(&error))))
}

/// Which tenant a command is about: the one that is named, or the only one.
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

/// A tenant's state, now or as it was at an instant, and the instant.
pub(super) async fn state(
    tenants: &Tenants,
    tenant: &TenantRow,
    at: Option<Timestamp>,
) -> Result<(Arc<State>, Timestamp), CliError> {
    if let Some(at) = at {
        return Ok((Arc::new(tenants.state_at(tenant.id, at).await?), at));
    }
    match tenants.open(tenant.id).await? {
        Some(open) => Ok((open.state()?, tenants.ambient().now())),
        None => Err(CliError::new(format!("there is no tenant {}", tenant.slug))),
    }
}

/// An error: nothing of a name was there at an instant. `has`: when the thing of that name was added that a state has, if it has one.
pub(super) async fn missing(
    tenants: &Tenants,
    tenant: &TenantRow,
    at: Timestamp,
    name: &str,
    has: impl Fn(&State) -> Option<Timestamp>,
) -> CliError {
    // The root is there as soon as there is a tenant.
    if name == ROOT_KIND {
        return CliError::new(format!("there is no {name}"));
    }
    let open = tenants.open(tenant.id).await.ok().flatten();
    let now = open.and_then(|open| open.state().ok());
    let added = now.and_then(|now| has(&now));
    let added = added.map(|added| format!(" (it was added on {added})"));
    CliError::new(format!(
        "there was no {name} at {at}{}",
        added.unwrap_or_default()
    ))
}

/// Whoever holds the data folder.
pub(super) fn operator(tenant: TenantId) -> Caller {
    Caller {
        tenant,
        actor: Actor::Operator,
    }
}
