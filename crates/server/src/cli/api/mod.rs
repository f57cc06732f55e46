//! attache's own API for the command line: of a running server, or of this process on a
//! data folder.

mod lines;
mod refused;
mod reply;
mod transport;

pub(super) use reply::{Reply, display_name, plain};

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, Url};
use serde_json::Value;
use uuid::Uuid;

use super::CliError;
use super::data::{self, Place};
use super::head::HeadFlags;
use attache_ambient::Ambient;
use attache_core::nearest::near;
use attache_http::moment;
use attache_http::operator_token::OperatorToken;
use attache_http::{App, Limits};
use attache_tenants::Moment;
use transport::Transport;

/// How often a write is sent that may not have arrived.
const ATTEMPTS: usize = 4;
/// The media type of a streamed list: one item per line.
const LINES: &str = "application/x-ndjson";
/// The hint for a write that may have been done.
const UNKNOWN: &str = "\
The request was sent, and no answer came: it is not known whether it was done. `attache history` \
shows whether it was.";
/// The longest pause before a request is repeated.
const PAUSE: Duration = Duration::from_secs(2);

/// The API, with the caller's credential.
#[derive(Clone, Debug)]
pub(super) struct Api {
    transport: Transport,
    token: String,
    /// The tenant, if the token does not determine it.
    tenant: Option<String>,
    /// The moment that reads ask about, if it is not the present.
    at: Option<Moment>,
    /// What is said of what is written.
    head: HeadFlags,
}

/// A request to send.
struct Wish<'a> {
    method: Method,
    path: &'a [&'a str],
    query: Vec<(&'a str, &'a str)>,
    body: Option<&'a Value>,
    /// An archive instead of a JSON body.
    archive: Option<Bytes>,
    /// The `Idempotency-Key` of a write.
    key: Option<Uuid>,
    /// A precondition: the name and value of its header.
    only_if: Option<(&'static str, &'a str)>,
    /// Whether a list is streamed completely, instead of one page.
    whole: bool,
}

impl<'a> Wish<'a> {
    fn new(method: Method, path: &'a [&'a str]) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body: None,
            archive: None,
            key: None,
            only_if: None,
            whole: false,
        }
    }
}

/// A complete list at one revision.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) items: Vec<Value>,
    pub(super) revision: String,
}

impl Place {
    /// Runs a command on the API: of the server that the command line names, or else of
    /// the data folder.
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
            let limits = Limits {
                // Nobody else waits.
                answer_within: Duration::MAX,
                ..config.limits()
            };
            let app = App::new(tenants.clone(), limits)
                .with_jwt(config.jwt())
                .with_operator(Some(token.hash()));
            let api = Api {
                at: self.at,
                head: self.head.clone(),
                ..Api::in_process(app, &token, &row.slug)
            };
            work(&api).await
        })
        .await
    }

    /// Returns the server that the command line names, if it names one.
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
            transport: Transport::server(url)?,
            token,
            tenant: tenant.map(str::to_owned),
            at: self.at,
            head: self.head.clone(),
        }))
    }
}

impl Api {
    /// Returns the API of this process, called by the operator for a tenant.
    pub(super) fn in_process(app: App, token: &OperatorToken, tenant: &str) -> Self {
        Self {
            transport: Transport::in_process(app),
            token: token.reveal().to_owned(),
            tenant: Some(tenant.to_owned()),
            at: None,
            head: HeadFlags::default(),
        }
    }

    /// Returns the same API for another tenant. For the operator.
    pub(super) fn of_tenant(&self, slug: &str) -> Self {
        Self {
            tenant: Some(slug.to_owned()),
            ..self.clone()
        }
    }

    /// Adds to an error about something that was not there at the moment when it was added, if
    /// it is there now.
    pub(super) async fn with_beginning(&self, error: CliError, path: &[&str]) -> CliError {
        if self.at.is_none() {
            return error;
        }
        let present = Self {
            at: None,
            ..self.clone()
        };
        let thing = present.find(path).await.ok().flatten();
        match thing
            .as_ref()
            .and_then(|thing| thing["created_at"].as_str())
        {
            Some(added) => error.with(&format!(" at that time: it was added on {added}")),
            None => error,
        }
    }

