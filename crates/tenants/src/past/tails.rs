//! The newest entries of a tenant, which are in no segment of the histories yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as SyncMutex, MutexGuard};

use attache_core::focus::{DatedChange, dated};
use attache_core::id::{EntryId, Revision, TenantId};
use attache_log::{Log, LogError, Segments};
use tokio::sync::RwLock;
use uuid::Uuid;

/// How many changes a tail may have, some hundreds of bytes each: twice as many as fill a
/// segment. Where there are more, histories have yet to be made.
const MOST_IN_TAIL: usize = 65_536;

/// How many changes of a tail that are in segments too make it worth to be read again.
const MANY_TWICE: usize = 32_768;

/// How many tails are kept: one a tenant, the most recently used.
const TAILS: usize = 8;

/// How many entries are read at once.
const AT_ONCE: usize = 64;

/// The tails of the tenants that were asked about last.
#[derive(Debug, Default)]
pub(crate) struct Tails(SyncMutex<Vec<(TenantId, Arc<RwLock<Tail>>)>>);

impl Tails {
    fn lock(&self) -> MutexGuard<'_, Vec<(TenantId, Arc<RwLock<Tail>>)>> {
        // The list stays consistent if a holder of the lock panics.
        self.0.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    pub(super) fn of(&self, tenant: TenantId) -> Arc<RwLock<Tail>> {
        let mut tails = self.lock();
        let at = tails.iter().position(|(own, _)| *own == tenant);
        let found = match at {
            Some(at) => tails.remove(at).1,
            None => Arc::default(),
        };
        tails.push((tenant, found.clone()));
        if tails.len() > TAILS {
            tails.remove(0);
        }
        found
    }

    pub(super) fn forget(&self, tenant: TenantId) {
        self.lock().retain(|(own, _)| *own != tenant);
    }
}

/// The changes of the newest entries, by their homes.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// The entry before the first of them.
    pub(super) after: Revision,
    /// The last of them.
    pub(super) last: Revision,
    last_entry: Option<EntryId>,
    /// How many memberships there had ever been after the last of them.
    memberships: u32,
    changes: HashMap<Uuid, Vec<DatedChange>>,
    /// How many these are.
    count: usize,
    /// Whether there were more than may be. It holds none then.
    pub(super) is_too_long: bool,
}

impl Tail {
    pub(super) fn behind(segments: &Segments) -> Self {
        Self {
            after: segments.last(),
            last: segments.last(),
            memberships: segments.memberships(),
            ..Self::default()
        }
    }

    /// Lets go of what was read, and remembers that it was too much.
    fn give_up(&mut self) {
        *self = Self {
            after: self.after,
            last: self.after,
            is_too_long: true,
            ..Self::default()
        };
    }

    /// Reads on to an entry. `false` if there are too many, or the log lost some.
    pub(super) async fn read_up_to(
        &mut self,
        log: &Log,
        tenant: TenantId,
        to: Revision,
    ) -> Result<bool, LogError> {
        while self.last < to {
            // An entry has a change at least.
            let entries = to.0.saturating_sub(self.last.0);
            if self.count as u64 + entries > MOST_IN_TAIL as u64 {
                self.give_up();
                return Ok(false);
            }
            let entries = log.entries.read_after(tenant, self.last, AT_ONCE).await?;
            if entries.is_empty() {
                return Ok(false);
            }
            for entry in entries {
                if entry.revision != self.last.next() {
                    return Ok(false);
                }
                (self.last, self.last_entry) = (entry.revision, Some(entry.id));
                for (home, change) in dated(entry, &mut self.memberships) {
                    self.changes.entry(home).or_default().push(change);
                    self.count += 1;
                }
            }
        }
        Ok(true)
    }

    /// Whether no entry lies between it and the segments, and not much is in both.
    pub(super) fn fits(&self, segments: &Segments) -> bool {
        if self.is_too_long {
            return self.after == segments.last();
        }
        let is_twice = segments.last() > self.after && self.count > MANY_TWICE;
        self.after <= segments.last() && self.last >= segments.last() && !is_twice
    }

    /// Whether the last entry that was read still stands.
    pub(super) async fn stands(&self, log: &Log, tenant: TenantId) -> Result<bool, LogError> {
        let Some(own) = self.last_entry else {
            return Ok(true);
        };
        let found = log.entries.time_of(tenant, self.last).await?;
        Ok(found.is_some_and(|found| found.entry == own))
    }

    /// The changes of a thing up to an entry.
    pub(super) fn of(&self, thing: Uuid, up_to: Revision) -> &[DatedChange] {
        let all = self.changes.get(&thing).map_or(&[][..], Vec::as_slice);
        let end = all.partition_point(|dated| dated.revision <= up_to);
        all.get(..end).unwrap_or_default()
    }
}
