//! From a credential to a caller.
//!
//! Each kind of credential has a file that tells whose it is; a new one is a
//! new file and a line in `recognise`.

mod api_token;
mod bearer;
mod jwt;
mod known_tokens;
mod named;
mod operator;
mod recognised;

pub(crate) use known_tokens::KnownTokens;
pub use operator::Operator;

use std::sync::Arc;

use attache_core::ask::What;
use attache_core::catalogue::Pattern;
use attache_core::id::Revision;
use attache_core::time::Expiry;
use attache_core::{Caller, Command, Draft, Refusal, State};
use axum::extract::FromRequestParts;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};

use super::{App, Context, Current, Preconditions, Problem, tags};
use attache_tenants::{Condition, Credential, Request, Write, WriteError, Written};
use recognised::Recognised;

/// The revision that the caller wants to see at least.
pub const AT_LEAST: HeaderName = HeaderName::from_static("attache-at-least");

/// An authenticated request: who asks, of which tenant, and the one state that
/// the whole answer is made from.
#[derive(Clone)]
pub struct Session {
    app: App,
    context: Context,
    credential: Credential,
    ends: Expiry,
    /// `If-None-Match`: tags of what the caller has.
    pub known: Vec<http::HeaderValue>,
    /// `If-Match`. Both are read where they are needed.
    pub(super) seen: Vec<http::HeaderValue>,
    /// Who asks.
    pub caller: Caller,
    /// The state that answers.
    pub state: Arc<State>,
    /// The instant at which it is asked.
    pub at: attache_core::Timestamp,
}

impl FromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let sent = bearer::credential(&parts.headers)?;
        let context = parts
            .extensions
            .get::<Context>()
            .cloned()
            .ok_or_else(|| Problem::internal("a request without a context"))?;
        let at_least = at_least(&parts.headers)?;
        let at = app.ambient().now();
        let Recognised {
            tenant,
            caller,
            credential,
            ends,
            state,
        } = recognise(app, parts, sent, at, at_least).await?;
        context.is_asked_by(Some(caller.tenant), caller.actor);
        let state = match state {
            Some(state) => state,
            None => tenant.state()?,
        };
        if state.revision() < at_least {
            return Err(Problem::Stale(at_least.0));
        }
        context.answered_at(state.revision());
        // What has no body is not asked for it.
        if parts.method != Method::GET {
            context.body_is_of(caller, state.clone());
        }
        Ok(Self {
            app: app.clone(),
            context,
            credential,
            ends,
            known: tags::lines(&parts.headers, &IF_NONE_MATCH),
            seen: tags::lines(&parts.headers, &IF_MATCH),
            caller,
            state,
            at,
        })
    }
}

impl Session {
    /// What a single request may take.
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

    /// The credential of the request: whether it counts in a state at an instant, and
    /// until when. For work that writes later than the request is answered.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.credential.clone()
    }

    /// Whether the caller may do everything in its tenant: holds `*` on the root.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if not.
    pub fn must_hold_everything(&self) -> Result<(), Problem> {
        let permission = Pattern::everything();
        let root = self.state.root();
        match self.state.holds(&self.caller, &permission, root, self.at) {
            true => Ok(()),
            false => Err(Refusal::Forbidden { permission }.into()),
        }
    }

    /// What accompanies the request.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// When the token of the request stops being accepted.
    #[must_use]
    pub fn ends(&self) -> Expiry {
        self.ends
    }

    /// Which resources the caller sees.
    #[must_use]
    pub fn sight(&self) -> attache_core::ask::Sight<'_> {
        self.state.sight(&self.caller, self.at)
    }

    /// Whether the credential counts in a state at an instant, and its caller may hold
    /// anything there.
    pub(super) fn counts_in(&self, state: &State, at: attache_core::Timestamp) -> bool {
        (self.credential)(state, at).is_some() && state.may_hold_something(&self.caller)
    }

    /// Counts a question with a name that the catalogue does not know.
    pub fn counts_unknown(&self, what: What) {
        self.app.count_unknown_name(what);
    }

    /// A draft for the caller, to see what a command would do.
    ///
    /// # Errors
    /// If the credential no longer counts.
    pub fn draft(&self) -> Result<Draft, Problem> {
        let until = (self.credential)(&self.state, self.at).ok_or(WriteError::Revoked)?;
        let draft = Draft::new((*self.state).clone(), self.caller, self.at);
        Ok(draft.with_end(until))
    }

    /// What a write demands of the thing that it is addressed to.
    ///
    /// # Errors
    /// If its headers cannot be read.
    pub fn preconditions(&self) -> Result<Preconditions, Problem> {
        Preconditions::of(&self.seen, &self.known)
    }

    /// Let a command become an entry, if the preconditions of the request hold for
    /// what it is addressed to. What is asked afterwards is asked of a state that
    /// holds it.
    ///
    /// # Errors
    /// Why not.
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
            // An API may answer these with 2xx. Nothing was written: whether a
            // precondition held is told by the state that was asked.
            Problem::Refused(Refusal::Unknown { .. }) if !self.holds(|| current(&self.state)) => {
                Problem::Changed
            }
            other => other,
        })
    }

    fn holds(&self, current: impl FnOnce() -> Current) -> bool {
        let preconditions = self.preconditions();
        preconditions.is_ok_and(|preconditions| preconditions.hold(current))
    }

    /// What a list of this caller's is in a state. Its tag follows from the state,
    /// the caller and the instant.
    pub fn list(&self) -> impl Fn(&State) -> Current + Send + Sync + use<> {
        let (actor, at) = (self.caller.actor, self.at);
        move |state| Current::listed(tags::tag_of(state, actor, at))
    }

    /// Let as many commands become one entry as can, if the preconditions of the request
    /// hold for what it is addressed to. [`Written::outcomes`] has what came of each. No entry
    /// is written where all are refused. A request with an `Idempotency-Key` cannot be
    /// written so: what was refused is not remembered.
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
            ..Write::new(self.caller, self.context.correlation_id(), commands)
        };
        Ok(self.hand_over(&write.by_each()).await?)
    }

    /// Writes several commands, all or none.
    ///
    /// # Errors
    /// Why not, and which of the commands was refused.
    pub async fn write_with(
        &mut self,
        commands: Vec<Command>,
        options: WriteOptions,
    ) -> Result<Written, WriteError> {
        let write = Write {
            credential: Some(self.credential.clone()),
            only_if: options.only_if,
            request: options.request,
            ..Write::new(self.caller, self.context.correlation_id(), commands)
        };
        self.hand_over(&write).await
    }

    /// Hands a write to the tenant's writer. What is asked afterwards is asked of a state
    /// that holds it.
    async fn hand_over(&mut self, write: &Write) -> Result<Written, WriteError> {
        let written = self.app.tenants().write_on(write).await?;
        self.state = written.state.clone();
        self.at = self.at.max(self.app.tenants().ambient().now());
        self.context.answered_at(self.state.revision());
        Ok(written)
    }
}

/// The options of a write.
#[derive(Clone, Default)]
pub struct WriteOptions {
    /// The precondition: it must hold in the state that the write is decided on.
    pub only_if: Option<Condition>,
    /// The name under which the write can be asked for again without being done again.
    pub request: Option<Request>,
}

/// The revision that the caller wants to see at least, as the header of that name says.
///
/// # Errors
/// If it is no revision, or stands twice.
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

/// Whose credential it is, as a state that is new enough says. All that is not
/// good is answered alike.
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
