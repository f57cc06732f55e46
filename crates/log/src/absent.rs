//! The roles that a log can do without.

use async_trait::async_trait;
use attache_core::id::{Revision, TenantId};
use attache_core::{State, Timestamp};

use super::{
    EntriesFound, EntryFilter, EntryPage, EntrySearch, Histories, Holds, LogError, Requests,
    Snapshot, Snapshots, TokenUsage,
};

/// A log that keeps nothing, for the roles that a log can do without: no request was done
/// before, there are no snapshots, holds or histories, no use of a token is known, and no
/// entry is found by its content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Absent;

impl Histories for Absent {}

#[async_trait]
impl Requests for Absent {
    async fn find_request(
        &self,
        _: TenantId,
        _: &str,
        _: Timestamp,
    ) -> Result<Option<(String, Revision)>, LogError> {
        Ok(None)
    }

    async fn forget_requests(&self, _: Timestamp) -> Result<(), LogError> {
        Ok(())
    }
}

#[async_trait]
impl Snapshots for Absent {
    async fn load_snapshot_up_to(
        &self,
        _: TenantId,
        _: Revision,
    ) -> Result<Option<State>, LogError> {
        Ok(None)
    }

    async fn save_snapshot(&self, _: &Snapshot) -> Result<(), LogError> {
        Ok(())
    }

    async fn remove_snapshot(&self, _: TenantId, _: Revision) -> Result<(), LogError> {
        Ok(())
    }
}

#[async_trait]
impl EntrySearch for Absent {
    async fn find_entries(
        &self,
        _: TenantId,
        _: &EntryFilter,
        _: &EntryPage,
    ) -> Result<EntriesFound, LogError> {
        Err(LogError::unavailable("this log cannot be searched"))
    }

    async fn count_entries(
        &self,
        _: TenantId,
        _: &EntryFilter,
        _: Revision,
    ) -> Result<u64, LogError> {
        Err(LogError::unavailable("this log cannot be searched"))
    }
}

impl Holds for Absent {}

impl TokenUsage for Absent {}
