//! The problems of requests, independent of any API's wording.
//!
//! An endpoint returns `Err(Problem)`. The problem travels in the response's extensions
//! up to the layer of its API, which renders the body. So refusals by the framework or by
//! a limit have the form of that API too.

use std::borrow::Cow;
use std::sync::Arc;

use attache_core::Refusal;
use attache_core::cause::{Cause, chain};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::{cut, head};
use attache_tenants::{LogError, Unavailable, WriteError};

/// A problem of a request.
#[derive(Clone, Debug)]
pub enum Problem {
    /// The request has no credential.
    Unauthenticated,
    /// The credential is not accepted. The reason is for the log at debug, never for the
    /// caller, and quotes nothing from the credential.
    BadCredential(Cow<'static, str>),
    /// The core refused the command or question.
    Refused(Refusal),
    /// The core refused one of several commands: the one at this index, from 0.
    RefusedAt(usize, Refusal),
    /// The request has faults.
    Invalid(Vec<Fault>),
    /// The request cannot be answered as of the moment that it names.
    AsOf(Fault),
    /// The state of the moment is still being made.
    PastNotReady,
    /// The body is compressed or otherwise encoded.
    Encoded,
    /// A header names another tenant than the credential.
    OtherTenant,
    /// The operation is for the operator only.
    OperatorOnly,
    /// Nothing is served at the path.
    NoSuchPath,
    /// The path does not support the method.
    MethodNotAllowed,
    /// The body has more bytes than this limit.
    BodyTooLarge(usize),
    /// The body did not arrive within the time limit of answers. Nothing was written.
    BodyTimedOut,
    /// A precondition failed: the target has changed since the caller read it.
    Changed,
    /// The same request is still being worked on.
    Running,
    /// The tenant has a running import.
    ImportRunning,
    /// The Idempotency-Key was used for another request.
    Differs,
    /// The request was already done, at this revision, and its result no longer exists.
    Gone(u64),
    /// The server has not reached the least revision of the request.
    Stale(u64),
    /// The tenant cannot be served now. Nothing was written.
    Unavailable(Unavailable),
    /// It is unknown whether the write was stored. The cause is for the log.
    Unknown(Cause),
    /// The answer took too long. The write may have been stored.
    TimedOut,
    /// A defect of attache.
    Internal,
}

/// One fault of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The part of the request.
    pub at: At,
    /// The place in that part, such as `user_ids.3` or `page`.
    pub field: String,
    /// The fault, as the end of a sentence that starts with the place.
    pub reason: String,
}

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// A field of the body.
    Field,
    /// The body as a whole, such as one that is not JSON.
    Body,
    /// A parameter of the query.
    Query,
    /// A name in the path.
    Path,
    /// A header.
    Header,
}

impl Fault {
    /// Makes a fault of a field of the body.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::of(At::Field, field, reason)
    }

    /// Makes a fault of a parameter of the query.
    pub fn in_query(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::of(At::Query, name, reason)
    }

    /// Makes a fault of a header.
    pub fn in_header(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::of(At::Header, name, reason)
    }

    /// Makes a fault of the body as a whole.
    pub fn of_body(reason: impl Into<String>) -> Self {
        Self::of(At::Body, "body", reason)
    }

    fn of(at: At, field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            at,
            field: field.into(),
            reason: reason.into(),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.field, self.reason)
    }
}

