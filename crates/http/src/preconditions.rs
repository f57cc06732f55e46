//! Preconditions: `If-Match` and `If-None-Match` (RFC 9110, 13.1.1 and 13.1.2).
//!
//! The preconditions of a write are checked on the state that the write is decided on, in
//! the order of section 13.2.2, after the caller's permissions. `If-Unmodified-Since` is
//! ignored, as section 13.1.4 demands of servers without modification dates.

use std::sync::Arc;

use attache_core::State;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Problem;
use super::tags::ListForm;
use attache_tenants::Condition;

/// The target of a request, as a GET of its address would show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Current {
    /// The target does not exist.
    Absent,
    /// The target exists, and is shown without a tag or not at all.
    Untagged,
    /// The target exists, and is shown with this entity tag.
    Tagged(String),
    /// The target is a list. It is shown with this entity tag as JSON, and with derived
    /// tags in other forms.
    Listed(String),
}

impl Current {
    /// Makes a target with a tag, if it exists.
    #[must_use]
    pub fn tagged(tag: Option<String>) -> Self {
        tag.map_or(Self::Absent, Self::Tagged)
    }

    /// Makes a target that is a list with a tag, if it exists.
    #[must_use]
    pub fn listed(tag: Option<String>) -> Self {
        tag.map_or(Self::Absent, Self::Listed)
    }

    /// Makes a target without a tag, if it exists.
    #[must_use]
    pub fn untagged(is_there: bool) -> Self {
        match is_there {
            true => Self::Untagged,
            false => Self::Absent,
        }
    }
}

/// The preconditions of a request.
#[derive(Clone, Debug, Default)]
pub struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

impl Preconditions {
    /// Parses the headers of a request.
    ///
    /// # Errors
    /// If one of them is not a list of entity tags.
    pub fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(Self {
            if_match: Tags::read(headers, &IF_MATCH, "If-Match")?,
            if_none_match: Tags::read(headers, &IF_NONE_MATCH, "If-None-Match")?,
        })
    }

    /// Parses the lines of both headers.
    pub(super) fn of(
        if_match: &[HeaderValue],
        if_none_match: &[HeaderValue],
    ) -> Result<Self, Problem> {
        Ok(Self {
            if_match: Tags::of(if_match.iter(), "If-Match")?,
            if_none_match: Tags::of(if_none_match.iter(), "If-None-Match")?,
        })
    }

    /// Returns whether the request has a precondition.
    #[must_use]
    pub fn are_any(&self) -> bool {
        self.if_match.is_some() || self.if_none_match.is_some()
    }

    /// Returns whether `If-Match` holds for a target with this tag.
    #[must_use]
    pub fn match_tag(&self, tag: &str) -> bool {
        let current = || Current::Tagged(tag.to_owned());
        let wanted = self.if_match.as_ref();
        wanted.is_none_or(|tags| tags.name(&current(), Comparison::Strong))
    }

    /// Returns whether the caller has the representation with this tag, by
    /// `If-None-Match`.
    #[must_use]
    pub fn know(&self, tag: &str) -> bool {
        let known = self.if_none_match.as_ref();
        known.is_some_and(|tags| tags.know(tag))
    }

    /// Returns whether the preconditions hold for a target.
    #[must_use]
    pub fn hold(&self, current: impl FnOnce() -> Current) -> bool {
        if self.if_match.is_none() && self.if_none_match.is_none() {
            return true;
        }
        let current = current();
        let matches = self.if_match.as_ref();
        let differs = self.if_none_match.as_ref();
        matches.is_none_or(|tags| tags.name(&current, Comparison::Strong))
            && differs.is_none_or(|tags| !tags.name(&current, Comparison::Weak))
    }

    /// Returns the condition for the state that a write is decided on; `None` without
    /// preconditions. `current` finds the target of the request in a state.
    pub fn condition(
        &self,
        current: impl Fn(&State) -> Current + Send + Sync + 'static,
    ) -> Option<Condition> {
        if !self.are_any() {
            return None;
        }
        let wanted = self.clone();
        Some(Arc::new(move |state| wanted.hold(|| current(state))))
    }
}

/// The comparisons of tags (RFC 9110, 8.8.3.2).
#[derive(Clone, Copy)]
enum Comparison {
    /// A weak tag equals no other.
    Strong,
    /// Only the opaque parts are compared.
    Weak,
}

/// The value of a precondition's header: entity tags, or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    /// Any existing target.
    Any,
    /// One of these tags, as they were sent.
    These(Vec<String>),
}

impl Tags {
    /// Parses all lines of a header; `None` if the request has none.
    pub(super) fn read(
        headers: &HeaderMap,
        name: &HeaderName,
        shown: &str,
    ) -> Result<Option<Self>, Problem> {
        Self::of(headers.get_all(name).iter(), shown)
    }

