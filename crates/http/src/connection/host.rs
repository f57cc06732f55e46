//! Validates the host that a request names (RFC 9112, 3.2).

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderValue, Request, Version};

use crate::Problem;

/// The fault of a request's host. An extension of the request, so that each API renders
/// it in its form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BadHost(&'static str);

impl BadHost {
    pub(crate) fn problem(self) -> Problem {
        Problem::header("Host", self.0)
    }
}

/// Adds [`BadHost`] to a request with an invalid host. The host of a URL in the request
/// line overrules the header (RFC 9112, 3.2.2).
pub(super) fn check<B>(request: &mut Request<B>) {
    if let Err(reason) = host(request) {
        request.extensions_mut().insert(BadHost(reason));
        return;
    }
    let named = request.uri().authority().map(Authority::as_str);
    if let Some(Ok(named)) = named.map(HeaderValue::from_str) {
        request.headers_mut().insert(HOST, named);
    }
}

fn host<B>(request: &Request<B>) -> Result<(), &'static str> {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if request.version() < Version::HTTP_11 => Ok(()),
        (None, _) => Err("is required"),
        (Some(host), None) if is_host(host.as_bytes()) => match request.uri().authority() {
            Some(named) if !is_host(named.as_str().as_bytes()) => {
                Err("must be a name or an address, also in the request line")
            }
            _ => Ok(()),
        },
        (Some(_), None) => Err("must be a name or an address, perhaps with a port"),
        (Some(_), Some(_)) => Err("must stand once"),
    }
}

/// Returns whether a text is `uri-host [ ":" port ]` (RFC 9110, 7.2) with a host that an
/// http URL can have, thus not an empty one (4.2.1).
fn is_host(text: &[u8]) -> bool {
    let Ok(authority) = Authority::try_from(text) else {
        return false;
    };
    let behind = authority.as_str().get(authority.host().len()..);
    let port = behind.and_then(|behind| match behind.strip_prefix(':') {
        Some(port) => Some(port),
        None => behind.is_empty().then_some(""),
    });
    let is_digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let is_port = |port: &str| is_digits(port) && (port.is_empty() || port.parse::<u16>().is_ok());
    !authority.as_str().contains('@') && !authority.host().is_empty() && port.is_some_and(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_perhaps_with_a_port() {
        for good in [
            "a.example",
            "A.example:8443",
            "a.example.",
            "a_b:",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:80",
            "localhost",
        ] {
            assert!(is_host(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            ":80",
            "a b",
            "a/b",
            "me@a.example",
            "a:x",
            "a:99999",
            "a:1:2",
            "[::1",
            "a?b",
            "a#b",
            "http://a",
            "a,b c",
            "\u{e4}.example",
            "a\\b",
            "+1:+1",
        ] {
            assert!(!is_host(bad.as_bytes()), "{bad}");
        }
    }

    fn checked(version: Version, uri: &str, hosts: &[&str]) -> (bool, Option<String>) {
        let mut request = Request::builder().version(version).uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let mut request = request.body(()).unwrap();
        check(&mut request);
        let host = request
            .headers()
            .get(HOST)
            .map(|host| host.to_str().unwrap().to_owned());
        (request.extensions().get::<BadHost>().is_none(), host)
    }

    #[test]
    fn a_request_names_one_host() {
        let (one, zero) = (Version::HTTP_11, Version::HTTP_10);
        assert!(checked(one, "/", &["a"]).0);
        assert!(checked(zero, "/", &["a"]).0);
        assert!(checked(zero, "/", &[]).0);
        for (version, hosts) in [
            (one, &[][..]),
            (one, &["a", "a"]),
            (one, &["a b"]),
            (zero, &["a", "a"]),
            (zero, &[""]),
        ] {
            assert!(!checked(version, "/", hosts).0, "{version:?} {hosts:?}");
        }
        assert!(!checked(one, "http://b/", &[]).0);
        assert!(!checked(one, "http://me@b/", &["b"]).0);
    }

    #[test]
    fn the_host_of_the_request_line_counts() {
        let checked = checked(Version::HTTP_11, "http://b.example:1/x", &["a"]);
        assert_eq!(checked, (true, Some("b.example:1".to_owned())));
    }
}
