//! What can be wrong with the place of a log.

use std::borrow::Cow;

/// What is wrong with a location, as the end of a sentence about it. Does not repeat the
/// location, which can contain a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LocationError(Cow<'static, str>);

impl LocationError {
    pub(super) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}
