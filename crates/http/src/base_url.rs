//! Finds the URL of this server, for links in answers.

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Uri};

use super::{App, Problem};

impl App {
    /// Returns the URL at which this server is reached: `public_url`, or else the host
    /// that the request was sent to.
    ///
    /// # Errors
    /// [`Problem::Invalid`] if neither is known: the request names no valid host.
    pub fn base_url(&self, uri: &Uri, headers: &HeaderMap) -> Result<String, Problem> {
        match self.public_url() {
            "" => Ok(format!("http://{}", host(uri, headers)?)),
            url => Ok(url.to_owned()),
        }
    }
}

/// Returns the host that a request was sent to.
fn host(uri: &Uri, headers: &HeaderMap) -> Result<Authority, Problem> {
    let given = headers.get(HOST).and_then(|host| host.to_str().ok());
    let given = given.and_then(|host| host.parse().ok());
    given
        .or_else(|| uri.authority().cloned())
        .filter(|host: &Authority| !host.as_str().contains('@'))
        .ok_or_else(|| Problem::header("Host", "must name a host"))
}
