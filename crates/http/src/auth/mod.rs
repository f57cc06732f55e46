//! Authentication: from a credential to a caller.
//!
//! Each kind of credential has a file that recognises it. A new kind takes a new file and
//! a line in `recognise`.

mod api_token;
mod bearer;
mod jwt;
mod known_tokens;
mod named;
mod operator;
mod reading;
mod recognised;

pub(crate) use known_tokens::KnownTokens;
pub use operator::Operator;
pub use reading::Reader;

use std::sync::Arc;

use attache_core::ask::{Authority, What};
use attache_core::id::Revision;
use attache_core::time::Expiry;
use attache_core::{Caller, Command, Draft, HeadRequest, Refusal, State};
use axum::extract::FromRequestParts;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};

use super::{App, Context, Current, FocusOn, Preconditions, Problem, head, path_ids, tags};
use attache_tenants::{Condition, Credential, Request, Write, WriteError, Written};
use reading::KeptView;
use recognised::Recognised;

/// The request header with the least revision that the answer must reflect.
pub const AT_LEAST: HeaderName = HeaderName::from_static("attache-at-least");

/// An authenticated request: the caller, its tenant, and the two views that the whole answer is
/// made from. The [authority](Session::authority) is the caller in the present, and tells what it
/// may. The [subject](Session::subject) is what is shown.
#[derive(Clone)]
pub struct Session {
    app: App,
    context: Context,
    credential: Credential,
    ends: Expiry,
    /// `If-None-Match`: tags of what the caller has. Parsed where they are needed.
    pub known: Vec<http::HeaderValue>,
    /// `If-Match`. Parsed where it is needed.
    pub(super) seen: Vec<http::HeaderValue>,
    /// What the entry of a write is to say, or why that cannot be.
    head: Result<HeadRequest, Refusal>,
    /// The caller.
    pub caller: Caller,
    /// The present: the current state at the time of the request, or of its write.
    present: KeptView,
    /// What is shown, if it is not the present.
    past: Option<KeptView>,
}

impl FromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let session = Self::of_the_present(parts, app).await?;
        let context = session.context.clone();
        let Some(asked) = context.asked() else {
            return Ok(session);
        };
        let on = match asked.focus() {
            None => None,
            Some(focus) => {
                let names = path_ids::names(parts, app).await.unwrap_or_default();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                focus(&names, parts.uri.query().unwrap_or_default())
            }
        };
        session.asking(asked, on.as_ref()).await
    }
}

/// A session of a request whose body tells what it is about. It is to be asked for by
/// [`AskingSession::on`].
pub struct AskingSession(Session);

impl FromRequestParts<App> for AskingSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Session::of_the_present(parts, app).await.map(Self)
    }
}

impl AskingSession {
    /// Returns the session of a request that is about one resource. `None` if the answer needs
    /// more of the tenant than that.
    ///
    /// # Errors
    /// If the request names a moment at which the tenant cannot be shown.
    pub async fn on(self, on: Option<&FocusOn>) -> Result<Session, Problem> {
        let session = self.0;
        match session.context.clone().asked() {
            None => Ok(session),
            Some(asked) => session.asking(asked, on).await,
        }
    }
}

impl Session {
    /// The session of a request, which shows the present.
    async fn of_the_present(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let sent = bearer::credential(&parts.headers)?;
        let context = parts
            .extensions
            .get::<Context>()
            .cloned()
            .ok_or_else(|| Problem::internal("a request without a context"))?;
        let at_least = at_least(&parts.headers)?;
        let asked = context.asked();
        let needed = asked.map_or(at_least, |asked| asked.at_least().max(at_least));
        let at = app.ambient().now();
        let Recognised {
            tenant,
            caller,
            credential,
            ends,
            state,
        } = recognise(app, parts, sent, at, needed).await?;
        context.is_asked_by(Some(caller.tenant), caller.actor);
        let state = match state {
            Some(state) => state,
            None => tenant.state()?,
        };
        if state.revision() < at_least {
            return Err(Problem::Stale(at_least.0));
        }
        context.answered_at(state.revision());
        // A GET has no body, and writes nothing.
        let head = match parts.method == Method::GET {
            true => Ok(HeadRequest::default()),
            false => {
                context.body_is_of(caller, state.clone());
                head::read(&parts.headers, context.origin())
            }
        };
        Ok(Self {
            app: app.clone(),
            context,
            credential,
            ends,
            known: tags::lines(&parts.headers, &IF_NONE_MATCH),
            seen: tags::lines(&parts.headers, &IF_MATCH),
            head,
            caller,
            present: KeptView { state, at },
            past: None,
        })
    }

