//! A write: its caller, its body, and its preconditions.

use attache_core::{Change, Command, Refusal, State};
use axum::extract::{FromRequest, FromRequestParts, Request as HttpRequest};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::body;
use super::needed::MustHold;
use super::query::Query;
use super::weights::BYTES_READ;
use attache_http::json_body::bytes_of;
use attache_http::{App, Current, JsonText, Preconditions, Problem, Session, WriteOptions};
use attache_tenants::Request;
use attache_tenants::{Condition, WriteError, Written};

/// The header with the caller's name for a write, under which it can be repeated safely
/// (draft-ietf-httpapi-idempotency-key-header-07).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer to a write that was done before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The most bytes of an `Idempotency-Key`.
const MAX_KEY: usize = 255;

/// A request to write.
pub(super) struct Call {
    /// The authenticated request.
    pub(super) session: Session,
    /// The preconditions on the target of the request.
    pub(super) preconditions: Preconditions,
    app: App,
    request: Option<Request>,
    body: JsonText,
}

impl FromRequest<App> for Call {
    type Rejection = Problem;

    async fn from_request(request: HttpRequest, app: &App) -> Result<Self, Problem> {
        let query = request.uri().query().map(str::to_owned);
        let CallWithQuery(call) = CallWithQuery::from_request(request, app).await?;
        // An ignored `dry_run` would be an unwanted write.
        Query::strict(query.as_deref(), &[])?;
        Ok(call)
    }
}

/// A request to write whose query string has parameters.
pub(super) struct CallWithQuery(pub(super) Call);

impl FromRequest<App> for CallWithQuery {
    type Rejection = Problem;

    async fn from_request(request: HttpRequest, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let session = Session::from_request_parts(&mut parts, app).await?;
        let preconditions = session.preconditions()?;
        let key = idempotency_key(&parts.headers)?;
        let needed = MustHold::of(&mut parts).await;
        let bytes = bytes_of(&parts, body, app, || needed.check(&session)).await?;
        let body = JsonText::read(&parts, bytes.clone(), app).await?;
        // Hashing the bytes is faster than parsing them.
        let request = key.map(|key| named(&session, &key, &parts, &bytes));
        Ok(Self(Call {
            session,
            preconditions,
            app: app.clone(),
            request,
            body,
        }))
    }
}

impl Call {
    /// Parses the body.
    pub(super) fn body<T: DeserializeOwned>(&mut self) -> Result<T, Problem> {
        body::read(self.text())
    }

    /// Parses a body that may be large, in a turn of the caller's tenant.
    pub(super) async fn large_body<T: DeserializeOwned>(&mut self) -> Result<T, Problem> {
        let text = self.text();
        let weight = match &text {
            JsonText::Is(bytes) => bytes.len() / BYTES_READ,
            JsonText::Nothing => 0,
        };
        self.session.weigh(weight, || body::read(text)).await?
    }

    /// Takes the text of the body.
    pub(super) fn text(&mut self) -> JsonText {
        std::mem::replace(&mut self.body, JsonText::Nothing)
    }

    /// Parses the body, if there is one.
    pub(super) fn body_or_nothing<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Problem> {
        match self.body.is_nothing() {
            true => Ok(None),
            false => self.body().map(Some),
        }
    }