impl Problem {
    /// Makes a problem with one fault in a field of the body.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(field, reason)])
    }

    /// Makes a problem with the body as a whole.
    pub fn body(reason: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::of_body(reason)])
    }

    /// Makes a problem with one fault in a parameter of the query.
    pub fn in_query(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::in_query(name, reason)])
    }

    /// Makes a problem with one fault in a name of the path.
    pub fn in_path(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::of(At::Path, name, reason)])
    }

    /// Makes a problem with one fault in a header.
    pub fn header(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::in_header(name, reason)])
    }

    /// A refusal of a write. What is wrong with the head of its entry stood in a header.
    #[must_use]
    pub fn of_head(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid { field, reason } => match head::header_of(&field) {
                Some(header) => Self::header(header, reason),
                None => Self::Refused(Refusal::Invalid { field, reason }),
            },
            other => Self::Refused(other),
        }
    }

    /// Makes a problem for a credential that is not accepted.
    pub fn bad_credential(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::BadCredential(reason.into())
    }

    /// Returns the problem with callers' texts shortened to what an error may show.
    #[must_use]
    pub fn cut(&self) -> Self {
        let fault =
            |fault: &Fault| Fault::of(fault.at, cut::name(&fault.field), cut::text(&fault.reason));
        match self {
            Self::Invalid(faults) => Self::Invalid(faults.iter().map(fault).collect()),
            Self::AsOf(moment) => Self::AsOf(fault(moment)),
            Self::Refused(refusal) => Self::Refused(cut_refusal(refusal)),
            Self::RefusedAt(place, refusal) => Self::RefusedAt(*place, cut_refusal(refusal)),
            other => other.clone(),
        }
    }

    /// Returns the problem with its first `shown` faults, and the number of the others.
    pub(super) fn first(&self, shown: usize) -> Self {
        let Self::Invalid(faults) = self else {
            return self.clone();
        };
        let rest = faults.len().saturating_sub(shown);
        let mut faults: Vec<Fault> = faults.iter().take(shown).cloned().collect();
        if rest > 0 {
            // Some APIs render a fault of the whole body as another kind of problem.
            let first = faults.first();
            let list = first.map(|first| list_of(&first.field).to_owned());
            let at = first.map_or(At::Field, |first| first.at);
            let reason = format!("has {rest} more faults");
            faults.push(Fault::of(at, list.unwrap_or_default(), reason));
        }
        Self::Invalid(faults)
    }

    /// Returns how many of its faults fit into `most` bytes in any form.
    pub(super) fn fitting(&self, most: usize) -> usize {
        match self {
            Self::Invalid(faults) => {
                fitting(faults, most, |fault| fault.field.len() + fault.reason.len())
            }
            _ => 0,
        }
    }

    /// Makes a problem for a tenant that cannot be served now. The reason is for the log.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable(Unavailable::because(reason))
    }

    /// Makes a problem for a defect of attache, and logs it with the place.
    #[track_caller]
    #[must_use]
    pub fn internal(reason: &'static str) -> Self {
        let at = std::panic::Location::caller();
        tracing::error!(reason, %at, "a defect");
        Self::Internal
    }

    /// Returns why the server cannot answer, for the log only. `None` if the caller is
    /// the cause.
    #[must_use]
    pub fn reason(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Unavailable(unavailable) => Some(chain(unavailable).to_string().into()),
            Self::Unknown(cause) => {
                Some(format!("it is unknown whether it was written: {}", chain(cause)).into())
            }
            Self::Stale(revision) => Some(
                format!("revision {revision}, which the caller wants at least, was not reached")
                    .into(),
            ),
            Self::PastNotReady => Some("a past state was not made within history.wait".into()),
            Self::TimedOut => Some("no answer within limits.answer_within".into()),
            Self::Internal => Some("a defect: the line before says which".into()),
            _ => None,
        }
    }

    /// Returns the status, which an API's document may replace.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated | Self::BadCredential(_) => StatusCode::UNAUTHORIZED,
            Self::Refused(refusal) | Self::RefusedAt(_, refusal) => match refusal {
                Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
                Refusal::Forbidden { .. } | Refusal::Exceeds { .. } | Refusal::Outlasts { .. } => {
                    StatusCode::FORBIDDEN
                }
                Refusal::Unknown { .. }
                | Refusal::UnknownUsers { .. }
                | Refusal::Invalid { .. } => StatusCode::BAD_REQUEST,
                Refusal::Taken { .. }
                | Refusal::NotAMember { .. }
                | Refusal::NotInParent { .. }
                | Refusal::LastAdmin
                | Refusal::MassDetach { .. }
                | Refusal::InUse { .. } => StatusCode::CONFLICT,
            },
            Self::Invalid(_) | Self::AsOf(_) => StatusCode::BAD_REQUEST,
            Self::Encoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::OtherTenant | Self::OperatorOnly => StatusCode::FORBIDDEN,
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Changed => StatusCode::PRECONDITION_FAILED,
            Self::Running | Self::ImportRunning => StatusCode::CONFLICT,
            Self::Differs => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Gone(_) => StatusCode::GONE,
            Self::Unavailable(_)
            | Self::Stale(_)
            | Self::PastNotReady
            | Self::Unknown(_)
            | Self::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the message for the caller. It names no id, so that missing and hidden
    /// things read alike, and reveals nothing internal.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Unauthenticated | Self::BadCredential(_) => {
                "A valid credential is needed.".to_owned()
            }
            Self::Encoded => {
                "The body must not be compressed: send it without Content-Encoding, and with no Transfer-Encoding but chunked.".to_owned()
            }
            // These begin with the name of a field, whose case stays.
            Self::Refused(refusal) | Self::RefusedAt(_, refusal)
                if matches!(
                    refusal,
                    Refusal::Invalid { .. } | Refusal::Unknown { .. } | Refusal::Taken { .. }
                ) =>
            {
                format!("{refusal}.")
            }
            Self::Refused(refusal) | Self::RefusedAt(_, refusal) => {
                sentence(&cut::text(&refusal.to_string()))
            }
            Self::Invalid(faults) => {
                let faults: Vec<String> = faults.iter().map(|fault| format!("{fault}.")).collect();
                faults.join(" ")
            }
            Self::AsOf(fault) => format!("{fault}."),
            Self::PastNotReady => {
                "The state of that moment is still being made; try again.".to_owned()
            }
            Self::OtherTenant => "The credential belongs to another tenant.".to_owned(),
            Self::OperatorOnly => "This needs the operator's credential.".to_owned(),
            Self::NoSuchPath => "Nothing is served at this path.".to_owned(),
            Self::MethodNotAllowed => "This path does not support this method.".to_owned(),
            Self::BodyTooLarge(most) => format!("The body must have at most {most} bytes."),
            Self::BodyTimedOut => {
                "The body did not arrive in time. Nothing was changed; try again.".to_owned()
            }
            Self::Changed => {
                "This has changed since you read it. Nothing was changed; read it again.".to_owned()
            }
            Self::Running => "The same request is being worked on.".to_owned(),
            Self::ImportRunning => {
                "An import of this tenant is running. Nothing was started; try again when it has ended."
                    .to_owned()
            }
            Self::Differs => {
                "This Idempotency-Key was used for another request. Nothing was changed; use a new key."
                    .to_owned()
            }
            Self::Gone(revision) => format!(
                "This request was done before, at revision {revision}. Its result no longer exists."
            ),
            Self::Stale(revision) => {
                format!("Revision {revision} has not been reached yet; try again.")
            }
            Self::Unavailable(_) => {
                "The tenant cannot be served now. Nothing was changed; try again.".to_owned()
            }
            Self::Unknown(_) => {
                "It is unknown whether this was done. Read before you try again.".to_owned()
            }
            Self::TimedOut => "This took too long. It is unknown whether it was done.".to_owned(),
            Self::Internal => "An internal error. Report it with the request's correlation id.".to_owned(),
        }
    }
}

