//! How faults and warnings name the options of an import: as the command line spells
//! them, or as the query of a request does.

/// What a fault can say of an option on the command line, and in a request.
const OPTIONS: [(&str, &str); 5] = [
    ("--allow-mass-detach", "allow_mass_detach=true"),
    ("--any-address", "any_address=true"),
    ("--renumber", "renumber=true"),
    ("--replace grants", "replace=grants"),
    ("only where --replace", "only where replace"),
];

/// A reason, with options as a request names them.
#[must_use]
pub fn as_query(reason: &str) -> String {
    replaced(reason, |(flag, query)| (flag, query))
}

/// A reason, with options as the command line names them.
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
