//! attache's own API, asked by the command line: of a running server, or of
//! this process over a data folder.

mod reply;
mod way;

pub(super) use reply::{Reply, display_name, plain};

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, Url};
use serde_json::Value;
use uuid::Uuid;

use super::CliError;
use super::data::{self, Place};
use attache_ambient::Ambient;
use attache_http::App;
use attache_http::operator_token::OperatorToken;
use way::Way;

/// How often a write is asked again that may not have arrived.
const ATTEMPTS: usize = 4;
/// How long to wait at most before asking again.
const PAUSE: Duration = Duration::from_secs(2);

/// The API, and who asks.
#[derive(Debug)]
pub(super) struct Api {
    way: Way,
    token: String,
    /// The tenant that is meant, where the token does not say.
    tenant: Option<String>,
}

impl Place {
    /// Let a command ask the API: of the server that the command line names,
    /// or else of the data folder.
    pub(super) async fn ask<T>(
        &self,
        tenant: Option<&str>,
        work: impl AsyncFnOnce(&Api) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        if let Some(api) = self.server(tenant)? {
            return work(&api).await;
        }
        data::within(self.open().await?, async |tenants| {
            let row = data::tenant(tenants, tenant)?;
            let token = OperatorToken::new(tenants.ambient());
            let config = self.config()?;
            let app = App::new(tenants.clone(), config.limits())
                .with_jwt(config.jwt())
                .with_operator(Some(token.hash()));
            let api = Api {
                way: Way::in_process(app),
                token: token.reveal().to_owned(),
                tenant: Some(row.slug),
            };
            work(&api).await
        })
        .await
    }

    /// The server that the command line names, if it names one.
    pub(super) fn server(&self, tenant: Option<&str>) -> Result<Option<Api>, CliError> {
        let Some(url) = &self.url else {
            return Ok(None);
        };
        if self.data.is_some() {
            return Err(CliError::new("--url and --data are two different places"));
        }
        let token = self.token()?.ok_or_else(|| {
            CliError::new("a server wants a token: ATTACHE_TOKEN, --token-file or --token")
        })?;
        Ok(Some(Api {
            way: Way::server(url)?,
            token,
            tenant: tenant.map(str::to_owned),
        }))
    }
}

impl Api {
    /// What stands at a path, given by its parts.
    pub(super) async fn get(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Reply, CliError> {
        self.send(Method::GET, path, query, None, None).await
    }

    /// The same, or nothing if there is no such thing.
    pub(super) async fn find(&self, path: &[&str]) -> Result<Option<Value>, CliError> {
        let reply = self.ask_once(&Method::GET, path, &[], None, None).await?;
        match reply.status() {
            404 => Ok(None),
            _ => reply.good().map(|reply| Some(reply.json)),
        }
    }

    /// All things of a list, of all its pages.
    pub(super) async fn all(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<Value>, CliError> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut query = query.to_vec();
            if let Some(cursor) = &cursor {
                query.push(("cursor", cursor));
            }
            let page = self.get(path, &query).await?.json;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            cursor = page["next"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return Ok(items);
            }
        }
    }

    /// A question of access (AuthZEN).
    pub(super) async fn ask_access(&self, question: &Value) -> Result<Value, CliError> {
        let path = ["", "access", "v1", "evaluation"];
        let reply = self.send(Method::POST, &path, &[], Some(question), None);
        reply.await.map(|reply| reply.json)
    }

    /// A write. It is done once, however often it has to be asked for.
    pub(super) async fn write(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Reply, CliError> {
        let key = Ambient::of_the_machine().id();
        self.send(method, path, &[], body, Some(key)).await
    }

    /// Several operations, all or none. Says how many things were changed.
    pub(super) async fn bulk(&self, operations: Vec<Value>) -> Result<u64, CliError> {
        let body = serde_json::json!({ "operations": operations });
        let reply = self.write(Method::POST, &["bulk"], Some(&body)).await?;
        Ok(reply.json["changes"].as_u64().unwrap_or_default())
    }

    async fn send(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
        key: Option<Uuid>,
    ) -> Result<Reply, CliError> {
        let mut attempt = 1;
        loop {
            let reply = self.ask_once(&method, path, query, body, key).await;
            let again = match &reply {
                Ok(reply) => reply.is_for_later(),
                Err(error) => error.may_pass(),
            };
            if !again || attempt == ATTEMPTS {
                return reply?.good();
            }
            attempt += 1;
            let pause = reply.ok().and_then(|reply| reply.retry_after());
            tokio::time::sleep(pause.unwrap_or(PAUSE / 4).min(PAUSE)).await;
        }
    }

    async fn ask_once(
        &self,
        method: &Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
        key: Option<Uuid>,
    ) -> Result<Reply, CliError> {
        let url = self.url(path, query)?;
        let mut request = http::Request::builder()
            .method(method.clone())
            .header("authorization", format!("Bearer {}", self.token));
        if let Some(tenant) = &self.tenant {
            request = request.header("attache-tenant", tenant);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", format!("\"{key}\""));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Bytes::from(serde_json::to_vec(body)?)
            }
            None => Bytes::new(),
        };
        let request = request.body(body);
        let request = request.map_err(|error| CliError::new(error.to_string()))?;
        self.way.send(url, request).await
    }

    /// An address in the API; a path that begins with a slash is one of its own.
    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url, CliError> {
        let mut url = self.way.base().clone();
        {
            let wrong = |()| CliError::new("--url is no address of a server");
            let mut segments = url.path_segments_mut().map_err(wrong)?;
            segments.pop_if_empty();
            match path {
                ["", own @ ..] => segments.extend(own),
                path => segments.extend(["api", "v1"]).extend(path),
            };
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }
}