    /// Makes an id for a new thing.
    pub(super) fn id(&self) -> Uuid {
        self.app.tenants().ambient().id()
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// Writes a command, if the preconditions hold for the target. `current` finds the
    /// target in a state.
    pub(super) async fn write(
        &mut self,
        command: Command,
        current: impl Fn(&State) -> Current + Send + Sync + 'static,
    ) -> Result<Done, Problem> {
        Ok(self.write_all(vec![command], current).await?)
    }

    /// Writes a command that changes or removes a thing, if the preconditions hold for
    /// it. `tag` returns its tag in a state.
    pub(super) async fn write_to(
        &mut self,
        command: Command,
        tag: impl Fn(&State) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Done, Problem> {
        let current = move |state: &State| Current::tagged(tag(state));
        self.write(command, current).await
    }

    /// Writes several commands, all or none, if the preconditions hold.
    pub(super) async fn write_all(
        &mut self,
        commands: Vec<Command>,
        current: impl Fn(&State) -> Current + Send + Sync + 'static,
    ) -> Result<Done, WriteError> {
        let only_if = self.preconditions.condition(current);
        self.write_if(commands, only_if).await
    }

    /// Returns the result of this very request, if it was done before. For requests that
    /// can no longer be turned into commands.
    pub(super) async fn done_before(&mut self) -> Result<Option<Done>, Problem> {
        if self.request.is_none() {
            return Ok(None);
        }
        let done = self.write_if(Vec::new(), None).await?;
        Ok(done.is_replayed().then_some(done))
    }

    /// Writes commands, if a condition holds in the state that they are decided on.
    pub(super) async fn write_if(
        &mut self,
        commands: Vec<Command>,
        only_if: Option<Condition>,
    ) -> Result<Done, WriteError> {
        let options = WriteOptions {
            only_if,
            request: self.request.clone(),
        };
        let written = self.session.write_with(commands, options).await?;
        Ok(Done {
            written,
            app: self.app.clone(),
        })
    }
}

/// A completed write.
pub(super) struct Done {
    written: Written,
    app: App,
}

impl Done {
    /// Returns the id of the thing that the write made, also if that happened at an
    /// earlier request.
    pub(super) fn made<T>(&self, made: impl Fn(&Change) -> Option<T>) -> Option<T> {
        self.written.changes.list.iter().find_map(made)
    }

    /// Returns the made thing as it is now. It may be gone if an earlier request made it.
    pub(super) fn shown<T>(&self, thing: Option<T>) -> Result<T, Problem> {
        let thing = thing.filter(|_| !self.written.hidden);
        match (thing, self.written.done_before) {
            (Some(thing), _) => Ok(thing),
            (None, Some(revision)) => Err(Problem::Gone(revision.0)),
            (None, None) => Err(Problem::internal("what was written now is not there")),
        }
    }

    /// Returns a secret that the write made, for the answer to the first request only:
    /// attache has its hash.
    pub(super) fn secret(&self, secret: &str) -> Option<String> {
        (!self.is_replayed()).then(|| secret.to_owned())
    }

    /// Returns whether the write was done before and changed nothing now.
    pub(super) fn is_replayed(&self) -> bool {
        self.written.done_before.is_some()
    }

    /// Returns whether the write added a kind or role to the catalogue, such as
    /// `role:owner`.
    pub(super) fn has_added(&self, name: &str) -> bool {
        self.all().iter().any(|change| match change {
            Change::CatalogueSet { added, .. } | Change::CatalogueChanged { added, .. } => {
                added.iter().any(|it| **it == *name)
            }
            _ => false,
        })
    }

    /// Returns the address of a path within this API.
    pub(super) fn address(&self, path: &str) -> String {
        address(&self.app, path)
    }

    /// Returns all changes of the write.
    pub(super) fn all(&self) -> &[Change] {
        &self.written.changes.list
    }

    /// Marks an answer if its write was done before.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        mark(headers, self.is_replayed());
    }
}

/// Returns the address of a path within this API.
pub(super) fn address(app: &App, path: &str) -> String {
    format!("{}{}/{path}", app.public_path(), super::PREFIX)
}

/// Marks an answer if its write was done before.
pub(super) fn mark(headers: &mut HeaderMap, is_replayed: bool) {
    if is_replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
}

/// Turns the error of several commands into a problem with the index of the refused one.
pub(super) fn at_its_place(error: WriteError) -> Problem {
    match error {
        WriteError::Refused { refusal, position } => match Problem::of_head(refusal) {
            Problem::Refused(refusal) => Problem::RefusedAt(position, refusal),
            of_head => of_head,
        },
        other => other.into(),
    }
}

fn named(session: &Session, key: &str, parts: &Parts, body: &[u8]) -> Request {
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let caller = session.caller.actor.to_string();
    Request::new(
        &caller,
        key,
        &[parts.method.as_str().as_bytes(), path.as_bytes(), body],
    )
}

/// Parses a string in quotes (RFC 8941, 3.3.3), or without them.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().ok(),
        (Some(_), Some(_)) => None,
    };
    let unquoted = value.map(|value| {
        let inner = value
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        inner.unwrap_or(value)
    });
    let fits = |key: &&str| {
        (1..=MAX_KEY).contains(&key.len())
            && key
                .bytes()
                .all(|byte| (b' '..=b'~').contains(&byte) && !b"\"\\".contains(&byte))
    };
    let reason = "must be 1 to 255 printable ASCII characters, in quotes or without, once";
    let key = unquoted.filter(fits);
    key.map(|key| Some(key.to_owned()))
        .ok_or_else(|| Problem::header("Idempotency-Key", reason))
}

/// Makes the problem for a thing that does not exist or is hidden from the caller.
pub(super) fn not_found(what: &str) -> Problem {
    Refusal::NotFound { what: what.into() }.into()
}
