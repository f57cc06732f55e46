//! Names of an import's options in faults and warnings: as flags of the command line, or
//! as parameters of a request.

/// The spellings of an option on the command line and in a request.
const OPTIONS: [(&str, &str); 5] = [
    ("--allow-mass-detach", "allow_mass_detach=true"),
    ("--any-address", "any_address=true"),
    ("--renumber", "renumber=true"),
    ("--replace grants", "replace=grants"),
    ("only where --replace", "only where replace"),
];

/// Returns a reason with the options' names in requests.
#[must_use]
pub fn as_query(reason: &str) -> String {
    replaced(reason, |(flag, query)| (flag, query))
}

/// Returns a reason with the options' names on the command line.
#[must_use]
pub fn as_flags(reason: &str) -> String {
    replaced(reason, |(flag, query)| (query, flag))
}

fn replaced(
    reason: &str,
    pair: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> String {
    let mut reason = reason.to_owned();
    for (old, new) in OPTIONS.into_iter().map(pair) {
        if reason.contains(old) {
            reason = reason.replace(old, new);
        }
    }
    reason
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_named_as_they_were_asked_for() {
        for (flags, query) in [
            (
                "or none (--renumber does); --allow-mass-detach allows it",
                "or none (renumber=true does); allow_mass_detach=true allows it",
            ),
            (
                "only where --replace makes this file the truth",
                "only where replace makes this file the truth",
            ),
            (
                "--replace grants makes the file the truth",
                "replace=grants makes the file the truth",
            ),
        ] {
            assert_eq!(as_query(flags), query);
            assert_eq!(as_flags(query), flags);
        }
    }
}