/// Shortens the names in a refusal that may come from a caller.
fn cut_refusal(refusal: &Refusal) -> Refusal {
    match refusal {
        Refusal::NotFound { what } => Refusal::NotFound {
            what: cut::name(what).into(),
        },
        Refusal::Invalid { field, reason } => Refusal::Invalid {
            field: cut::name(field).into(),
            reason: cut::text(reason).into(),
        },
        other => other.clone(),
    }
}

/// Returns the list that has a place such as `user_ids.3` or `users[3]`.
#[must_use]
pub fn list_of(field: &str) -> &str {
    field.split(['.', '[']).next().unwrap_or(field)
}

/// Returns how many of some items fit into `most` bytes, at least one.
pub fn fitting<T>(all: &[T], most: usize, bytes: impl Fn(&T) -> usize) -> usize {
    let mut left = most;
    let fits = all.iter().take_while(|one| {
        let fits = left.checked_sub(bytes(one));
        left = fits.unwrap_or_default();
        fits.is_some()
    });
    fits.count().max(1).min(all.len())
}

/// Makes a sentence: a capital letter and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(letter) => format!("{}{}.", letter.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused { refusal, .. } => Self::of_head(refusal),
            WriteError::Revoked => {
                Self::bad_credential("it stopped counting while the write was under way")
            }
            WriteError::Changed => Self::Changed,
            WriteError::Running => Self::Running,
            WriteError::Differs => Self::Differs,
            WriteError::Unavailable(unavailable) => unavailable.into(),
            WriteError::Unknown(cause) => Self::Unknown(cause),
        }
    }
}

/// A problem on its way to the layer that renders it.
#[derive(Clone, Debug)]
pub(super) struct Carried(pub(super) Arc<Problem>);

/// The reason of a 5xx response that has no [`Problem`].
#[derive(Clone, Debug)]
pub(super) struct Why(pub(super) Cow<'static, str>);

/// Returns the reason of a 5xx response, for the log.
pub(super) fn reason_of(response: &Response) -> String {
    let extensions = response.extensions();
    let why = extensions
        .get::<Why>()
        .map(|why| why.0.clone().into_owned());
    let carried = extensions.get::<Carried>();
    let carried = carried.and_then(|it| it.0.reason().map(Cow::into_owned));
    why.or(carried)
        .unwrap_or_else(|| "the endpoint gave no reason".to_owned())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Carried(Arc::new(self)));
        response
    }
}
