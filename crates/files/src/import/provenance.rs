//! Which things an earlier import made.
//!
//! The log tells: an entry that an import wrote says so in its correlation id.
//! For the entries of older versions nothing tells, and so no number does.

use std::collections::{BTreeSet, HashMap, HashSet};

use attache_core::id::{Revision, TenantId};
use attache_core::{Change, Entry, Timestamp};
use uuid::Uuid;

use attache_tenants::{EntryFilter, EntryPage, Tenants, Unavailable};

/// How the correlation id of an import's entries begins. The ids that callers of
/// an API choose have no spaces.
const IMPORT: &str = "import ";

/// How many entries are read at once. One may hold thousands of changes.
const AT_ONCE: usize = 8;
/// How many bytes of them.
const BYTES_AT_ONCE: usize = 64 * 1024 * 1024;

/// A correlation id for an import of a name.
pub(super) fn correlation_id(name: &str) -> String {
    format!("{IMPORT}{name}")
}

/// Whether an import wrote an entry.
pub(super) fn is_import(entry: &Entry) -> bool {
    entry.correlation_id.starts_with(IMPORT)
}

/// Those of some things, given with the instants at which they were added, that
/// an import added.
///
/// # Errors
/// If the log cannot be read.
pub(super) async fn imported(
    tenants: &Tenants,
    tenant: TenantId,
    things: &HashMap<Uuid, Timestamp>,
) -> Result<HashSet<Uuid>, Unavailable> {
    let mut imported = HashSet::new();
    for (from, to) in spans(things) {
        let filter = EntryFilter {
            from: Some(from),
            to: Some(Timestamp::from_millis(to.as_millis().saturating_add(1))),
            ..EntryFilter::default()
        };
        let mut before = Revision(u64::MAX);
        loop {
            let page = EntryPage {
                before,
                most: AT_ONCE,
                bytes: BYTES_AT_ONCE,
            };
            let found = tenants.find_entries(tenant, &filter, &page).await?;
            let entries = found.entries;
            for entry in entries.iter().filter(|entry| is_import(entry)) {
                let added = entry.changes.list.iter().filter_map(added);
                imported.extend(added.filter(|id| things.contains_key(id)));
            }
            match entries.last() {
                Some(last) if found.more => before = last.revision,
                _ => break,
            }
        }
    }
    Ok(imported)
}

/// The instants at which the things were added, from and to. What one import
/// made was added at one instant; where there are many, the log is read once for all.
fn spans(things: &HashMap<Uuid, Timestamp>) -> Vec<(Timestamp, Timestamp)> {
    const MANY: usize = 16;
    let instants: BTreeSet<Timestamp> = things.values().copied().collect();
    match (instants.first(), instants.last()) {
        (Some(first), Some(last)) if instants.len() > MANY => vec![(*first, *last)],
        _ => instants.into_iter().map(|at| (at, at)).collect(),
    }
}

fn added(change: &Change) -> Option<Uuid> {
    match change {
        Change::UserAdded { user, .. } => Some(user.0),
        Change::GroupAdded { group, .. } => Some(group.0),
        Change::ServiceAdded { service, .. } => Some(service.0),
        Change::ResourceAdded { resource, .. } => Some(resource.0),
        _ => None,
    }
}
