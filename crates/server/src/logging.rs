//! The log of the process: lines for people or for programs, on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::config::{LogFormat, Logging};

/// The level of the log is not a valid filter.
#[derive(Debug, thiserror::Error)]
#[error("logging.level is no filter: {0}")]
pub struct LevelError(#[from] ParseError);

/// Starts to write lines. An already started log continues.
///
/// # Errors
/// If the level is not a valid filter.
pub fn begin(logging: &Logging) -> Result<(), LevelError> {
    let filter = EnvFilter::try_new(&logging.level)?;
    let terminal = std::io::stderr().is_terminal();
    let human = match logging.format {
        LogFormat::Human => true,
        LogFormat::Json => false,
        LogFormat::Auto => terminal,
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Fails only if lines are written already, as in a test.
    let _ = if human {
        lines.with_target(false).with_ansi(terminal).try_init()
    } else {
        lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init()
    };
    Ok(())
}
