//! The error for a configuration that cannot be used.

use std::fmt;

/// All faults of a configuration.
#[derive(Clone, Debug)]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    pub(super) fn new(fault: impl Into<String>) -> Self {
        Self(vec![fault.into()])
    }

    /// Returns `Ok` if there are no faults.
    pub(super) fn none_of(faults: Vec<String>) -> Result<(), Self> {
        match faults.is_empty() {
            true => Ok(()),
            false => Err(Self(faults)),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [fault] => f.write_str(fault),
            faults => {
                let count = faults.len();
                write!(f, "{count} things are wrong with the configuration:")?;
                faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

impl std::error::Error for ConfigError {}