    /// Reads a path, given by its segments.
    pub(super) async fn get(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Reply, CliError> {
        let query = query.to_vec();
        let wish = Wish::new(Method::GET, path);
        self.send(&Wish { query, ..wish }).await
    }

    /// Reads a path; `None` if the thing does not exist.
    pub(super) async fn find(&self, path: &[&str]) -> Result<Option<Value>, CliError> {
        let reply = self.ask_once(&Wish::new(Method::GET, path)).await?;
        match reply.status() {
            404 => Ok(None),
            _ => reply.good().map(|reply| Some(reply.json)),
        }
    }

    /// Reads a complete list at one revision.
    pub(super) async fn all(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<Value>, CliError> {
        self.whole(path, query).await.map(|listed| listed.items)
    }

    /// Reads a complete list, and returns its revision with it.
    pub(super) async fn whole(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Listed, CliError> {
        let query = query.to_vec();
        let wish = Wish {
            query,
            whole: true,
            ..Wish::new(Method::GET, path)
        };
        let reply = self.send(&wish).await?;
        let revision = reply.revision().to_owned();
        let items = reply.items()?;
        Ok(Listed { items, revision })
    }

    /// Reads the first `most` things of a list, and the total. Reads pages, each at the
    /// revision of its own request.
    pub(super) async fn first(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        most: usize,
    ) -> Result<(Vec<Value>, u64), CliError> {
        if most == usize::MAX {
            let items = self.all(path, query).await?;
            let total = items.len();
            return Ok((items, total as u64));
        }
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
            if cursor.is_none() || items.len() >= most {
                items.truncate(most);
                return Ok((items, page["total"].as_u64().unwrap_or_default()));
            }
        }
    }

    /// Sends a question as a body, to a path of the API or, if the first segment is
    /// empty, to a path outside it.
    pub(super) async fn question(&self, path: &[&str], body: &Value) -> Result<Value, CliError> {
        let wish = Wish::new(Method::POST, path);
        let body = Some(body);
        Ok(self.send(&Wish { body, ..wish }).await?.json)
    }

    /// Sends a question that is refused if it has an unknown name.
    pub(super) async fn strict_question(
        &self,
        path: &[&str],
        body: &Value,
    ) -> Result<Value, CliError> {
        let wish = Wish::new(Method::POST, path);
        let (body, query) = (Some(body), vec![("strict", "true")]);
        Ok(self
            .send(&Wish {
                body,
                query,
                ..wish
            })
            .await?
            .json)
    }

    /// Returns a sentence about the unknown names in a search, if there are any.
    pub(super) async fn unknown_in_search(
        &self,
        what: &str,
        question: &Value,
    ) -> Result<Option<String>, CliError> {
        let mut question = question.clone();
        question["context"] = serde_json::json!({"strict": true});
        let path = ["", "access", "v1", "search", what];
        let wish = Wish::new(Method::POST, &path);
        let body = Some(&question);
        let reply = self.ask_once(&Wish { body, ..wish }).await?;
        Ok(reply.refused())
    }

    /// Returns a sentence about the unknown names in a list's query, if there are any.
    pub(super) async fn unknown_in_list(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Option<String>, CliError> {
        let strict = query.iter().copied().chain([("strict", "true")]);
        let (query, wish) = (strict.collect(), Wish::new(Method::GET, path));
        Ok(self.ask_once(&Wish { query, ..wish }).await?.refused())
    }

    /// Asks a question of access (AuthZEN).
    pub(super) async fn ask_access(&self, question: &Value) -> Result<Value, CliError> {
        let path = ["", "access", "v1", "evaluation"];
        self.question(&path, question).await
    }

    /// Returns all results of a search (AuthZEN), over all its pages.
    pub(super) async fn search(
        &self,
        what: &str,
        question: &Value,
    ) -> Result<Vec<Value>, CliError> {
        let path = ["", "access", "v1", "search", what];
        let mut question = question.clone();
        let mut results = Vec::new();
        loop {
            let page = self.question(&path, &question).await?;
            results.extend(page["results"].as_array().cloned().unwrap_or_default());
            match page["page"]["next_token"].as_str() {
                None | Some("") => return Ok(results),
                Some(token) => question["page"] = serde_json::json!({"token": token}),
            }
        }
    }

    /// Sends a write. It is done once, however often it must be repeated.
    pub(super) async fn write(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Reply, CliError> {
        self.done_once(Wish {
            body,
            ..Wish::new(method, path)
        })
        .await
    }

    /// Sends a write with a query and a precondition (RFC 9110, 13.1).
    pub(super) async fn write_if(
        &self,
        only_if: (&'static str, &str),
        query: &[(&str, &str)],
        method: Method,
        path: &[&str],
        body: &Value,
    ) -> Result<Reply, CliError> {
        self.done_once(Wish {
            body: Some(body),
            query: query.to_vec(),
            only_if: Some(only_if),
            ..Wish::new(method, path)
        })
        .await
    }

    /// Sends a write with a query.
    pub(super) async fn write_with(
        &self,
        query: &[(&str, &str)],
        method: Method,
        path: &[&str],
        body: &Value,
    ) -> Result<Reply, CliError> {
        self.done_once(Wish {
            body: Some(body),
            query: query.to_vec(),
            ..Wish::new(method, path)
        })
        .await
    }

    async fn done_once(&self, wish: Wish<'_>) -> Result<Reply, CliError> {
        let key = Some(Ambient::of_the_machine().id());
        self.send(&Wish { key, ..wish }).await
    }

    /// Sends a zip archive with a query. It is accepted once, however often it must be
    /// repeated.
    pub(super) async fn send_archive(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        archive: Bytes,
    ) -> Result<Reply, CliError> {
        self.done_once(Wish {
            archive: Some(archive),
            query: query.to_vec(),
            ..Wish::new(Method::POST, path)
        })
        .await
    }

    /// Downloads a server's answer into a file, piece by piece. Returns the revision.
    pub(super) async fn download(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        into: &mut std::fs::File,
    ) -> Result<String, CliError> {
        let query = query.to_vec();
        let wish = Wish {
            query,
            ..Wish::new(Method::GET, path)
        };
        let (url, request) = self.request(&wish)?;
        let reply = self.transport.download(url, request, into).await?;
        Ok(reply.good()?.revision().to_owned())
    }

    /// Sends several operations, all or none. Returns the number of changed things.
    pub(super) async fn bulk(&self, operations: Vec<Value>) -> Result<u64, CliError> {
        let body = serde_json::json!({ "operations": operations });
        let reply = self.write(Method::POST, &["bulk"], Some(&body)).await;
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => {
                let role = refused::unknown_role(&error, &body);
                let nearest = match role {
                    Some(role) => self.nearest("roles", role).await,
                    None => String::new(),
                };
                return Err(refused::with_names(error, &body).with(&nearest));
            }
        };
        Ok(reply.json["changes"].as_u64().unwrap_or_default())
    }

    /// Returns a phrase with the thing in a list whose name is most similar to an unknown
    /// one. Empty if none is similar, or the caller may not list them.
    pub(super) async fn nearest(&self, path: &str, name: &str) -> String {
        let things = self.all(&[path], &[]).await.unwrap_or_default();
        let names = things.iter().filter_map(|thing| thing["name"].as_str());
        let nearest = near(name, names).map(|it| format!("; the nearest is {it}"));
        nearest.unwrap_or_default()
    }

    async fn send(&self, wish: &Wish<'_>) -> Result<Reply, CliError> {
        let mut attempt = 1;
        // Once the request may have arrived, only a success tells the outcome.
        let mut may_be_done = false;
        loop {
            let reply = self.ask_once(wish).await;
            let again = match &reply {
                Ok(reply) => reply.is_for_later(),
                Err(error) => error.may_pass(),
            };
            may_be_done |= match &reply {
                Ok(reply) => reply.is_of_a_proxy(),
                Err(error) => error.is_outcome_unknown(),
            };
            if !again || attempt == ATTEMPTS {
                let refused = match reply.and_then(Reply::good) {
                    Ok(reply) => return Ok(reply),
                    Err(error) => error,
                };
                return Err(match (wish.key, may_be_done) {
                    (Some(_), true) => refused.with_hint(UNKNOWN),
                    (Some(_), false) if refused.may_pass() => refused.with("; nothing was changed"),
                    _ => refused,
                });
            }
            attempt += 1;
            let pause = reply.ok().and_then(|reply| reply.retry_after());
            tokio::time::sleep(pause.unwrap_or(PAUSE / 4).min(PAUSE)).await;
        }
    }

    async fn ask_once(&self, wish: &Wish<'_>) -> Result<Reply, CliError> {
        let (url, request) = self.request(wish)?;
        self.transport.send(url, request).await
    }

    fn request(&self, wish: &Wish<'_>) -> Result<(Url, http::Request<Bytes>), CliError> {
        let url = self.url(wish.path, &wish.query)?;
        let mut request = http::Request::builder()
            .method(wish.method.clone())
            .header("authorization", format!("Bearer {}", self.token));
        if let Some(tenant) = &self.tenant {
            request = request.header("attache-tenant", tenant);
        }
        if let Some(moment) = self.at.filter(|_| wish.key.is_none()) {
            request = request.header(moment::AT, moment::encoded(moment));
        }
        if let Some(key) = wish.key {
            request = request.header("idempotency-key", format!("\"{key}\""));
            for (name, value) in self.head.headers() {
                request = request.header(name, value);
            }
        }
        if let Some((name, value)) = wish.only_if {
            request = request.header(name, value);
        }
        if wish.whole {
            request = request.header("accept", LINES);
        }
        let body = match (wish.body, &wish.archive) {
            (Some(body), _) => {
                request = request.header("content-type", "application/json");
                Bytes::from(serde_json::to_vec(body)?)
            }
            (None, Some(archive)) => {
                request = request.header("content-type", "application/zip");
                archive.clone()
            }
            (None, None) => Bytes::new(),
        };
        let request = request.body(body);
        let request = request.map_err(|error| CliError::new(error.to_string()))?;
        Ok((url, request))
    }

    /// Returns a URL of the API. A path that begins with a slash is outside the API's
    /// prefix.
    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url, CliError> {
        let mut url = self.transport.base().clone();
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
