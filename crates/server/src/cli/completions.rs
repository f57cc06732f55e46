//! `attache completions`

use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use super::CliError;

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache completions bash > /etc/bash_completion.d/attache
  attache completions zsh  > \"${fpath[1]}/_attache\"
  attache completions fish > ~/.config/fish/completions/attache.fish")]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<ExitCode, CliError> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), "attache", &mut text);
        std::io::Write::write_all(&mut std::io::stdout(), &text)?;
        Ok(ExitCode::SUCCESS)
    }
}