    /// Parses the lines of a header. Problems call it `shown`.
    pub(super) fn of<'a>(
        lines: impl Iterator<Item = &'a HeaderValue>,
        shown: &str,
    ) -> Result<Option<Self>, Problem> {
        let wrong = || Problem::header(shown, "must be a list of tags in quotes, or * alone");
        let lines: Vec<_> = lines.collect();
        if lines.is_empty() {
            return Ok(None);
        }
        let mut tags = Vec::new();
        for line in &lines {
            // Tags may have bytes beyond ASCII. attache's tags have none.
            let line = String::from_utf8_lossy(line.as_bytes());
            read_line(&line, &mut tags).ok_or_else(wrong)?;
        }
        match tags.iter().filter(|tag| *tag == "*").count() {
            0 if tags.is_empty() => Err(wrong()),
            0 => Ok(Some(Self::These(tags))),
            1 if tags.len() == 1 => Ok(Some(Self::Any)),
            _ => Err(wrong()),
        }
    }

    /// Returns whether a tag is among these.
    pub(super) fn know(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|known| opaque(known) == opaque(tag)),
        }
    }

    fn name(&self, current: &Current, comparison: Comparison) -> bool {
        match (self, current, comparison) {
            (_, Current::Absent, _) | (Self::These(_), Current::Untagged, _) => false,
            (Self::Any, _, _) => true,
            (Self::These(_), Current::Tagged(tag), Comparison::Weak) => self.know(tag),
            (Self::These(tags), Current::Tagged(tag), Comparison::Strong) => {
                !tag.starts_with("W/") && tags.contains(tag)
            }
            // The caller has read the list in one of its forms, no matter which.
            (Self::These(tags), Current::Listed(tag), comparison) => tags.iter().any(|sent| {
                let sent = match comparison {
                    Comparison::Strong => sent,
                    Comparison::Weak => opaque(sent),
                };
                ListForm::is_of(sent, tag)
            }),
        }
    }
}

/// Returns a tag without the mark `W/`.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// Adds the tags of one line. `None` if the line is not a list of tags.
fn read_line(line: &str, tags: &mut Vec<String>) -> Option<()> {
    // Empty elements of a list are ignored (RFC 9110, 5.6.1.2).
    let next = |rest: &str| rest.trim_start_matches([' ', '\t', ',']).len();
    let mut rest = line.get(line.len() - next(line)..)?;
    while !rest.is_empty() {
        // A tag may contain commas, and ends at its closing quote.
        let weak = opaque(rest);
        let length = match (rest.strip_prefix('*'), weak.strip_prefix('"')) {
            (Some(_), _) => 1,
            (None, Some(inner)) => rest.len() - inner.len() + inner.find('"')? + 1,
            (None, None) => return None,
        };
        let (tag, after) = rest.split_at_checked(length)?;
        tags.push(tag.to_owned());
        let after = after.trim_start_matches([' ', '\t']);
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        rest = after.get(after.len() - next(after)..)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Option<Tags>, ()> {
        let lines: Vec<HeaderValue> = lines.iter().map(|line| line.parse().unwrap()).collect();
        Tags::of(lines.iter(), "If-Match").map_err(drop)
    }

    #[test]
    fn a_list_of_tags_is_read() {
        for (lines, expected) in [
            (&["\"a\""][..], &["\"a\""][..]),
            (&["\"a\", W/\"b\""], &["\"a\"", "W/\"b\""]),
            (&["\"a,b\" ,\"c\""], &["\"a,b\"", "\"c\""]),
            (&[", \"a\",, \"b\" ,"], &["\"a\"", "\"b\""]),
            (&["\"a\"", "", "\"b\""], &["\"a\"", "\"b\""]),
            (&["\"\""], &["\"\""]),
            (&["\"\u{e4}\""], &["\"\u{e4}\""]),
        ] {
            let expected = expected.iter().map(|tag| (*tag).to_owned()).collect();
            assert_eq!(read(lines), Ok(Some(Tags::These(expected))), "{lines:?}");
        }
        assert_eq!(read(&["*"]), Ok(Some(Tags::Any)));
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn a_malformed_list_of_tags_is_refused() {
        for lines in [
            &["a"][..],
            &["\"a"],
            &["\"a\" \"b\""],
            &["W/a"],
            &["w/\"a\""],
            &["\"a\"b"],
            &["**"],
            &["*, \"a\""],
            &["*", "\"a\""],
            &["*", "*"],
            &[""],
            &[","],
        ] {
            assert_eq!(read(lines), Err(()), "{lines:?}");
        }
    }

    #[test]
    fn if_match_wants_the_same_tag_and_if_none_match_wants_none_of_them() {
        let tagged = || Current::Tagged("\"a\"".to_owned());
        for (sent, current, matches, differs) in [
            ("*", tagged(), true, false),
            ("*", Current::Untagged, true, false),
            ("*", Current::Absent, false, true),
            ("\"a\"", tagged(), true, false),
            ("\"b\", \"a\"", tagged(), true, false),
            ("W/\"a\"", tagged(), false, false),
            ("\"b\"", tagged(), false, true),
            ("\"a\"", Current::Untagged, false, true),
            ("\"a\"", Current::Absent, false, true),
        ] {
            for (name, holds) in [(IF_MATCH, matches), (IF_NONE_MATCH, differs)] {
                let mut headers = HeaderMap::new();
                headers.insert(&name, sent.parse().unwrap());
                let preconditions = Preconditions::read(&headers).unwrap();
                let held = preconditions.hold(|| current.clone());
                assert_eq!(held, holds, "{name}: {sent} for {current:?}");
            }
        }
    }

    #[test]
    fn both_have_to_hold() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, "\"a\"".parse().unwrap());
        headers.insert(IF_NONE_MATCH, "\"a\"".parse().unwrap());
        let both = Preconditions::read(&headers).unwrap();
        assert!(!both.hold(|| Current::Tagged("\"a\"".to_owned())));
    }
}
