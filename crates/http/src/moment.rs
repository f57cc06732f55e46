//! Questions about another time: the header `Attache-At`, and `at` and `revision` in the query of
//! attache's own API.
//!
//! Every operation of a served document is of one of three sorts, which follow from how its API
//! declares it, so that none can be forgotten: it reads the tenant's state, and answers as of
//! the moment; it reads something else, and says so; or it writes, and refuses a moment.

use std::collections::{HashMap, HashSet};

use attache_core::Timestamp;
use attache_core::id::Revision;
use attache_tenants::{FocusOn, Moment, NoPast};
use axum::extract::{MatchedPath, Request};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, Method, Uri};

use super::{Fault, Problem};

/// The header with the moment that is asked about. The answer's has the instant that it shows.
pub const AT: HeaderName = HeaderName::from_static("attache-at");
/// The same, as people read it.
const SHOWN: &str = "Attache-At";

/// Returns a moment as the header names it.
#[must_use]
pub fn encoded(moment: Moment) -> String {
    match moment {
        Moment::At(at) => at.to_string(),
        Moment::Revision(revision) => format!("revision={revision}"),
    }
}

const OF_HEADER: &str = "must be an instant such as 2026-03-03T09:30:00Z, or revision=<n>";
const OF_INSTANT: &str = "must be an instant such as 2026-03-03T09:30:00Z";
const OF_REVISION: &str = "must be a revision";

/// The sorts of the operations of one API, by their paths as they are routed.
#[derive(Debug, Default)]
pub(crate) struct Times {
    /// Whether the query can name a moment too.
    takes_query: bool,
    /// Operations that read, whatever their method.
    questions: HashSet<String>,
    /// Operations whose reads are not of the state, each with the reason.
    beside: HashMap<String, &'static str>,
    /// What reads are about, where that is one resource.
    focuses: HashMap<String, FocusOf>,
}

/// What a request is about, by the names in its path and its query: one resource. `None` if
/// the answer needs more of the tenant than that.
pub type FocusOf = fn(&[&str], &str) -> Option<FocusOn>;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// Reads the state.
    Reads,
    /// Reads something else, for this reason.
    ReadsBeside(&'static str),
    Writes,
}

/// A moment that a request asks about.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The header or parameter that names it.
    name: &'static str,
    moment: Result<Moment, Fault>,
    sort: Sort,
    focus: Option<FocusOf>,
}

impl Times {
    pub(crate) fn new(takes_query: bool) -> Self {
        Self {
            takes_query,
            ..Self::default()
        }
    }

    pub(crate) fn reads(&mut self, path: &str) {
        self.questions.insert(path.to_owned());
    }

    pub(crate) fn reads_beside(&mut self, path: &str, reason: &'static str) {
        self.beside.insert(path.to_owned(), reason);
    }

    pub(crate) fn focuses(&mut self, path: &str, focus: FocusOf) {
        self.focuses.insert(path.to_owned(), focus);
    }

    fn sort(&self, method: &Method, path: &str) -> Sort {
        let is_read = [Method::GET, Method::HEAD].contains(method);
        match self.beside.get(path) {
            Some(reason) if is_read => Sort::ReadsBeside(reason),
            None if is_read || self.questions.contains(path) => Sort::Reads,
            _ => Sort::Writes,
        }
    }

    /// Returns the moment that a request names, if it names one. Takes the parameters that
    /// name it out of the query.
    pub(crate) fn asked(&self, request: &mut Request) -> Option<Asked> {
        let has_header = request.headers().contains_key(AT);
        let query = request.uri().query().filter(|_| self.takes_query);
        let has_parameter = query.is_some_and(names_a_moment);
        if !has_header && !has_parameter {
            return None;
        }
        let path = request.extensions().get::<MatchedPath>()?;
        let sort = self.sort(request.method(), path.as_str());
        let focus = self.focuses.get(path.as_str()).copied();
        let of_query = match has_parameter {
            true => without_moment(request.uri_mut()),
            false => None,
        };
        let of_header = of_header(request.headers());
        let (name, moment) = match (of_header, of_query) {
            (Some(moment), None) => (SHOWN, moment),
            (None, Some((name, moment))) => (name, moment),
            (Some(Ok(one)), Some((_, Ok(other)))) if one == other => (SHOWN, Ok(one)),
            (Some(Ok(_)), Some((name, Ok(_)))) => {
                let reason = format!("names another moment than {name} in the query: name one");
                (SHOWN, Err(Fault::in_header(SHOWN, reason)))
            }
            (Some(Ok(_)), Some((name, faulty))) => (name, faulty),
            (Some(faulty), Some(_)) => (SHOWN, faulty),
            (None, None) => return None,
        };
        Some(Asked {
            name,
            moment,
            sort,
            focus,
        })
    }
}

