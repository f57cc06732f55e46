//! How to speak to a PostgreSQL, as the configuration says.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use attache_log::Settings;

/// Each field is described in `attache.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPostgres {
    password_file: PathBuf,
    connections: usize,
    connect_seconds: u64,
    answer_seconds: u64,
    listen: bool,
    migrate: bool,
}

impl RawPostgres {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=1_000).contains(&self.connections) {
            return Err(ConfigError(
                "postgres.connections must be from 1 to 1000".to_owned(),
            ));
        }
        for (key, value) in [
            ("connect_seconds", self.connect_seconds),
            ("answer_seconds", self.answer_seconds),
        ] {
            if !(1..=3_600).contains(&value) {
                return Err(ConfigError(format!(
                    "postgres.{key} must be from 1 to 3600"
                )));
            }
        }
        Ok(())
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            connections: self.connections,
            connect_within: Duration::from_secs(self.connect_seconds),
            answer_within: Duration::from_secs(self.answer_seconds),
            password_file: match self.password_file.as_os_str().is_empty() {
                true => None,
                false => Some(self.password_file.clone()),
            },
            listen: self.listen,
            migrate: self.migrate,
        }
    }
}
