//! `attache man`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::CliError;

/// Print the manual page, or write those of all commands into a folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache man | man -l -
  attache man /usr/local/share/man/man1")]
pub(super) struct Man {
    /// An existing folder, into which a page for each command is written.
    folder: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self) -> Result<ExitCode, CliError> {
        match &self.folder {
            Some(folder) => clap_mangen::generate_to(super::command(), folder)
                .map_err(|error| CliError::new(format!("{}: {error}", folder.display())))?,
            None => {
                let mut text = Vec::new();
                clap_mangen::Man::new(super::command()).render(&mut text)?;
                std::io::Write::write_all(&mut std::io::stdout(), &text)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
