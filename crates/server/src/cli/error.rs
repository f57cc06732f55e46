//! What goes wrong on the command line.

use std::io::Write as _;
use std::process::ExitCode;

/// A message for whoever typed the command.
#[derive(Debug)]
pub(super) struct CliError {
    message: String,
    /// The reader of our output is gone: no reason to complain.
    quiet: bool,
    /// A little later it may be otherwise.
    passing: bool,
    /// The type of the API's problem, such as `not-a-member`.
    problem: Option<String>,
}

impl CliError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            quiet: false,
            passing: false,
            problem: None,
        }
    }

    /// What may be otherwise a little later.
    pub(super) fn passing(message: impl Into<String>) -> Self {
        Self {
            passing: true,
            ..Self::new(message)
        }
    }

    /// What the API answered as a problem of a type.
    pub(super) fn of_problem(message: impl Into<String>, problem: Option<String>) -> Self {
        Self {
            problem,
            ..Self::new(message)
        }
    }

    /// Whether it is the API's problem of this type.
    pub(super) fn is_problem(&self, name: &str) -> bool {
        self.problem.as_deref() == Some(name)
    }

    /// The same, with what to do about it on a line of its own.
    pub(super) fn with_hint(mut self, hint: &str) -> Self {
        self.message.push('\n');
        self.message.push_str(hint);
        self
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn may_pass(&self) -> bool {
        self.passing
    }

    /// Say it, and end with 2: 1 is a command's own "no".
    pub(super) fn report(&self) -> ExitCode {
        if self.quiet {
            return ExitCode::SUCCESS;
        }
        // Nobody is left to be told if this fails.
        let _ = writeln!(std::io::stderr(), "error: {}", self.message);
        ExitCode::from(2)
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self {
            quiet: error.kind() == std::io::ErrorKind::BrokenPipe,
            message: error.to_string(),
            passing: false,
            problem: None,
        }
    }
}

macro_rules! from_error {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                Self::new(error.to_string())
            }
        }
    )*};
}

from_error!(
    attache_core::Refusal,
    crate::config::ConfigError,
    attache_log::LogError,
    attache_log::DirectoryError,
    attache_tenants::CreateError,
    attache_tenants::Unavailable,
    attache_tenants::WriteError,
    csv::Error,
    serde_json::Error,
);
