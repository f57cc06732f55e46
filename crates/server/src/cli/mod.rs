//! The command line: one file a subcommand.

mod api;
mod arguments;
mod check;
mod completions;
mod config;
mod copy;
mod data;
mod demo;
mod entries;
mod error;
mod export;
mod formula;
mod grant;
mod import;
mod init;
mod issuer;
mod man;
mod members;
mod migrate;
mod operator_token;
mod output;
mod private;
mod revoke;
mod serve;
mod tenant;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{FromArgMatches as _, Parser, Subcommand};

use error::CliError;

/// Who is attached to this customer, in which role, and what may they see and do?
///
/// attache keeps that for a product that serves business customers, today and
/// on any earlier day, and serves it over four published APIs at once.
#[derive(Debug, Parser)]
#[command(
    name = "attache",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
To look around:     attache demo
To begin for real:  attache init --tenant acme --admin-email ada@acme.example
                    attache serve
Of a server:        ATTACHE_TOKEN=… attache members customer:harbour-bakery --url https://…"
)]
struct Cli {
    /// The configuration file. `attache config` prints one with comments.
    #[arg(long, global = true, value_name = "FILE", env = "ATTACHE_CONFIG")]
    config: Option<PathBuf>,

    /// The data folder, in place of the configuration's.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,

    /// The server to speak to, in place of the data folder: for tenant, token, grant,
    /// revoke, check, members, issuer and entries.
    #[arg(long, global = true, value_name = "URL", env = "ATTACHE_URL")]
    url: Option<String>,

    /// A token for the server. One given here can be read by others on this machine.
    #[arg(
        long,
        global = true,
        value_name = "TOKEN",
        env = "ATTACHE_TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,

    /// The file that holds a token for the server.
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Init(init::Init),
    Serve(serve::Serve),
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    #[command(subcommand)]
    Token(token::Token),
    OperatorToken(operator_token::Make),
    Grant(grant::Grant),
    Revoke(revoke::Revoke),
    Check(check::Check),
    Members(members::Members),
    #[command(subcommand)]
    Issuer(issuer::Issuer),
    Entries(entries::Entries),
    Import(import::Import),
    Export(export::Export),
    Copy(copy::Copy),
    Migrate(migrate::Migrate),
    Config(config::Config),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Whether a command can be about a server that runs somewhere.
    fn can_ask_a_server(&self) -> bool {
        match self {
            Self::Tenant(_)
            | Self::Token(_)
            | Self::Grant(_)
            | Self::Revoke(_)
            | Self::Check(_)
            | Self::Members(_)
            | Self::Issuer(_)
            | Self::Entries(_) => true,
            Self::Demo(_)
            | Self::Init(_)
            | Self::Serve(_)
            | Self::OperatorToken(_)
            | Self::Import(_)
            | Self::Export(_)
            | Self::Copy(_)
            | Self::Migrate(_)
            | Self::Config(_)
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }
}

/// Run the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let matches = command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let url_is_typed = matches.value_source("url") == Some(ValueSource::CommandLine);
    // A thread a processor, as it is by itself. Lists a second on two processors,
    // two runs in turns: one thread 10,019 and 12,242, two 11,471 and 11,668, four
    // 9,315 and 11,679.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(async {
            outlive_limits();
            run(cli, url_is_typed).await
        }),
        Err(error) => Err(CliError::new(format!("no runtime: {error}"))),
    };
    match done {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}

/// Where a limit of the process on the size of files is reached (`ulimit -f`), the
/// write that meets it fails, as on a full disk, and the process goes on.
fn outlive_limits() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        // The signal is taken for the rest of the process, also once this is dropped.
        drop(signal(kind));
    }
}

async fn run(cli: Cli, url_is_typed: bool) -> Result<ExitCode, CliError> {
    if url_is_typed && !cli.command.can_ask_a_server() {
        return Err(CliError::new(
            "this command works on the data folder: it takes no --url",
        ));
    }
    let place = data::Place {
        config: cli.config,
        // Where the data folder is typed, a server in the environment is not meant.
        url: cli.url.filter(|_| url_is_typed || cli.data.is_none()),
        data: cli.data,
        token: cli.token,
        token_file: cli.token_file,
    };
    match cli.command {
        Command::Demo(demo) => Box::pin(demo.run()).await,
        Command::Init(init) => Box::pin(init.run(&place)).await,
        Command::Serve(serve) => Box::pin(serve.run(&place)).await,
        Command::Tenant(tenant) => Box::pin(tenant.run(&place)).await,
        Command::Token(token) => Box::pin(token.run(&place)).await,
        Command::OperatorToken(make) => make.run(),
        Command::Grant(grant) => Box::pin(grant.run(&place)).await,
        Command::Revoke(revoke) => Box::pin(revoke.run(&place)).await,
        Command::Check(check) => Box::pin(check.run(&place)).await,
        Command::Issuer(issuer) => Box::pin(issuer.run(&place)).await,
        Command::Entries(entries) => Box::pin(entries.run(&place)).await,
        Command::Members(members) => Box::pin(members.run(&place)).await,
        Command::Import(import) => Box::pin(import.run(&place)).await,
        Command::Export(export) => Box::pin(export.run(&place)).await,
        Command::Copy(copy) => Box::pin(copy.run(&place)).await,
        Command::Migrate(migrate) => Box::pin(migrate.run(&place)).await,
        Command::Config(config) => config.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    }
}

/// The command line as a whole, for what is made from it.
fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        super::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        fn walk(command: &clap::Command, path: &str) {
            for sub in command
                .get_subcommands()
                .filter(|sub| sub.get_name() != "help")
            {
                let path = format!("{path} {}", sub.get_name());
                if sub.has_subcommands() {
                    walk(sub, &path);
                } else {
                    let help = sub
                        .get_after_help()
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    assert!(help.contains(&path), "{path} has no example");
                }
            }
        }
        walk(&super::command(), "attache");
    }
}
