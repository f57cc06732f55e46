//! Names in paths with a suffix: `{id}.json`.
//!
//! The router matches whole segments only. So `{id}` is served where `{id}.json` is
//! documented, and a value without the suffix is answered as a path that is not served.

use std::sync::Arc;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;

use super::{App, Problem};

/// The suffix of each name in the path of a route, in their order; "" for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suffixes(Arc<[String]>);

impl Suffixes {
    /// Returns a value without its suffix. `None` if it lacks the suffix or is nothing
    /// else.
    pub(crate) fn strip<'a>(&self, place: usize, value: &'a str) -> Option<&'a str> {
        let suffix = self.0.get(place).map_or("", String::as_str);
        let name = value.strip_suffix(suffix)?;
        (suffix.is_empty() || !name.is_empty()).then_some(name)
    }
}

/// Returns the router's path for a documented path, and its methods with the check of the
/// suffixes.
pub(crate) fn served(documented: &str, methods: MethodRouter<App>) -> (String, MethodRouter<App>) {
    let (path, suffixes) = split(documented);
    if suffixes.iter().all(String::is_empty) {
        return (path, methods);
    }
    let suffixes = Suffixes(suffixes.into());
    let layer = middleware::from_fn(move |names, request, next| {
        let suffixes = suffixes.clone();
        check(suffixes, names, request, next)
    });
    // A path without the suffix does not exist for any method. The router's own answer
    // for other methods bypasses this layer, so the route needs one of its own.
    let methods = methods.fallback(|| async { Problem::MethodNotAllowed });
    (path, methods.layer(layer))
}

/// Splits a documented path into the router's path and the suffixes of its names.
fn split(documented: &str) -> (String, Vec<String>) {
    let mut suffixes = Vec::new();
    let segments = documented.split('/').map(|segment| {
        let end = segment
            .starts_with('{')
            .then(|| segment.find('}'))
            .flatten();
        let Some((name, suffix)) = end.and_then(|end| segment.split_at_checked(end + 1)) else {
            return segment;
        };
        suffixes.push(suffix.to_owned());
        name
    });
    let path = segments.collect::<Vec<_>>().join("/");
    (path, suffixes)
}

async fn check(
    suffixes: Suffixes,
    names: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    // Bytes that are not UTF-8 name nothing.
    let Ok(names) = names else {
        return Problem::NoSuchPath.into_response();
    };
    let mut values = names.iter().map(|(_, value)| value).enumerate();
    if values.any(|(place, value)| suffixes.strip(place, value).is_none()) {
        return Problem::NoSuchPath.into_response();
    }
    request.extensions_mut().insert(suffixes);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_served_without_the_suffixes_of_its_names() {
        for (documented, path, suffixes) in [
            ("/a", "/a", &[][..]),
            ("/a.json", "/a.json", &[]),
            ("/a/{id}", "/a/{id}", &[""]),
            ("/a/{id}.json", "/a/{id}", &[".json"]),
            (
                "/a/{id}/b/{other}.json",
                "/a/{id}/b/{other}",
                &["", ".json"],
            ),
            ("/a/{id}.v2/b", "/a/{id}/b", &[".v2"]),
        ] {
            let (served, found) = split(documented);
            assert_eq!(served, path);
            assert_eq!(found, suffixes, "{documented}");
        }
    }

    #[test]
    fn a_value_that_is_only_a_suffix_names_nothing() {
        let suffixes = Suffixes([".json".to_owned()].into());
        assert_eq!(suffixes.strip(0, "7.json"), Some("7"));
        assert_eq!(suffixes.strip(0, "7.json.json"), Some("7.json"));
        for value in [".json", "7", "7.xml", "7.json/", "7.JSON", ""] {
            assert_eq!(suffixes.strip(0, value), None, "{value}");
        }
    }
}