impl Asked {
    /// Returns the moment, for an operation that reads the state.
    ///
    /// # Errors
    /// If the operation does not, or the moment cannot be read.
    pub(crate) fn moment(&self) -> Result<Moment, Problem> {
        match self.sort {
            Sort::Reads => self.moment.clone().map_err(Problem::AsOf),
            Sort::ReadsBeside(_) | Sort::Writes => Err(self.refused()),
        }
    }

    /// Returns what the request is about, by its operation.
    pub(crate) fn focus(&self) -> Option<FocusOf> {
        self.focus
    }

    /// Returns the revision that the moment names, which the present must have at least.
    pub(crate) fn at_least(&self) -> Revision {
        match (self.sort, &self.moment) {
            (Sort::Reads, Ok(Moment::Revision(revision))) => *revision,
            _ => Revision::default(),
        }
    }

    /// The problem of an operation that does not read the state.
    pub(crate) fn refused(&self) -> Problem {
        let reason = match self.sort {
            Sort::Writes => "goes with reads only: only reads can be asked about the past",
            Sort::ReadsBeside(reason) => reason,
            Sort::Reads => "asks for the state of a tenant, which this operation does not read",
        };
        self.fault(reason)
    }

    /// The problem of a tenant that cannot be shown at the moment.
    pub(crate) fn problem(&self, no: NoPast) -> Problem {
        match no {
            NoPast::BeforeTheFirst(began) => {
                self.fault(format!("is before the tenant began, at {began}"))
            }
            NoPast::Future(now) => self.fault(format!("is in the future: it is {now} now")),
            NoPast::AfterTheLast(last) => {
                self.fault(format!("is after the last revision, which is {last}"))
            }
            NoPast::NotYet => Problem::PastNotReady,
            NoPast::Unavailable(unavailable) => unavailable.into(),
        }
    }

    fn fault(&self, reason: impl Into<String>) -> Problem {
        Problem::AsOf(match self.name {
            SHOWN => Fault::in_header(SHOWN, reason),
            name => Fault::in_query(name, reason),
        })
    }
}

/// Whether a query has a parameter that names a moment.
fn names_a_moment(query: &str) -> bool {
    let mut parameters = query.split('&');
    parameters.any(|it| matches!(it.split('=').next(), Some("at" | "revision")))
}

fn of_header(headers: &HeaderMap) -> Option<Result<Moment, Fault>> {
    let mut values = headers.get_all(AT).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return Some(Err(Fault::in_header(SHOWN, "must stand once")));
    }
    let text = value.to_str().ok();
    let moment = text.and_then(|text| match text.strip_prefix("revision=") {
        Some(number) => revision(number),
        None => text.parse().ok().map(Moment::At),
    });
    Some(moment.ok_or_else(|| Fault::in_header(SHOWN, OF_HEADER)))
}

fn revision(text: &str) -> Option<Moment> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number that is too large is a revision that no tenant has.
    let revision = is_number.then(|| text.parse().unwrap_or(u64::MAX));
    revision.map(|revision| Moment::Revision(Revision(revision)))
}

