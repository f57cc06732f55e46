//! Histories of a log in a database.

use async_trait::async_trait;
use attache_core::focus::DatedChange;
use attache_core::id::{Revision, TenantId};
use uuid::Uuid;

use super::{Histories, LogError, SegmentSizes, Segments, SqlLog, histories};

#[async_trait]
impl Histories for SqlLog {
    async fn segments(&self, tenant: TenantId) -> Result<Segments, LogError> {
        histories::segments_of(self.database(), &tenant.to_string()).await
    }

    fn lacking(&self, tenant: TenantId) {
        self.counter.lacking(tenant);
    }

    async fn histories(
        &self,
        tenant: TenantId,
        things: &[Uuid],
        segments: &Segments,
        up_to: Revision,
    ) -> Result<Vec<(Uuid, Vec<DatedChange>)>, LogError> {
        histories::of_things(self.database(), tenant, things, segments, up_to).await
    }
}

impl SqlLog {
    /// Make the histories of a tenant's things, but of the newest entries that fill no segment.
    /// This happens by itself, when enough was written.
    ///
    /// # Errors
    /// If the entries cannot be read, or the database does not answer.
    pub async fn make_histories(
        &self,
        tenant: TenantId,
        sizes: SegmentSizes,
    ) -> Result<(), LogError> {
        histories::make_histories(self.database(), tenant, sizes, false).await
    }
}
