//! Finds and counts a tenant's entries.

use attache_core::id::{Revision, TenantId};

use super::{Tenants, Unavailable};
use attache_log::{EntriesFound, EntryFilter, EntryPage};

impl Tenants {
    /// Returns the newest entries that match a filter, newest first, up to the page's
    /// number of entries and bytes.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn find_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        page: &EntryPage,
    ) -> Result<EntriesFound, Unavailable> {
        let found = self.log().search.find_entries(tenant, filter, page);
        Ok(found.await?)
    }

    /// Returns the number of entries up to a revision that match a filter.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn count_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        up_to: Revision,
    ) -> Result<u64, Unavailable> {
        let count = self.log().search.count_entries(tenant, filter, up_to);
        Ok(count.await?)
    }
}
