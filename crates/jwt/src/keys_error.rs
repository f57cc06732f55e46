//! The error for keys of an issuer that cannot be had.

use std::borrow::Cow;
use std::time::Duration;

use attache_core::cause::Cause;

/// Why the keys of an issuer cannot be had. Displays no query and no password of an
/// address.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeysError {
    /// An address, or the document there, cannot be used.
    #[error("{at}: {reason}")]
    Unfit {
        /// The address.
        at: String,
        /// The fault.
        reason: Cow<'static, str>,
    },
    /// The keys that a tenant wrote down cannot be used.
    #[error("{0}")]
    Pasted(&'static str),
    /// A request failed.
    #[error("{at}")]
    Request {
        /// The address.
        at: String,
        /// Why the request failed.
        #[source]
        cause: Cause,
    },
    /// The answer took too long.
    #[error("{at}: no answer within {within:?}")]
    TooLate {
        /// The address.
        at: String,
        /// The time that was waited.
        within: Duration,
    },
    /// Nobody has fetched the keys yet.
    #[error("{at}: they were not fetched yet")]
    NotYet {
        /// The address.
        at: String,
    },
    /// No request could be made.
    #[error(transparent)]
    NoRequest(Cause),
}

impl KeysError {
    pub(super) fn unfit(at: &str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Unfit {
            at: at.to_owned(),
            reason: reason.into(),
        }
    }
}
