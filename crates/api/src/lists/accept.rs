//! Chooses the form of a list from the header `Accept` (RFC 9110, 12.5.1).

use std::convert::Infallible;

use attache_http::App;
use attache_http::listing::ListForm;
use axum::extract::FromRequestParts;
use http::header::ACCEPT;
use http::request::Parts;

/// The forms with their media types. The first one wins if a client prefers several
/// equally.
const FORMS: [(ListForm, &str, &str); 3] = [
    (ListForm::Json, "application", "json"),
    (ListForm::Lines, "application", "x-ndjson"),
    (ListForm::Csv, "text", "csv"),
];

/// The form that the client prefers. JSON if it accepts none, since a readable answer is
/// more useful than 406.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Accepted(pub(super) ListForm);

impl FromRequestParts<App> for Accepted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let lines = parts.headers.get_all(ACCEPT).iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        Ok(Self(preferred(lines)))
    }
}

/// A media range, with its weight in thousandths.
struct Range<'a> {
    of_type: &'a str,
    subtype: &'a str,
    quality: u16,
}

impl<'a> Range<'a> {
    /// Parses an element. `None` if it is invalid; such an element is ignored.
    fn read(element: &'a str) -> Option<Self> {
        let mut parts = element.split(';').map(str::trim);
        let (of_type, subtype) = parts.next()?.split_once('/')?;
        let mut quality = 1_000;
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if name.trim().eq_ignore_ascii_case("q") {
                quality = thousandths(value.trim())?;
            }
        }
        Some(Self {
            of_type,
            subtype,
            quality,
        })
    }

    /// Returns how specifically the range matches a type; `None` if it does not match.
    fn closeness(&self, of_type: &str, subtype: &str) -> Option<u8> {
        let is_type = self.of_type.eq_ignore_ascii_case(of_type);
        match (self.of_type, self.subtype) {
            ("*", "*") => Some(0),
            (_, "*") if is_type => Some(1),
            (_, own) if is_type && own.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

fn preferred<'a>(lines: impl Iterator<Item = &'a str>) -> ListForm {
    let elements = lines.flat_map(|line| line.split(','));
    let ranges: Vec<Range<'_>> = elements.filter_map(Range::read).collect();
    let mut best = (0, ListForm::Json);
    for (form, of_type, subtype) in FORMS {
        let about = ranges.iter().filter_map(|range| {
            let closeness = range.closeness(of_type, subtype)?;
            Some((closeness, range.quality))
        });
        // The most specific range decides (RFC 9110, 12.5.1).
        let quality = about.max().map_or(0, |(_, quality)| quality);
        if quality > best.0 {
            best = (quality, form);
        }
    }
    best.1
}

/// Parses a weight (RFC 9110, 12.4.2): 0 to 1, with at most three digits.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if digits.len() > 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{digits:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_what_accept_prefers() {
        for (lines, form) in [
            (&[][..], ListForm::Json),
            (&["*/*"], ListForm::Json),
            (&["application/json"], ListForm::Json),
            (&["application/*"], ListForm::Json),
            (&["application/x-ndjson"], ListForm::Lines),
            (&["Application/X-NDJSON"], ListForm::Lines),
            (&["text/csv"], ListForm::Csv),
            (&["text/csv;charset=utf-8; header=present"], ListForm::Csv),
            (&["text/*"], ListForm::Csv),
            (&["text/csv, */*"], ListForm::Json),
            (&["text/csv, */*;q=0.9"], ListForm::Csv),
            (
                &["text/csv;q=0.5, application/x-ndjson;q=0.6"],
                ListForm::Lines,
            ),
            (
                &["text/csv;q=0.5", "application/x-ndjson;q=0.6"],
                ListForm::Lines,
            ),
            (&["application/json;q=0.2, text/csv;Q=0.3"], ListForm::Csv),
            (&["application/json, text/csv"], ListForm::Json),
            (&["*/*, application/json;q=0"], ListForm::Lines),
            (
                &["*/*;q=0.1, application/json;q=0, application/x-ndjson;q=0"],
                ListForm::Csv,
            ),
            (&["text/csv;q=0"], ListForm::Json),
            (&["text/csv;q=2"], ListForm::Json),
            (&["text/csv;q=0.1234"], ListForm::Json),
            (&["text/csv;q="], ListForm::Json),
            (&["text/csv;q=1.000"], ListForm::Csv),
            (&["text/csv;q=1.001"], ListForm::Json),
            (
                &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
                ListForm::Json,
            ),
            (&["text/html"], ListForm::Json),
            (&["csv"], ListForm::Json),
            (&["*/csv"], ListForm::Json),
            (&[",, text/csv ,"], ListForm::Csv),
        ] {
            assert_eq!(preferred(lines.iter().copied()), form, "{lines:?}");
        }
    }
}
