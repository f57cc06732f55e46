//! The histories of things: the changes of a resource, a user, a group, a service or the
//! catalogue, found without reading the rest of the log.
//!
//! They are made from the entries in the background, a segment of the log at a time: a row has
//! what happened to one thing in one segment. Segments that follow one another are merged, so
//! that a thing has few rows. The newest entries, which fill no segment, are in none.
//!
//! Rows hold changes as entries do, so they name nobody: names are read from private parts.
//! All can be deleted, and is made anew.

mod block;
mod maker;
mod reader;
mod segments;

pub use maker::SegmentSizes;
pub(super) use maker::{make_histories, run};
pub use segments::Segments;

use async_trait::async_trait;
use attache_core::focus::DatedChange;
use attache_core::id::{Revision, TenantId};
use uuid::Uuid;

use super::{Histories, LogError, SqlLog};

#[async_trait]
impl Histories for SqlLog {
    async fn segments(&self, tenant: TenantId) -> Result<Segments, LogError> {
        segments::read(self.database(), &tenant.to_string()).await
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
        reader::histories(self.database(), tenant, things, segments, up_to).await
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
        make_histories(self.database(), tenant, sizes, false).await
    }
}
