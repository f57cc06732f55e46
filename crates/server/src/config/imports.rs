//! What imports over a server may take.

use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use attache_http::ImportLimits;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawImports {
    bytes: usize,
    unpacked_bytes: usize,
    entries: usize,
    at_once: usize,
    report_lines: usize,
    kept_minutes: u64,
    kept_of_one: usize,
}

impl RawImports {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (key, value, most) in [
            ("bytes", self.bytes, 4_000_000_000),
            ("unpacked_bytes", self.unpacked_bytes, 100_000_000_000),
            ("entries", self.entries, 1_000_000),
            ("at_once", self.at_once, 1_000),
            ("report_lines", self.report_lines, 1_000_000),
            ("kept_of_one", self.kept_of_one, 1_000),
        ] {
            if value == 0 || value > most {
                let range = format!("imports.{key} must be from 1 to {most}");
                return Err(ConfigError(range));
            }
        }
        if self.kept_minutes == 0 || self.kept_minutes > 100_000 {
            let range = "imports.kept_minutes must be from 1 to 100000";
            return Err(ConfigError(range.to_owned()));
        }
        Ok(())
    }

    pub(super) fn limits(&self) -> ImportLimits {
        ImportLimits {
            bytes: self.bytes,
            unpacked_bytes: self.unpacked_bytes,
            entries: self.entries,
            at_once: self.at_once,
            report_lines: self.report_lines,
            kept_for: Duration::from_secs(self.kept_minutes * 60),
            kept_of_one: self.kept_of_one,
        }
    }
}
