//! How tenants are opened.

use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use attache_tenants::OpeningBudget;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOpening {
    seconds: u64,
    memory_mib: u64,
    wait_seconds: u64,
}

impl RawOpening {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (key, value, least, most) in [
            ("seconds", self.seconds, 0, 3_600),
            ("memory_mib", self.memory_mib, 1, 1_000_000_000),
            ("wait_seconds", self.wait_seconds, 1, 3_600),
        ] {
            if !(least..=most).contains(&value) {
                let range = format!("opening.{key} must be from {least} to {most}");
                return Err(ConfigError(range));
            }
        }
        Ok(())
    }

    pub(super) fn budget(&self) -> OpeningBudget {
        OpeningBudget {
            within: Duration::from_secs(self.seconds),
            memory: self.memory_mib << 20,
        }
    }

    /// How long a request waits for its tenant, where an answer may take so long.
    /// What comes after that has to fit too.
    pub(super) fn wait(&self, answer_within: Duration) -> Duration {
        Duration::from_secs(self.wait_seconds).min(answer_within / 2)
    }
}
