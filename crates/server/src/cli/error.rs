//! The error of a command.

use std::io::Write as _;
use std::process::ExitCode;

use attache_core::cause::chain;
use serde_json::Value;

/// An error, with a message for the person who typed the command.
#[derive(Debug)]
pub(super) struct CliError {
    message: String,
    /// Whether to print nothing, since the reader of the output is gone.
    quiet: bool,
    /// Whether the error may be gone a little later.
    passing: bool,
    /// Whether the request was sent and its outcome is unknown.
    outcome_unknown: bool,
    /// The type of the API's problem, such as `not-a-member`.
    problem: Option<String>,
    /// The whole problem of the API; null if there is none.
    details: Value,
}

impl CliError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            quiet: false,
            passing: false,
            outcome_unknown: false,
            problem: None,
            details: Value::Null,
        }
    }

    /// Makes an error that may be gone a little later.
    pub(super) fn passing(message: impl Into<String>) -> Self {
        Self {
            passing: true,
            ..Self::new(message)
        }
    }

    /// Makes an error from the API's problem of a type.
    pub(super) fn of_problem(
        message: impl Into<String>,
        problem: Option<String>,
        details: Value,
    ) -> Self {
        Self {
            problem,
            details,
            ..Self::new(message)
        }
    }

    /// Makes an error for a connection that broke during or after sending the request.
    pub(super) fn broken(message: impl Into<String>) -> Self {
        Self {
            outcome_unknown: true,
            ..Self::passing(message)
        }
    }

    /// Returns whether the request may have arrived, so that its outcome is unknown.
    pub(super) fn is_outcome_unknown(&self) -> bool {
        self.outcome_unknown
    }

    /// Returns the whole problem of the API; null if there is none.
    pub(super) fn details(&self) -> &Value {
        &self.details
    }

    /// Adds the unknown names of a question after the fields that have them.
    pub(super) fn with_values(mut self, question: &Value) -> Self {
        for field in ["subject", "permission", "resource"] {
            if let Some(value) = question[field].as_str() {
                let (bare, named) = (format!("{field} is no"), format!("{field} {value} is no"));
                self.message = self.message.replacen(&bare, &named, 1);
            }
        }
        self
    }

    /// Removes positions in a list, which the first line counts.
    pub(super) fn without_positions(mut self) -> Self {
        let end = self.message.find('\n').unwrap_or(self.message.len());
        if let Some(at) = self.message.find(" at position").filter(|at| *at < end) {
            self.message.replace_range(at..end, "");
        }
        self
    }

    /// Appends a text to the first line.
    pub(super) fn with(mut self, more: &str) -> Self {
        let end = self.message.find('\n').unwrap_or(self.message.len());
        self.message.insert_str(end, more);
        self
    }

    /// Returns whether the error is the API's problem of this type.
    pub(super) fn is_problem(&self, name: &str) -> bool {
        self.problem.as_deref() == Some(name)
    }

    /// Adds a hint on a line of its own.
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

    /// Prints the error, and returns exit code 2: 1 is a command's "no".
    pub(super) fn report(&self) -> ExitCode {
        if self.quiet {
            return ExitCode::SUCCESS;
        }
        // If this fails, nobody is left to be told.
        let _ = writeln!(std::io::stderr(), "error: {}", self.message);
        ExitCode::from(2)
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self {
            quiet: error.kind() == std::io::ErrorKind::BrokenPipe,
            ..Self::new(error.to_string())
        }
    }
}

macro_rules! from_error {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                Self::new(chain(&error).to_string())
            }
        }
    )*};
}

from_error!(
    attache_core::Refusal,
    attache_files::import::SourceError,
    crate::config::ConfigError,
    crate::logging::LevelError,
    attache_log::LogError,
    attache_log::DirectoryError,
    attache_tenants::CreateError,
    attache_tenants::Unavailable,
    attache_tenants::WriteError,
    csv::Error,
    serde_json::Error,
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_name_stands_behind_its_field() {
        let question =
            json!({"subject": "user:kim", "permission": "sites.vew", "resource": "site:a"});
        let error = CliError::new("permission is no permission that the catalogue knows");
        assert_eq!(
            error.with_values(&question).message(),
            "permission sites.vew is no permission that the catalogue knows"
        );
    }
}
