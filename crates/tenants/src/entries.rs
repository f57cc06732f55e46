//! A tenant's entries, for whoever wants to know what happened.

use attache_core::id::{Revision, TenantId};

use super::{Tenants, Unavailable};
use attache_log::{EntriesFound, EntryFilter, EntryPage};

impl Tenants {
    /// The newest of the entries that are wanted, the newest first: as many as the
    /// page may have, by their number and by their bytes.
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

    /// How many entries up to a revision are wanted in all.
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
