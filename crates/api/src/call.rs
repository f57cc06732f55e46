//! A write: its caller, its commands, and its preconditions.

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

/// The caller's name for a write, by which it can ask again
/// (draft-ietf-httpapi-idempotency-key-header-07).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that the answer is that of a write that was done before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The longest Idempotency-Key that is taken.
const MAX_KEY: usize = 255;

/// A write that is asked for.
pub(super) struct Call {
    /// Who asks.
    pub(super) session: Session,
    /// What the caller demands of what the path names.
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
        // A `dry_run` that is passed over would be a write that nobody wanted.
        Query::strict(query.as_deref(), &[])?;
        Ok(call)
    }
}

/// The same, where the query string says something too.
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
        // A digest of its bytes takes less time than reading them.
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
    /// What the body says.
    pub(super) fn body<T: DeserializeOwned>(&mut self) -> Result<T, Problem> {
        body::read(self.text())
    }

    /// What a body says that can be large. It is read in a turn of the caller's tenant.
    pub(super) async fn large_body<T: DeserializeOwned>(&mut self) -> Result<T, Problem> {
        let text = self.text();
        let weight = match &text {
            JsonText::Is(bytes) => bytes.len() / BYTES_READ,
            JsonText::Nothing => 0,
        };
        self.session.weigh(weight, || body::read(text)).await?
    }

    /// The text of the body.
    pub(super) fn text(&mut self) -> JsonText {
        std::mem::replace(&mut self.body, JsonText::Nothing)
    }

    /// What the body says, if there is one.
    pub(super) fn body_or_nothing<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Problem> {
        match self.body.is_nothing() {
            true => Ok(None),
            false => self.body().map(Some),
        }
    }

    /// An id for something new.
    pub(super) fn id(&self) -> Uuid {
        self.app.tenants().ambient().id()
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// Let a command happen, if the preconditions hold for what the path names.
    /// `current` tells what that is in a state.
    pub(super) async fn write(
        &mut self,
        command: Command,
        current: impl Fn(&State) -> Current + Send + Sync + 'static,
    ) -> Result<Done, Problem> {
        Ok(self.write_all(vec![command], current).await?)
    }

    /// The same with a command that changes or removes a single thing: of its tag in
    /// a state.
    pub(super) async fn write_to(
        &mut self,
        command: Command,
        tag: impl Fn(&State) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Done, Problem> {
        let current = move |state: &State| Current::tagged(tag(state));
        self.write(command, current).await
    }

    /// The same with several commands, all or none.
    pub(super) async fn write_all(
        &mut self,
        commands: Vec<Command>,
        current: impl Fn(&State) -> Current + Send + Sync + 'static,
    ) -> Result<Done, WriteError> {
        let only_if = self.preconditions.condition(current);
        self.write_if(commands, only_if).await
    }

    /// What became of this very request, if it was done before: for what can no
    /// longer be turned into a command.
    pub(super) async fn done_before(&mut self) -> Result<Option<Done>, Problem> {
        if self.request.is_none() {
            return Ok(None);
        }
        let done = self.write_if(Vec::new(), None).await?;
        Ok(done.is_replayed().then_some(done))
    }

    /// Let commands happen, if something holds in the state that they are decided on.
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

/// A write that is done.
pub(super) struct Done {
    written: Written,
    app: App,
}

impl Done {
    /// The id of what it made: of that which was made when it was done.
    pub(super) fn made<T>(&self, made: impl Fn(&Change) -> Option<T>) -> Option<T> {
        self.written.changes.list.iter().find_map(made)
    }

    /// What it made, as it is now. It can be gone by now if it was made before.
    pub(super) fn shown<T>(&self, thing: Option<T>) -> Result<T, Problem> {
        let thing = thing.filter(|_| !self.written.hidden);
        match (thing, self.written.done_before) {
            (Some(thing), _) => Ok(thing),
            (None, Some(revision)) => Err(Problem::Gone(revision.0)),
            (None, None) => Err(Problem::internal("what was written now is not there")),
        }
    }

    /// A secret that the write made, for the answer to the first request only: attache keeps
    /// its hash.
    pub(super) fn secret(&self, secret: &str) -> Option<String> {
        (!self.is_replayed()).then(|| secret.to_owned())
    }

    /// Whether it was done before, and nothing was done now.
    pub(super) fn is_replayed(&self) -> bool {
        self.written.done_before.is_some()
    }

    /// Whether it added a kind or role to the catalogue, such as `role:owner`.
    pub(super) fn has_added(&self, name: &str) -> bool {
        self.all().iter().any(|change| match change {
            Change::CatalogueSet { added, .. } | Change::CatalogueChanged { added, .. } => {
                added.iter().any(|it| **it == *name)
            }
            _ => false,
        })
    }

    /// The address of something, by its path within this API.
    pub(super) fn address(&self, path: &str) -> String {
        address(&self.app, path)
    }

    /// Everything that it changed.
    pub(super) fn all(&self) -> &[Change] {
        &self.written.changes.list
    }

    /// Say on an answer whether it is that of a write that was done before.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        mark(headers, self.is_replayed());
    }
}

/// The address of something, by its path within this API.
pub(super) fn address(app: &App, path: &str) -> String {
    format!("{}{}/{path}", app.public_path(), super::PREFIX)
}

/// Says on an answer that it is the answer to a write that was done before.
pub(super) fn mark(headers: &mut HeaderMap, is_replayed: bool) {
    if is_replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
}

/// What a refused write of several commands says, with the place of the one
/// that was refused.
pub(super) fn at_its_place(error: WriteError) -> Problem {
    match error {
        WriteError::Refused { refusal, position } => Problem::RefusedAt(position, refusal),
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

/// A string in quotes (RFC 8941, 3.3.3), or the same without them.
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

/// What a command speaks of is not there, or not for the caller.
pub(super) fn not_found(what: &str) -> Problem {
    Refusal::NotFound { what: what.into() }.into()
}
