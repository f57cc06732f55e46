//! Recognises what earlier imports made: their entries, and the numbers that files gave.

use attache_core::Entry;
use attache_core::id::TenantId;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::thing::{Thing, What};

/// The prefix of the correlation ids of an import's entries. Correlation ids of API
/// callers have no spaces.
const IMPORT: &str = "import ";

/// Returns the correlation id of an import with a name.
pub(super) fn correlation_id(name: &str) -> String {
    format!("{IMPORT}{name}")
}

/// Returns whether an import wrote an entry.
pub(super) fn is_import(entry: &Entry) -> bool {
    entry.correlation_id.starts_with(IMPORT)
}

/// Returns the id of a thing to which a file gives a number and no id. The id is derived
/// from the number, so that later files can refer to the thing by that number. A number
/// that attache itself counted identifies nothing, since other systems count 1, 2, 3 too.
/// A UUID of version 8 (RFC 9562, 5.8).
pub(super) fn id_of_number(tenant: TenantId, what: What<'_>, number: u32) -> Uuid {
    let text = format!("{} {} {number}", tenant.0, what.space());
    let hash = Sha256::digest(text.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Returns whether a file gave a thing its number.
pub(super) fn was_given(tenant: TenantId, what: What<'_>, thing: &Thing<'_>) -> bool {
    thing.id == id_of_number(tenant, what, thing.number)
}
