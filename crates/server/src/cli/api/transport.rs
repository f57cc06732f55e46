//! The transport of requests: over the network, or within this process.

use std::io::Write as _;

use attache_core::cause::chain;
use bytes::Bytes;
use reqwest::{Client, Url};

use super::{CliError, Reply};
use attache_http::{App, in_process};

use attache_apis::router;

/// The transport to an API.
#[derive(Clone)]
pub(super) enum Transport {
    /// Over the network.
    Server { client: Client, base: Url },
    /// Within this process.
    Here { app: App, base: Url },
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transport({})", self.base())
    }
}

impl Transport {
    pub(super) fn server(url: &str) -> Result<Self, CliError> {
        let wrong =
            |reason: String| CliError::new(format!("{url} (--url or ATTACHE_URL): {reason}"));
        let scheme = || wrong("must begin with http:// or https://".to_owned());
        if !url.contains("://") {
            return Err(scheme());
        }
        let base: Url = url.parse().map_err(|_| wrong("is no address".to_owned()))?;
        if !["http", "https"].contains(&base.scheme()) || base.cannot_be_a_base() {
            return Err(scheme());
        }
        if base.path().trim_end_matches('/').ends_with("/api/v1") {
            return Err(wrong(
                "must not have /api/v1 at its end: it is added".to_owned(),
            ));
        }
        let client = Client::builder()
            .user_agent(concat!("attache/", env!("CARGO_PKG_VERSION")))
            // A redirect must not send the token to another server.
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Ok(Self::Server {
            client: client.map_err(|error| wrong(error.to_string()))?,
            base,
        })
    }

    #[allow(clippy::expect_used, reason = "the address is a constant")]
    pub(super) fn in_process(app: App) -> Self {
        // Any base will do, since nothing is resolved. A test covers it.
        let base = "http://localhost/".parse().expect("it is an address");
        Self::Here { app, base }
    }

    pub(super) fn base(&self) -> &Url {
        match self {
            Self::Server { base, .. } | Self::Here { base, .. } => base,
        }
    }

    pub(super) async fn send(
        &self,
        url: Url,
        request: http::Request<Bytes>,
    ) -> Result<Reply, CliError> {
        let (mut parts, body) = request.into_parts();
        match self {
            Self::Server { client, base } => {
                let sent = client
                    .request(parts.method, url)
                    .headers(parts.headers)
                    .body(body)
                    .send()
                    .await;
                let mut answer = sent.map_err(|error| unreachable_server(base, &error))?;
                let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
                let mut bytes = Vec::new();
                loop {
                    match answer.chunk().await {
                        Ok(Some(piece)) => bytes.extend_from_slice(&piece),
                        Ok(None) => return Ok(Reply::new(status, headers, &bytes)),
                        Err(error) => {
                            let ended = Reply::broken_off(headers, &bytes);
                            return ended.ok_or_else(|| unreachable_server(base, &error));
                        }
                    }
                }
            }
            Self::Here { app, .. } => {
                let path = url.path().to_owned();
                let target = url.query().map(|query| format!("{path}?{query}"));
                let target = target.unwrap_or(path).parse();
                parts.uri = target
                    .map_err(|error: http::uri::InvalidUri| CliError::new(error.to_string()))?;
                let request = http::Request::from_parts(parts, body);
                let answer = in_process::ask(router(app.clone()), request);
                let answer = answer.await;
                let answer = answer.map_err(|error| CliError::new(chain(&error).to_string()))?;
                let (parts, bytes) = answer.into_parts();
                Ok(Reply::new(parts.status.as_u16(), parts.headers, &bytes))
            }
        }
    }
}

impl Transport {
    /// Downloads a server's successful answer into a file.
    pub(super) async fn download(
        &self,
        url: Url,
        request: http::Request<Bytes>,
        into: &mut std::fs::File,
    ) -> Result<Reply, CliError> {
        let Self::Server { client, base } = self else {
            return Err(CliError::new("this is asked of a server only"));
        };
        let (parts, _) = request.into_parts();
        let sent = client.request(parts.method, url).headers(parts.headers);
        let failed = |error: reqwest::Error| unreachable_server(base, &error);
        let mut answer = sent.send().await.map_err(failed)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        if !answer.status().is_success() {
            let bytes = answer.bytes().await.map_err(failed)?;
            return Ok(Reply::new(status, headers, &bytes));
        }
        while let Some(piece) = answer.chunk().await.map_err(failed)? {
            into.write_all(&piece)?;
        }
        Ok(Reply::new(status, headers, &[]))
    }
}

/// Returns an error that a person can act on. It quotes nothing from the request.
fn unreachable_server(base: &Url, error: &reqwest::Error) -> CliError {
    let mut reason = String::new();
    let mut source = std::error::Error::source(error);
    while let Some(behind) = source {
        reason = behind.to_string();
        source = behind.source();
    }
    let hint = match base.scheme() {
        "https" if reason.contains("InvalidContentType") => {
            "; it seems to speak plain HTTP: its address begins with http:// then"
        }
        "http" if reason.contains("invalid HTTP") || reason.contains("closed before") => {
            "; it may speak TLS: its address begins with https:// then"
        }
        _ => "",
    };
    let message = format!("{base} does not answer: {reason}{hint}");
    match error.is_connect() || error.is_builder() {
        true => CliError::passing(message),
        // The request may have arrived.
        false => CliError::broken(message),
    }
}