    /// Returns the limits of a single request.
    #[must_use]
    pub fn limits(&self) -> &super::Limits {
        self.app.limits()
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn turns(&self) -> &attache_tenants::Turns {
        self.app.tenants().turns()
    }

    /// Returns the credential of the request: a function that tells whether it counts in
    /// a state at an instant, and until when. For work that writes after the request was
    /// answered.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.credential.clone()
    }

    /// Checks that the caller may do everything in its tenant, that is, holds `*` on the
    /// root.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if it does not.
    pub fn must_hold_everything(&self) -> Result<(), Problem> {
        Ok(self.authority().must_hold_everything()?)
    }

    /// Returns the context of the request.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Returns when the token of the request stops being accepted.
    #[must_use]
    pub fn ends(&self) -> Expiry {
        self.ends
    }

    /// Returns whether the credential counts in a state at an instant, and its caller may
    /// hold anything there.
    pub(super) fn counts_in(&self, state: &State, at: attache_core::Timestamp) -> bool {
        let authority = Authority::new(&self.caller, state, at);
        (self.credential)(state, at).is_some() && authority.may_hold_something()
    }

    /// Counts a question with a name that the catalogue does not have.
    pub fn counts_unknown(&self, what: What) {
        self.app.count_unknown_name(what);
    }

    /// Returns a draft for the caller, to find out what a command would do.
    ///
    /// # Errors
    /// If the credential no longer counts.
    pub fn draft(&self) -> Result<Draft, Problem> {
        let KeptView { state, at } = &self.present;
        let until = (self.credential)(state, *at).ok_or(WriteError::Revoked)?;
        let draft = Draft::new((**state).clone(), self.caller, *at);
        let draft = draft.with_end(until).with_head(self.head()?);
        draft.map_err(Problem::of_head)
    }

    /// Returns the preconditions of a write, from its headers.
    ///
    /// # Errors
    /// If a header cannot be parsed.
    pub fn preconditions(&self) -> Result<Preconditions, Problem> {
        Preconditions::of(&self.seen, &self.known)
    }

    /// Writes a command as an entry, if the preconditions of the request hold for
    /// `current`, its target. Afterwards, the session answers from a state that includes
    /// the write.
    ///
    /// # Errors
    /// The refusal, the failed precondition, or why the tenant cannot write.
    pub async fn write(
        &mut self,
        command: Command,
        current: impl Fn(&State) -> Current + Send + Sync + 'static,
    ) -> Result<Written, Problem> {
        let current = Arc::new(current);
        let of_state = current.clone();
        let options = WriteOptions {
            only_if: self
                .preconditions()?
                .condition(move |state| of_state(state)),
            request: None,
        };
        let written = self.write_with(vec![command], options).await;
        written.map_err(|error| match Problem::from(error) {
            // Some APIs answer these problems with 2xx. Nothing was written, so the
            // precondition is checked on the session's state.
            Problem::Refused(Refusal::Unknown { .. })
                if !self.holds(|| current(&self.present.state)) =>
            {
                Problem::Changed
            }
            other => other,
        })
    }

    fn holds(&self, current: impl FnOnce() -> Current) -> bool {
        let preconditions = self.preconditions();
        preconditions.is_ok_and(|preconditions| preconditions.hold(current))
    }

    /// Returns the preconditions' target for writes to this caller's lists. Its tag
    /// follows from the state, the caller and the instant.
    pub fn list(&self) -> impl Fn(&State) -> Current + Send + Sync + use<> {
        let (actor, at) = (self.caller.actor, self.present.at);
        move |state| Current::listed(tags::tag_of(state.view(at), actor))
    }

