//! Protects cells that a spreadsheet would run as formulas.
//!
//! Spreadsheets treat a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage
//! return as a formula (OWASP, CSV Injection). `guard` puts an apostrophe before such a
//! cell, `escape` only before one that `read` would otherwise change, and `read` removes
//! one apostrophe. So `read` restores the text from either.
//!
//! Some spreadsheets separate cells by semicolons and split a cell at each, so what
//! follows a semicolon counts as a beginning too.

use std::borrow::Cow;

/// Returns a cell for a file that a spreadsheet will open.
pub fn guard(cell: &str) -> Cow<'_, str> {
    insert(cell, |_, next| begins_formula(next))
}

/// Returns a cell for a file that only programs will open.
pub fn escape(cell: &str) -> Cow<'_, str> {
    insert(cell, |apostrophes, next| {
        apostrophes > 0 && begins_formula(next)
    })
}

/// Returns the text of a cell that `guard` or `escape` wrote.
pub fn read(cell: &str) -> Cow<'_, str> {
    if !cell.contains('\'') {
        return Cow::Borrowed(cell);
    }
    let mut text = String::with_capacity(cell.len());
    for part in parts(cell) {
        let (apostrophes, next) = beginning(part);
        let skipped = usize::from(apostrophes > 0 && begins_formula(next));
        text.push_str(part.get(skipped..).unwrap_or_default());
    }
    Cow::Owned(text)
}

/// Inserts an apostrophe before each part of a cell for which `wanted` holds.
fn insert(cell: &str, wanted: impl Fn(usize, Option<char>) -> bool) -> Cow<'_, str> {
    let is_wanted = |part: &str| {
        let (apostrophes, next) = beginning(part);
        wanted(apostrophes, next)
    };
    if !parts(cell).any(is_wanted) {
        return Cow::Borrowed(cell);
    }
    let mut text = String::with_capacity(cell.len() + 1);
    for part in parts(cell) {
        if is_wanted(part) {
            text.push('\'');
        }
        text.push_str(part);
    }
    Cow::Owned(text)
}

/// Splits a cell into parts that end with a semicolon, except for the last one.
fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split_inclusive(';')
}

/// Returns the number of leading apostrophes of a part, and the character after them.
fn beginning(part: &str) -> (usize, Option<char>) {
    let rest = part.trim_start_matches('\'');
    (part.len() - rest.len(), rest.chars().next())
}

/// Returns whether a spreadsheet treats a cell that begins so as a formula. The last four
/// are full-width forms, which some spreadsheets accept.
fn begins_formula(first: Option<char>) -> bool {
    matches!(
        first,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_guarded_and_nothing_else() {
        for (text, guarded) in [
            ("=1+1", "'=1+1"),
            ("+49 30 5550", "'+49 30 5550"),
            ("-x", "'-x"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("＝x", "'＝x"),
            ("'=x", "''=x"),
            ("a;=x", "a;'=x"),
            ("'s-Gravenhage", "'s-Gravenhage"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(guard(text), guarded);
            assert_eq!(read(guarded), text);
        }
        assert_eq!(escape("=1+1"), "=1+1");
        assert_eq!(escape("'=1+1"), "''=1+1");
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(text in "[a'=+;@\t\r＝-]{0,12}") {
            let (guarded, escaped) = (guard(&text), escape(&text));
            prop_assert_eq!(read(&guarded), &*text);
            prop_assert_eq!(read(&escaped), &*text);
            prop_assert!(guarded.split(';').all(|part| !begins_formula(part.chars().next())));
        }
    }
}
