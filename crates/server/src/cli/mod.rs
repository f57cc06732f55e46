//! The command line: one file per subcommand.

mod api;
mod arguments;
mod as_of;
mod attach;
mod can;
mod check;
mod completions;
mod config;
mod copy;
mod data;
mod demo;
mod entries;
mod entry_filters;
mod error;
mod explanation;
mod export;
mod former;
mod grant;
mod grants;
mod head;
mod history;
mod import;
mod init;
mod issuer;
mod listing;
mod man;
mod members;
mod migrate;
mod names;
mod operator_token;
mod output;
mod private;
#[cfg(test)]
mod reference;
mod revoke;
mod serve;
mod service_token;
mod sync;
mod tenant;
mod test;
mod things;
mod token;
mod who_can;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{FromArgMatches as _, Parser, Subcommand};

use error::CliError;
use head::Writes;

/// The heading of the options of every command.
const EVERYWHERE: &str = "Options of every command";

/// Who is attached to this customer, in which role, and what may they see and do?
///
/// attache answers this for products that serve business customers, as of now and as of
/// any earlier day, and serves it over all published APIs at once.
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
Of a server:        ATTACHE_TOKEN=… attache members customer:harbour-bakery --url https://…

A command ends with 0 for yes, or if it is done; with 1 for no: it may not, there
is none; with 2 if it could not be done, or makes no sense.

All commands with their examples: docs/cli.md"
)]
struct Cli {
    /// The configuration file. `attache config` prints one with comments.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE", env = "ATTACHE_CONFIG")]
    config: Option<PathBuf>,

    /// The data folder, instead of the configured one.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR")]
    data: Option<PathBuf>,

    /// The server to use instead of the data folder. Commands that work on the database
    /// itself refuse it: init, serve, copy, migrate.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "URL", env = "ATTACHE_URL")]
    url: Option<String>,

    /// A token for the server. Other users of this machine can see a token that is given
    /// here.
    #[arg(
        long,
        global = true, help_heading = EVERYWHERE,
        value_name = "TOKEN",
        env = "ATTACHE_TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,

    /// The file with a token for the server.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    at: as_of::AsOf,

    #[command(flatten)]
    head: head::HeadFlags,

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
    /// The API tokens of services.
    Token(token::Token),
    OperatorToken(operator_token::Make),
    /// The users of a tenant.
    User(things::User),
    /// The groups of a tenant. A group's grants are grants of its users.
    Group(things::Group),
    /// The services of a tenant: programs that call with an API token.
    Service(things::Service),
    /// The resources of a tenant: resellers, customers, workspaces, and other kinds of
    /// the catalogue.
    Resource(things::Resource),
    Members(members::Members),
    Attach(attach::Attach),
    Detach(attach::Detach),
    Sync(sync::Sync),
    Grant(grant::Grant),
    Revoke(revoke::Revoke),
    Grants(grants::Grants),
    Can(can::Can),
    WhoCan(who_can::WhoCan),
    Check(check::Check),
    Test(test::Test),
    History(history::History),
    Entries(entries::Entries),
    /// The roles in a tenant's catalogue. Changing them takes the permission *.
    Role(things::Role),
    /// The kinds of resources in a tenant's catalogue. Changing them takes the permission
    /// *.
    Kind(things::Kind),
    /// The issuers whose tokens (JWT) a tenant accepts.
    Issuer(issuer::Issuer),
    Import(import::Import),
    Export(export::Export),
    Copy(copy::Copy),
    Migrate(migrate::Migrate),
    Config(config::Config),
    Completions(completions::Completions),
    Man(man::Man),
}

/// The target of a command: a server, the database, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    /// A server or the database.
    AnyServer,
    /// The database itself, never a server.
    Database,
    /// Neither. A server in the environment is ignored.
    Nothing,
}

impl Command {
    fn on(&self) -> On {
        match self {
            Self::Tenant(_)
            | Self::Token(_)
            | Self::User(_)
            | Self::Group(_)
            | Self::Service(_)
            | Self::Resource(_)
            | Self::Members(_)
            | Self::Attach(_)
            | Self::Detach(_)
            | Self::Sync(_)
            | Self::Grant(_)
            | Self::Revoke(_)
            | Self::Grants(_)
            | Self::Can(_)
            | Self::WhoCan(_)
            | Self::Check(_)
            | Self::History(_)
            | Self::Entries(_)
            | Self::Role(_)
            | Self::Kind(_)
            | Self::Issuer(_)
            | Self::Import(_)
            | Self::Export(_) => On::AnyServer,
            Self::Init(_) | Self::Copy(_) | Self::Migrate(_) => On::Database,
            Self::Demo(_)
            | Self::Serve(_)
            | Self::Test(_)
            | Self::OperatorToken(_)
            | Self::Config(_)
            | Self::Completions(_)
            | Self::Man(_) => On::Nothing,
        }
    }
}

