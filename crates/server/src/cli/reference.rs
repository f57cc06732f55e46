//! Makes docs/cli.md from the commands themselves, so that the page cannot differ from
//! them.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Arg, Command};

/// The text before the commands.
const BEGINNING: &str = "\
# The command line

Every command asks attache's own API: a running server, or this process over the data folder.

```sh
attache members customer:harbour-bakery                      # the data folder, or the configured database
export ATTACHE_URL=https://access.acme.example ATTACHE_TOKEN=…
attache members customer:harbour-bakery                      # the server
```

- `--url` or `ATTACHE_URL` names the server; `--token-file`, `ATTACHE_TOKEN` or `--token` its token. Whoever
  holds the data folder may do everything that leaves the tenant sound; over a server the token's rights count.
- Where the data folder is typed (`--data`), a server in the environment is not meant. Commands that work on
  the database itself (`init`, `copy`, `migrate`) refuse to run while `ATTACHE_URL` is set, and `serve` passes over it.
- A running server sees a change on the data folder within `tenants.poll_every`. A request that has to see it
  sends the tenant's revision (`attache tenant show`) as `Attache-At-Least`.
- Changes on the data folder have the actor `operator`. Use a server and a token of your own to be named.
- `--output table|json|csv` wherever something is listed or shown; `--json` and `--csv` are short for it. JSON is
  what the API answers. In CSV, a cell that a spreadsheet would run as a formula begins with an apostrophe.
- What people need to know besides the output stands on standard error: counts, warnings, what to do next.
- Removing a user, group, service, resource, role or kind asks whether that is meant. `--yes` says so beforehand,
  and has to where nobody can be asked.

| exit code | meaning |
|---|---|
| 0 | yes; or done, also where nothing had to change. `serve` and `demo` after SIGTERM or Ctrl-C |
| 1 | no: the subject may not, nobody may, there was no such grant or membership |
| 2 | an error; standard error says which. Nothing was changed, unless the message says that it is not known whether it was done: the connection broke after the request was sent, and `attache history` shows what was done. Commands of several steps (`copy`, `tenant create`, `token create`) keep the finished steps |
| 130, 143 | ended by Ctrl-C (SIGINT), by SIGTERM. What `import` does over the data folder is then there as a whole or not at all |

This page is made from the commands: `ATTACHE_WRITE_DOCS=1 cargo test -p attache --lib cli::reference` writes it anew.
";

/// Returns whether all commands take an option.
fn is_global(arg: &Arg) -> bool {
    arg.is_global_set()
}

/// Returns whether many commands take an option, so that it is described once: the
/// tenant, and the output format.
fn is_common(arg: &Arg) -> bool {
    let help = arg.get_help().map(ToString::to_string);
    let is_tenant = help.is_some_and(|help| help.starts_with("The tenant. Can be left out"));
    ["output", "json", "csv"].contains(&arg.get_id().as_str())
        || is_tenant && arg.get_long().is_some()
}

fn page() -> String {
    let mut root = super::command();
    root.build();
    let mut text = BEGINNING.to_owned();
    text.push_str("\n## For every command\n\n");
    options(&root, &mut text, is_global);
    text.push_str(
        "`--tenant SLUG`, behind the command, names the tenant where the data folder has several, and where the token is the operator's.\n",
    );
    write_below(&root, "attache", &mut text);
    text
}

fn write_below(command: &Command, path: &str, text: &mut String) {
    for sub in command.get_subcommands() {
        if sub.get_name() == "help" {
            continue;
        }
        let path = format!("{path} {}", sub.get_name());
        let is_leaf = !sub.has_subcommands() || sub.get_after_help().is_some();
        if is_leaf {
            write_command(sub, &path, text);
        }
        write_below(sub, &path, text);
    }
}

fn write_command(command: &Command, path: &str, text: &mut String) {
    let positionals = command.get_positionals().map(|arg| {
        let name = arg.get_value_names().unwrap_or_default();
        let name = name
            .first()
            .map_or(arg.get_id().as_str(), |name| name.as_str());
        match arg.is_required_set() {
            true => format!(" <{name}>"),
            false => format!(" [{name}]"),
        }
    });
    let positionals: String = positionals.collect();
    let _ = write!(text, "\n## {path}\n\n");
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    let _ = write!(text, "{}\n\n", about.trim());
    let _ = write!(text, "    {path}{positionals}\n\n");
    options(command, text, |arg| !is_global(arg) && !is_common(arg));
    let examples = command.get_after_help().map(ToString::to_string);
    let _ = write!(text, "```\n{}\n```\n", examples.unwrap_or_default().trim());
}

fn options(command: &Command, text: &mut String, wanted: impl Fn(&Arg) -> bool) {
    let shown = |arg: &&Arg| {
        let is_ours = !["help", "version"].contains(&arg.get_id().as_str());
        is_ours && !arg.is_hide_set() && wanted(arg)
    };
    let arguments: Vec<&Arg> = command.get_arguments().filter(shown).collect();
    if arguments.is_empty() {
        return;
    }
    text.push_str("| argument | meaning |\n|---|---|\n");
    for arg in arguments {
        let value = arg.get_value_names().unwrap_or_default();
        let value = value.first().map(|name| name.as_str());
        let name = match (arg.get_long(), arg.get_action().takes_values()) {
            (Some(long), true) => format!("--{long} {}", value.unwrap_or_default()),
            (Some(long), false) => format!("--{long}"),
            (None, _) => value.unwrap_or_default().to_owned(),
        };
        let help = arg.get_long_help().or(arg.get_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        let words: Vec<String> = arg
            .get_possible_values()
            .iter()
            .map(|value| value.get_name().to_owned())
            .collect();
        let words = match words.is_empty() || words == ["true", "false"] {
            true => String::new(),
            false => format!(" ({})", words.join(", ")),
        };
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let help = help.replace('|', "\\|").replace('<', "&lt;");
        let name = name.replace('|', "\\|");
        let _ = writeln!(text, "| `{}` | {help}{words} |", name.trim());
    }
    text.push('\n');
}

#[test]
fn the_page_of_the_commands_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let page = page();
    if std::env::var_os("ATTACHE_WRITE_DOCS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    let different = page.lines().zip(stands.lines()).find(|(is, was)| is != was);
    assert!(
        page == stands,
        "docs/cli.md is not what the commands say, at {different:?}: \
         ATTACHE_WRITE_DOCS=1 cargo test -p attache --lib cli::reference writes it anew"
    );
}

#[test]
fn every_command_is_on_the_page_with_an_example() {
    let page = page();
    for heading in [
        "attache user add",
        "attache group users remove",
        "attache config show",
    ] {
        assert!(page.contains(&format!("\n## {heading}\n")), "{heading}");
    }
    assert!(!page.contains("```\n\n```"), "a command has no example");
}
