//! Entries that are handed over to be appended.

use attache_core::id::{Revision, TenantId};
use tokio::sync::oneshot;

use super::private::PlacedPart;
use super::row::EntryRow;
use super::{AppendError, DoneRequest, inserts, private};

/// Entries of one tenant that follow one another.
#[derive(Debug)]
pub(super) struct Append {
    pub(super) tenant: TenantId,
    pub(super) tenant_text: String,
    /// The id of the entry that they follow, which must be there; "" for none.
    pub(super) after: String,
    pub(super) rows: Vec<EntryRow>,
    /// The issuers that the entries name.
    pub(super) issuers: Vec<String>,
    pub(super) requests: Vec<DoneRequest>,
    pub(super) done: oneshot::Sender<Result<(), AppendError>>,
}

impl Append {
    /// Its rows, each with the tenant and the entry that must be there before it.
    pub(super) fn rows(&self) -> impl Iterator<Item = inserts::Placed<'_>> {
        let before = std::iter::once(self.after.as_str()).chain(std::iter::repeat(""));
        let tenant = self.tenant_text.as_str();
        let rows = self.rows.iter().zip(before);
        rows.map(move |(row, after)| inserts::Placed { tenant, after, row })
    }

    /// Whether an entry has private parts.
    pub(super) fn has_private(&self) -> bool {
        self.rows.iter().any(|row| !row.private.is_empty())
    }

    /// The private parts of its entries.
    pub(super) fn private(&self) -> impl Iterator<Item = PlacedPart<'_>> {
        private::parts_of(&self.tenant_text, &self.rows)
    }

    /// The revision of the last of them.
    pub(super) fn last(&self) -> Revision {
        let last = self.rows.last().map_or(0, |row| row.revision);
        Revision(last.unsigned_abs())
    }
}