impl Command {
    /// What the command, with its verb, writes.
    fn writes(&self) -> Writes {
        match self {
            Self::Init(_) => Writes::FirstEntry,
            Self::Tenant(tenant) => tenant.writes(),
            Self::Token(token) => token.writes(),
            Self::User(user) => user.writes(),
            Self::Group(group) => group.writes(),
            Self::Service(service) => service.writes(),
            Self::Resource(resource) => resource.writes(),
            Self::Role(role) => role.writes(),
            Self::Kind(kind) => kind.writes(),
            Self::Issuer(issuer) => issuer.writes(),
            Self::Attach(_)
            | Self::Detach(_)
            | Self::Sync(_)
            | Self::Grant(_)
            | Self::Revoke(_)
            | Self::Import(_) => Writes::Entries,
            Self::History(_) | Self::Entries(_) => Writes::NothingAndFilters,
            Self::Demo(_)
            | Self::Serve(_)
            | Self::OperatorToken(_)
            | Self::Members(_)
            | Self::Grants(_)
            | Self::Can(_)
            | Self::WhoCan(_)
            | Self::Check(_)
            | Self::Test(_)
            | Self::Export(_)
            | Self::Copy(_)
            | Self::Migrate(_)
            | Self::Config(_)
            | Self::Completions(_)
            | Self::Man(_) => Writes::Nothing,
        }
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let arguments: Vec<String> = std::env::args_os()
                .map(|it| it.to_string_lossy().into_owned())
                .collect();
            former::explained(error, &arguments).exit()
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let url_is_typed = matches.value_source("url") == Some(ValueSource::CommandLine);
    // One worker thread per processor, tokio's default. Lists a second on two processors,
    // two runs in turns: one thread 10,019 and 12,242, two 11,471 and 11,668, four 9,315
    // and 11,679.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(async {
                outlive_limits();
                run(cli, url_is_typed).await
            });
            // Running tasks, such as an import that is planned and not written, are
            // dropped.
            runtime.shutdown_background();
            done
        }
        Err(error) => Err(CliError::new(format!("no runtime: {error}"))),
    };
    match done {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}

/// Makes a write fail that exceeds the process's file size limit (`ulimit -f`), as on a
/// full disk, instead of ending the process.
fn outlive_limits() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        // The handler stays installed for the rest of the process, also after this is
        // dropped.
        drop(signal(kind));
    }
}

async fn run(cli: Cli, url_is_typed: bool) -> Result<ExitCode, CliError> {
    let on = cli.command.on();
    if url_is_typed && on != On::AnyServer {
        return Err(CliError::new(
            "this command works on the database itself: it takes no --url",
        ));
    }
    cli.head.must_fit(cli.command.writes())?;
    // Tenants are listed as they are now.
    let asks = on == On::AnyServer && !matches!(cli.command, Command::Tenant(_));
    cli.at.must_fit(cli.command.writes(), asks)?;
    // What is wrong with a reason is told before anything is asked.
    cli.head.request()?;
    let place = data::Place {
        config: cli.config,
        // A typed data folder overrules a server in the environment.
        url: cli.url.filter(|_| url_is_typed || cli.data.is_none()),
        data: cli.data,
        token: cli.token,
        token_file: cli.token_file,
        at: cli.at.moment(),
        head: cli.head,
    };
    if let (On::Database, Some(url)) = (on, &place.url) {
        let reason = "this command works on the database itself, and ATTACHE_URL names a server";
        return Err(CliError::new(format!("{reason}: {url}"))
            .with_hint("Unset ATTACHE_URL, or name the data folder with --data."));
    }
    match cli.command {
        Command::Demo(demo) => Box::pin(demo.run()).await,
        Command::Init(init) => Box::pin(init.run(&place)).await,
        Command::Serve(serve) => Box::pin(serve.run(&place)).await,
        Command::Tenant(tenant) => Box::pin(tenant.run(&place)).await,
        Command::Token(token) => Box::pin(token.run(&place)).await,
        Command::OperatorToken(make) => make.run(),
        Command::User(user) => Box::pin(user.run(&place)).await,
        Command::Group(group) => Box::pin(group.run(&place)).await,
        Command::Service(service) => Box::pin(service.run(&place)).await,
        Command::Resource(resource) => Box::pin(resource.run(&place)).await,
        Command::Members(members) => Box::pin(members.run(&place)).await,
        Command::Attach(attach) => Box::pin(attach.run(&place)).await,
        Command::Detach(detach) => Box::pin(detach.run(&place)).await,
        Command::Sync(sync) => Box::pin(sync.run(&place)).await,
        Command::Grant(grant) => Box::pin(grant.run(&place)).await,
        Command::Revoke(revoke) => Box::pin(revoke.run(&place)).await,
        Command::Grants(grants) => Box::pin(grants.run(&place)).await,
        Command::Can(can) => Box::pin(can.run(&place)).await,
        Command::WhoCan(who_can) => Box::pin(who_can.run(&place)).await,
        Command::Check(check) => Box::pin(check.run(&place)).await,
        Command::Test(test) => Box::pin(test.run()).await,
        Command::History(history) => Box::pin(history.run(&place)).await,
        Command::Entries(entries) => Box::pin(entries.run(&place)).await,
        Command::Role(role) => Box::pin(role.run(&place)).await,
        Command::Kind(kind) => Box::pin(kind.run(&place)).await,
        Command::Issuer(issuer) => Box::pin(issuer.run(&place)).await,
        Command::Import(import) => Box::pin(import.run(&place)).await,
        Command::Export(export) => Box::pin(export.run(&place)).await,
        Command::Copy(copy) => Box::pin(copy.run(&place)).await,
        Command::Migrate(migrate) => Box::pin(migrate.run(&place)).await,
        Command::Config(config) => config.run(&place),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    }
}

/// Returns the definition of the whole command line, for generated documents.
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
