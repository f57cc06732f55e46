//! The result of recognising a credential.

use std::sync::Arc;

use attache_core::time::Expiry;
use attache_core::{Caller, State};
use attache_tenants::{Credential, Tenant};

/// A credential that counts, with its tenant and caller.
pub(super) struct Recognised {
    pub(super) tenant: Tenant,
    pub(super) caller: Caller,
    /// Tells whether the credential counts in a state at an instant, and when the
    /// caller's authority ends. A write is decided later than the credential was
    /// recognised, perhaps on a newer state: another server may have revoked it
    /// meanwhile.
    pub(super) credential: Credential,
    /// When the token itself stops being accepted. The caller may get another one.
    pub(super) ends: Expiry,
    /// The state after the caller accepted an invitation by this request, if it did.
    pub(super) state: Option<Arc<State>>,
}