/// Takes the parameters of the moment out of a query, and returns the moment with the
/// parameter that names it.
fn without_moment(uri: &mut Uri) -> Option<(&'static str, Result<Moment, Fault>)> {
    let query = uri.query().unwrap_or_default();
    let mut found: Option<(&'static str, Result<Moment, Fault>)> = None;
    let mut rest = Vec::new();
    for pair in query.split('&') {
        let (name, moment) = match pair.split_once('=').unwrap_or((pair, "")) {
            ("at", value) => ("at", at(&decoded(value))),
            ("revision", value) => ("revision", of_revision(&decoded(value))),
            ("catalogue", value) => match &*decoded(value) {
                "then" => continue,
                _ => {
                    let reason = "must be then: roles mean what they meant at the moment";
                    ("catalogue", Err(Fault::in_query("catalogue", reason)))
                }
            },
            _ => {
                rest.push(pair);
                continue;
            }
        };
        found = Some(match found {
            None => (name, moment),
            Some((before, _)) if before == name => {
                (name, Err(Fault::in_query(name, "is repeated")))
            }
            Some((before, faulty @ Err(_))) => (before, faulty),
            Some(_) if moment.is_err() => (name, moment),
            Some((before, _)) => {
                let reason = format!("goes not with {name}: name one moment");
                (before, Err(Fault::in_query(before, reason)))
            }
        });
    }
    let rest = rest.join("&");
    let path = match rest.is_empty() {
        true => uri.path().to_owned(),
        false => format!("{}?{rest}", uri.path()),
    };
    let mut parts = uri.clone().into_parts();
    // It is a part of what was one before.
    parts.path_and_query = PathAndQuery::try_from(path).ok();
    if let Ok(without) = Uri::from_parts(parts) {
        *uri = without;
    }
    found
}

fn decoded(value: &str) -> String {
    let with_name = format!("v={value}");
    let mut pairs = form_urlencoded::parse(with_name.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

fn at(text: &str) -> Result<Moment, Fault> {
    let reason = match text.contains(' ') {
        true => format!("{OF_INSTANT}; in a query, + is written %2B"),
        false => OF_INSTANT.to_owned(),
    };
    let instant: Option<Timestamp> = text.parse().ok();
    let moment = instant.map(Moment::At);
    moment.ok_or_else(|| Fault::in_query("at", reason))
}

fn of_revision(text: &str) -> Result<Moment, Fault> {
    revision(text).ok_or_else(|| Fault::in_query("revision", OF_REVISION))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    fn instant(text: &str) -> Moment {
        Moment::At(text.parse().unwrap())
    }

    #[test]
    fn a_header_names_an_instant_or_a_revision() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AT, value.parse().unwrap());
            }
            of_header(&headers)
        };
        assert_eq!(read(&[]), None);
        let noon = "2026-03-03T12:00:00Z";
        assert_eq!(read(&[noon]), Some(Ok(instant(noon))));
        assert_eq!(
            read(&["2026-03-03T13:00:00+01:00"]),
            Some(Ok(instant(noon)))
        );
        let seven = Moment::Revision(Revision(7));
        assert_eq!(read(&["revision=7"]), Some(Ok(seven)));
        let last = Moment::Revision(Revision(u64::MAX));
        assert_eq!(read(&["revision=99999999999999999999999"]), Some(Ok(last)));
        for faulty in [
            &[noon, noon][..],
            &[""],
            &["7"],
            &["revision="],
            &["revision=-1"],
            &["revision=+1"],
            &["Revision=1"],
            &["2026-03-03"],
            &["2026-03-03T12:00:00"],
            &["now"],
        ] {
            assert!(matches!(read(faulty), Some(Err(_))), "{faulty:?}");
        }
    }

    #[test]
    fn the_moment_is_taken_out_of_the_query() {
        let noon = instant("2026-03-03T12:00:00Z");
        for (before, after, moment) in [
            ("/u?at=2026-03-03T12:00:00Z", "/u", noon),
            (
                "/u?a=1&at=2026-03-03T13%3A00%3A00%2B01:00&b=%20",
                "/u?a=1&b=%20",
                noon,
            ),
            ("/u?revision=7&x", "/u?x", Moment::Revision(Revision(7))),
            (
                "/u?revision=7&catalogue=then",
                "/u",
                Moment::Revision(Revision(7)),
            ),
        ] {
            let mut uri = uri(before);
            let found = without_moment(&mut uri);
            assert_eq!(uri, after);
            assert_eq!(
                found.map(|(_, moment)| moment),
                Some(Ok(moment)),
                "{before}"
            );
        }
        for faulty in [
            "/u?at=2026-03-03",
            "/u?at=2026-03-03T13:00:00+01:00",
            "/u?at",
            "/u?revision=x",
            "/u?revision=1&revision=1",
            "/u?revision=1&at=2026-03-03T12:00:00Z",
            "/u?revision=1&catalogue=now",
        ] {
            let found = without_moment(&mut uri(faulty));
            assert!(matches!(found, Some((_, Err(_)))), "{faulty}");
        }
        assert!(!names_a_moment("attr=1&revisions=2&x=at"));
    }
}
