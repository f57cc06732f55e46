//! Compares e-mail addresses and domains.

use super::spelling::{has_hidden, normalized};

/// Characters that are canonically equivalent to ASCII ones (KELVIN SIGN, GREEK VARIA,
/// GREEK QUESTION MARK). In an address they differ from these: a mail server that does
/// not normalise gives them a mailbox of their own.
const ASCII_IN_DISGUISE: [char; 3] = ['\u{212A}', '\u{1FEF}', '\u{37E}'];

/// Returns whether a text has a character that only looks like an ASCII one.
pub(super) fn has_disguise(text: &str) -> bool {
    !text.is_ascii() && text.contains(ASCII_IN_DISGUISE)
}

/// Returns the form in which e-mail addresses are compared: two addresses are equal if
/// these forms are.
///
/// The part before the last `@` is compared in Normalization Form C (RFC 6532, section
/// 3.1) and in lower case, letter by letter. A non-ASCII letter never equals an ASCII
/// one: `K` (KELVIN SIGN), `ſ` and `İ` are not `k`, `s` and `i`. The part after the `@`
/// is compared as a domain, see [`domain`].
pub(crate) fn canonical_address(text: &str) -> String {
    if text.is_ascii() && !may_be_encoded(text) && !text.ends_with('.') {
        return text.to_ascii_lowercase();
    }
    match text.rsplit_once('@') {
        Some((local, host)) => {
            let mut whole = canonical_local(local);
            whole.push('@');
            whole.push_str(&domain(host));
            whole
        }
        None => canonical_local(text),
    }
}

fn canonical_local(local: &str) -> String {
    let lower: String = local.chars().flat_map(lower).collect();
    match has_disguise(&lower) {
        true => lower,
        false => normalized(&lower).into_owned(),
    }
}

/// Returns a letter in lower case. A letter whose lower case is or begins with ASCII
/// stays.
fn lower(c: char) -> impl Iterator<Item = char> {
    let lower = c.to_lowercase();
    let stays = !c.is_ascii() && lower.clone().any(|it| it.is_ascii());
    let (same, other) = match stays {
        true => (Some(c), None),
        false => (None, Some(lower)),
    };
    same.into_iter().chain(other.into_iter().flatten())
}

/// Returns the form in which domains are compared: in lower case, without a trailing dot,
/// with internationalised labels in Unicode (IDNA, UTS #46). So `BÜCHER.example` and
/// `xn--bcher-kva.example` are equal. A text that is not a domain is only turned to lower
/// case.
pub(crate) fn domain(text: &str) -> String {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.is_ascii() && !may_be_encoded(text) {
        return text.to_ascii_lowercase();
    }
    // IDNA ignores invisible characters. A text with one is not a valid domain.
    match idna::domain_to_unicode(text) {
        (domain, Ok(())) if !has_hidden(text) => domain,
        _ => text.to_ascii_lowercase(),
    }
}

/// Returns whether a text contains `xn--`, with which a label of a domain may begin.
fn may_be_encoded(text: &str) -> bool {
    let mut pieces = text.as_bytes().windows(4);
    pieces.any(|piece| piece.eq_ignore_ascii_case(b"xn--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_written_in_several_ways_are_the_same() {
        for (one, other) in [
            ("Bo@Mill.example", "bo@mill.EXAMPLE"),
            ("bo@mill.example.", "bo@mill.example"),
            ("bo@BÜCHER.example", "bo@xn--bcher-kva.example"),
            ("bo@bu\u{308}cher.example", "BO@XN--BCHER-KVA.example"),
            ("bo@bücher。example", "bo@bücher.example"),
            ("ÜNAL@mill.example", "ünal@mill.example"),
            ("u\u{308}nal@mill.example", "Ünal@mill.example"),
            ("δ@mill.example", "Δ@mill.example"),
            ("bo@straße.example", "bo@xn--strae-oqa.example"),
        ] {
            let (one, other) = (canonical_address(one), canonical_address(other));
            assert_eq!(one, other);
            assert_eq!(canonical_address(&one), one, "it stays as it is");
        }
    }

    #[test]
    fn addresses_that_only_look_alike_are_others() {
        for (one, other) in [
            ("mi\u{212a}e@mill.example", "mike@mill.example"),
            ("boſs@mill.example", "boss@mill.example"),
            ("İpek@mill.example", "ipek@mill.example"),
            ("ıpek@mill.example", "ipek@mill.example"),
            ("ünal@mill.example", "unal@mill.example"),
            ("bo+x@mill.example", "bo@mill.example"),
            ("b.o@mill.example", "bo@mill.example"),
            ("straße@mill.example", "strasse@mill.example"),
            ("bo@straße.example", "bo@strasse.example"),
            ("bo@mill.example ", "bo@mill.example"),
            ("bo@mill.exampl", "bo@mill.example"),
            ("bo@mi\u{ad}ll.example", "bo@mill.example"),
            ("bo@mill.example\u{200b}", "bo@mill.example"),
            ("bo@mill.\u{2060}example", "bo@mill.example"),
            ("xn--bcher-kva@mill.example", "bücher@mill.example"),
        ] {
            assert_ne!(canonical_address(one), canonical_address(other), "{one}");
        }
    }

    #[test]
    fn what_is_no_domain_is_compared_as_it_stands() {
        for text in ["", "a b", "xn--", "xn--a\u{fffd}", "[192.0.2.1]", "..", "."] {
            assert_eq!(
                canonical_address(text),
                canonical_address(&text.to_uppercase())
            );
        }
    }
}
