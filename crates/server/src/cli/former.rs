//! Former spellings of flags. They are refused, and the error names the new one.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// A command, its former flag, and the flag's new name.
const FORMER: &[(&str, &str, &str)] = &[
    ("resource", "--under", "--parent"),
    ("grants", "--on", "--resource"),
    ("grants", "--to", "--subject"),
    ("attach", "--expires", "--until"),
    ("grant", "--expires", "--until"),
    ("token", "--expires", "--until"),
    ("history", "--user", "--subject"),
    ("history", "--by", "--actor"),
];

/// Adds the new name to an error about a former flag.
pub(super) fn explained(mut error: clap::Error, arguments: &[String]) -> clap::Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let is_it = |(command, former, _): &&(&str, &str, &str)| {
        former == flag && arguments.iter().any(|argument| argument == command)
    };
    if let Some((_, former, now)) = FORMER.iter().find(is_it) {
        let tip = format!("{former} is called {now} now");
        error.remove(ContextKind::SuggestedArg);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_flag_is_refused_with_the_new_one() {
        for (line, tip) in [
            (
                "resource add customer:x --name X --under tenant",
                "--under is called --parent now",
            ),
            (
                "resource list --under=tenant",
                "--under is called --parent now",
            ),
            ("grants --on tenant", "--on is called --resource now"),
            ("grants --to ada", "--to is called --subject now"),
            (
                "grant owner ada customer:x --expires 2030-01-01",
                "--expires is called --until now",
            ),
            (
                "token create --service x --expires 2030-01-01",
                "--expires is called --until now",
            ),
            ("history --by operator", "--by is called --actor now"),
            ("history --user ada", "--user is called --subject now"),
        ] {
            let arguments = format!("attache {line}");
            let arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
            let error = crate::cli::command().try_get_matches_from(&arguments);
            let said = explained(error.unwrap_err(), &arguments).to_string();
            assert!(said.contains(tip), "{line}: {said}");
        }
    }
}
