//! What a credential turned out to be.

use std::sync::Arc;

use attache_core::time::Expiry;
use attache_core::{Caller, State};
use attache_tenants::{Credential, Tenant};

/// A credential that counts: its tenant and its caller.
pub(super) struct Recognised {
    pub(super) tenant: Tenant,
    pub(super) caller: Caller,
    /// Whether the credential counts in a state at an instant, and when the caller's
    /// authority ends with it. A write is decided later than the credential was
    /// recognised, and perhaps on a newer state: another server may have heard first
    /// that it was revoked.
    pub(super) credential: Credential,
    /// When the token itself stops being accepted: the caller may get another.
    pub(super) ends: Expiry,
    /// The state that the caller's first request led to, if that request accepted an
    /// invitation.
    pub(super) state: Option<Arc<State>>,
}
