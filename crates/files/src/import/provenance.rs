//! What an earlier import made, and which numbers files gave.

use attache_core::Entry;
use attache_core::id::TenantId;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::thing::{Thing, What};

/// How the correlation id of an import's entries begins. The ids that callers of
/// an API choose have no spaces.
const IMPORT: &str = "import ";

/// A correlation id for an import of a name.
pub(super) fn correlation_id(name: &str) -> String {
    format!("{IMPORT}{name}")
}

/// Whether an import wrote an entry.
pub(super) fn is_import(entry: &Entry) -> bool {
    entry.correlation_id.starts_with(IMPORT)
}

/// The id of a thing to which a file gives its number, and no id: it follows from the
/// number, so that files can be asked for by it later. A number that attache counted
/// says nothing: other systems count 1, 2, 3 too. A UUID of version 8 (RFC 9562, 5.8).
pub(super) fn id_of_number(tenant: TenantId, what: What<'_>, number: u32) -> Uuid {
    let text = format!("{} {} {number}", tenant.0, what.space());
    let hash = Sha256::digest(text.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Whether a file gave a thing the number that it has.
pub(super) fn was_given(tenant: TenantId, what: What<'_>, thing: &Thing<'_>) -> bool {
    thing.id == id_of_number(tenant, what, thing.number)
}
