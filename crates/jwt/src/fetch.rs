//! Fetches a document from an issuer within limits, since the issuer may be down, slow or
//! hostile.

use std::error::Error;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use attache_core::cause::Cause;
use reqwest::header::{CACHE_CONTROL, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use super::Settings;
use super::keys_error::KeysError;
use super::shown::shown;
use attache_outbound::Guard;

/// The most redirects that are followed, all on the same host.
const REDIRECTS: usize = 3;

/// A fetched document.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) bytes: Vec<u8>,
    /// How long the document may be kept, by its `Cache-Control`.
    pub(super) max_age: Option<Duration>,
}

/// Fetches documents.
#[derive(Debug)]
pub(super) struct Fetch {
    /// Made at the first use, since this reads the machine's certificate authorities.
    client: OnceLock<Result<Client, Cause>>,
    guard: Guard,
    within: Duration,
    most: usize,
}

impl Fetch {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            client: OnceLock::new(),
            guard: Guard::new(settings.private_addresses),
            within: settings.fetch_within,
            most: settings.fetch_bytes,
        }
    }

    /// Fetches the document at an address. The answer must be 200.
    pub(super) async fn get(&self, address: &str) -> Result<Document, KeysError> {
        let shown = shown(address);
        let url = safe(address, &self.guard).map_err(|reason| KeysError::unfit(&shown, reason))?;
        let client = self.client.get_or_init(|| client(&self.guard)).clone();
        let client = client.map_err(KeysError::NoRequest)?;
        let read = tokio::time::timeout(self.within, self.read(client, url, &shown)).await;
        read.unwrap_or_else(|_| {
            Err(KeysError::TooLate {
                at: shown,
                within: self.within,
            })
        })
    }

    async fn read(&self, client: Client, url: Url, shown: &str) -> Result<Document, KeysError> {
        let failed = |error| KeysError::Request {
            at: shown.to_owned(),
            cause: cause(error),
        };
        let mut answer: Response = client.get(url).send().await.map_err(failed)?;
        if answer.status() != reqwest::StatusCode::OK {
            let reason = format!("the answer is {}", answer.status().as_u16());
            return Err(KeysError::unfit(shown, reason));
        }
        let max_age = max_age(answer.headers());
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > self.most {
                let reason = format!("the answer has more than {} bytes", self.most);
                return Err(KeysError::unfit(shown, reason));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Document { bytes, max_age })
    }
}

/// Returns a URL that nobody on the network path can answer with other keys: https, or
/// http on this machine if the guard allows this machine.
fn safe(address: &str, guard: &Guard) -> Result<Url, &'static str> {
    let url: Url = address.parse().map_err(|_| "this is no address")?;
    let is_loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let is_plain = url.username().is_empty() && url.password().is_none();
    guard
        .check(&url)
        .map_err(|_| "jwt.private_addresses of the configuration is off")?;
    if is_plain && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback)) {
        Ok(url)
    } else {
        Err("keys are fetched by https only, or by http on loopback")
    }
}

fn client(guard: &Guard) -> Result<Client, Cause> {
    // The same host has the same name or address, which the guard has judged already.
    let policy = Policy::custom(|attempt| {
        let first = attempt.previous().first();
        let is_same = first.is_some_and(|first| first.origin() == attempt.url().origin());
        if !is_same {
            attempt.error("it redirects to another host")
        } else if attempt.previous().len() > REDIRECTS {
            attempt.error("it redirects too often")
        } else {
            attempt.follow()
        }
    });
    guard
        .client()
        .user_agent(concat!("attache/", env!("CARGO_PKG_VERSION")))
        .redirect(policy)
        .build()
        .map_err(cause)
}

/// An error of a request, displayed as its innermost cause: the outer errors say little.
#[derive(Debug)]
struct FirstCause(reqwest::Error);

impl fmt::Display for FirstCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first: &dyn Error = &self.0;
        while let Some(cause) = first.source() {
            first = cause;
        }
        fmt::Display::fmt(first, f)
    }
}

impl Error for FirstCause {}

/// Drops the URL from an error: its query may hold a secret.
fn cause(error: reqwest::Error) -> Cause {
    Cause::new(FirstCause(error.without_url()))
}

/// Reads `max-age` of `Cache-Control` (RFC 9111, 5.2.2.1).
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut found = None;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return Some(Duration::ZERO),
            "max-age" => found = found.or(value.trim().trim_matches('"').parse().ok()),
            _ => {}
        }
    }
    found.map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use attache_core::cause::chain;

    use super::*;

    #[test]
    fn only_safe_addresses_are_asked() {
        for good in [
            "https://a.example/x?y",
            "http://127.0.0.1:9/",
            "http://localhost/",
            "http://[::1]/",
        ] {
            assert!(safe(good, &Guard::new(true)).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example/",
            "http://127.0.0.1@a.example/",
            "https://user@a.example/",
            "http://localhost.a.example/",
            "http://127.0.0.2.a.example",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "x",
            "",
        ] {
            assert!(safe(bad, &Guard::new(true)).is_err(), "{bad}");
        }
    }

    #[test]
    fn this_machine_is_asked_only_where_it_may_be() {
        for address in [
            "http://127.0.0.1:9000/",
            "https://localhost/",
            "http://[::1]/",
        ] {
            assert!(safe(address, &Guard::new(true)).is_ok(), "{address}");
            assert!(safe(address, &Guard::new(false)).is_err(), "{address}");
        }
        assert!(safe("https://a.example/", &Guard::new(false)).is_ok());
    }

    #[tokio::test]
    async fn an_error_shows_no_query_and_no_password() {
        let settings = Settings {
            private_addresses: true,
            ..Settings::default()
        };
        let fetch = Fetch::new(&settings);
        for address in [
            // Nothing listens there.
            "http://127.0.0.1:1/keys?code=s3cret",
            "https://user:s3cret@a.example/keys",
            "ftp://a.example/?s3cret",
            "?s3cret",
        ] {
            let error = fetch.get(address).await.unwrap_err();
            let error = chain(&error).to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn the_age_is_read_as_it_is_written() {
        for (text, expected) in [
            ("max-age=600", Some(600)),
            ("public, MAX-AGE=600, must-revalidate", Some(600)),
            ("max-age=\"600\"", Some(600)),
            ("max-age=600, no-store", Some(0)),
            ("no-cache", Some(0)),
            ("public", None),
            ("max-age=x", None),
            ("s-maxage=600", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, text.parse().unwrap());
            assert_eq!(
                max_age(&headers),
                expected.map(Duration::from_secs),
                "{text}"
            );
        }
    }
}
