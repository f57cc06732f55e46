//! Former spellings of fields and parameters. They are refused, and the error names the
//! new spelling.

/// A former spelling, and the new one.
const FORMER: &[(&str, &str)] = &[("under", "parent"), ("to", "parent")];

/// Returns the reason for refusing an unknown field or parameter. It names the new
/// spelling of a former one.
#[must_use]
pub fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let mut former = FORMER.iter().filter(|(former, _)| *former == name);
    match (
        former.find(|(_, now)| known.contains(now)),
        known.is_empty(),
    ) {
        (Some((_, now)), _) => format!("is called {now} now"),
        (None, true) => "is not known here".to_owned(),
        (None, false) => format!("is not known here; these are: {}", known.join(", ")),
    }
}

/// Returns the known word that replaces a former word, such as `added_at` for `added` in
/// a sort order.
pub fn former_word<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (sign, bare) = match word.strip_prefix('-') {
        Some(bare) => ("-", bare),
        None => ("", word),
    };
    let is_now = |known: &&str| {
        let known = known.strip_prefix(sign).unwrap_or_default();
        bare == "added" && ["added_at", "created_at"].contains(&known)
    };
    known.into_iter().find(is_now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_spelling_is_refused_with_the_new_one() {
        assert_eq!(unknown("under", ["kind", "parent"]), "is called parent now");
        assert_eq!(
            unknown("to", ["resource", "parent"]),
            "is called parent now"
        );
        // Where the new one is not known either, it is no former spelling of anything there.
        assert_eq!(
            unknown("under", ["name", "key"]),
            "is not known here; these are: name, key"
        );
        assert_eq!(unknown("under", []), "is not known here");
        assert_eq!(former_word("added", ["name", "added_at"]), Some("added_at"));
        let sorts = ["created_at", "-created_at"];
        assert_eq!(former_word("-added", sorts), Some("-created_at"));
        assert_eq!(former_word("added", sorts), Some("created_at"));
        assert_eq!(former_word("size", sorts), None);
    }
}