    /// Writes as many of the commands as can be, as one entry, if the preconditions of
    /// the request hold for `current`. [`Written::outcomes`] has the outcome of each
    /// command. If all are refused, no entry is written. A request with an
    /// `Idempotency-Key` cannot be written in this way, since refusals are not stored.
    ///
    /// # Errors
    /// Why nothing was decided.
    pub async fn write_each(
        &mut self,
        commands: Vec<Command>,
        current: impl Fn(&State) -> Current + Send + Sync + 'static,
    ) -> Result<Written, Problem> {
        let only_if = self.preconditions()?.condition(current);
        let write = Write {
            credential: Some(self.credential.clone()),
            only_if,
            ..self.new_write(commands)?
        };
        Ok(self.hand_over(&write.by_each()).await?)
    }

    /// Writes several commands as one entry, all or none.
    ///
    /// # Errors
    /// Why nothing was written, and which command was refused.
    pub async fn write_with(
        &mut self,
        commands: Vec<Command>,
        options: WriteOptions,
    ) -> Result<Written, WriteError> {
        let write = Write {
            credential: Some(self.credential.clone()),
            only_if: options.only_if,
            request: options.request,
            ..self.new_write(commands)?
        };
        self.hand_over(&write).await
    }

    fn new_write(&self, commands: Vec<Command>) -> Result<Write, WriteError> {
        let write = Write::new(self.caller, self.context.correlation_id(), commands);
        match &self.head {
            Ok(head) => Ok(write.with_head(head.clone())),
            Err(refusal) => Err(WriteError::Refused {
                refusal: refusal.clone(),
                position: 0,
            }),
        }
    }

    /// What the entry of a write is to say: as the headers do. For work that writes later than
    /// the request is answered.
    ///
    /// # Errors
    /// If a header cannot be read.
    pub fn head(&self) -> Result<&HeadRequest, Problem> {
        let head = self.head.as_ref();
        head.map_err(|refusal| Problem::of_head(refusal.clone()))
    }

    /// Hands a write to the tenant's writer. Afterwards, the session answers from a state
    /// that includes the write.
    async fn hand_over(&mut self, write: &Write) -> Result<Written, WriteError> {
        let written = self.app.tenants().write_on(write).await?;
        let now = self.app.tenants().ambient().now();
        self.present = KeptView {
            state: written.state.clone(),
            at: self.present.at.max(now),
        };
        self.context.answered_at(written.state.revision());
        Ok(written)
    }
}

/// The options of a write.
#[derive(Clone, Default)]
pub struct WriteOptions {
    /// The precondition, checked on the state that the write is decided on.
    pub only_if: Option<Condition>,
    /// The name and digest of the request (`Idempotency-Key`), so that a repetition
    /// writes nothing.
    pub request: Option<Request>,
}

/// Returns the least revision that the answer must reflect, from the header [`AT_LEAST`].
///
/// # Errors
/// If the header is not a revision, or is repeated.
pub fn at_least(headers: &HeaderMap) -> Result<Revision, Problem> {
    let mut values = headers.get_all(AT_LEAST).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(Revision::default()),
        (Some(value), None) => value.to_str().ok(),
        (Some(_), Some(_)) => None,
    };
    let revision = value.and_then(|value| value.parse().ok()).map(Revision);
    revision.ok_or_else(|| Problem::header("Attache-At-Least", "must be a revision, once"))
}

/// Recognises the caller of a credential, on a state of at least a revision. All bad
/// credentials get one answer.
async fn recognise(
    app: &App,
    parts: &Parts,
    credential: &str,
    at: attache_core::Timestamp,
    at_least: Revision,
) -> Result<Recognised, Problem> {
    if operator::is_one(credential) {
        operator::recognise(app, &parts.headers, credential, at_least).await
    } else if credential.starts_with(crate::api_token::PREFIX) {
        api_token::recognise(app, parts, credential, at, at_least).await
    } else {
        jwt::recognise(app, parts, credential, at, at_least).await
    }
}
