//! A tenant's entries from one log to another, as they stand.

use attache_core::Timestamp;
use attache_core::id::{Revision, TenantId};

use super::batch::entries_after;
use super::database::{Row, Value};
use super::directory::{First, Write};
use super::row::EntryRow;
use super::{
    AppendError, DirectoryError, DoneRequest, EntryReader as _, Head, IssuerRow, LogError, Request,
    SqlLog, TenantRow, TokenUsage as _, directory, inserts, issuers, private, statements,
};

/// How many entries to read at once.
const AT_ONCE: i64 = 64;

/// The reason why a tenant was not copied to another log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CopyError {
    /// The two logs hold different entries at this revision: both were written to.
    #[error("entry {0} there is another than here: both were written to")]
    Parted(Revision),
    /// The target holds more entries of the tenant than the source.
    #[error("it holds {there} entries there and {here} here: it was written to there")]
    Ahead {
        /// The last revision in the source.
        here: Revision,
        /// The last revision in the target.
        there: Revision,
    },
    /// The target has all entries, but another slug or other domains of the tenant.
    #[error("its slug or its domains are others there: change them with `attache tenant change`")]
    Named,
    /// The target has this entry in the form of an older version, which names what was
    /// deleted from the source.
    #[error(
        "entry {0} there is in the form of an older version, and names what was deleted here: run `attache migrate` on the copy first"
    )]
    Older(Revision),
    /// Another writer wrote to the target meanwhile.
    #[error("somebody else writes to it there")]
    Disturbed,
    /// One of the two databases failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The target cannot have this tenant: another one has its slug or a domain, for
    /// instance.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// How far a tenant is copied to another log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToCopy {
    /// The revision up to which both logs hold the same entries.
    pub there: Revision,
    /// The last revision in the source.
    pub here: Revision,
}

impl SqlLog {
    /// Returns how far a tenant is copied to another log. Changes nothing. Reads the last
    /// entries only, not the entries between.
    ///
    /// # Errors
    /// [`CopyError`], if the target holds more entries than this log, or others.
    pub async fn to_copy(&self, to: &Self, tenant: TenantId) -> Result<ToCopy, CopyError> {
        let (mine, other) = (self.head(tenant).await?, to.head(tenant).await?);
        let here = mine.map_or_else(Revision::default, |head| head.revision);
        let there = other.map_or_else(Revision::default, |head| head.revision);
        if there > here {
            return Err(CopyError::Ahead { here, there });
        }
        if let Some(other) = other {
            let own = self.read_after(tenant, before(other.revision), 1).await?;
            if own.first().is_none_or(|own| own.id != other.entry) {
                return Err(CopyError::Parted(there));
            }
        }
        Ok(ToCopy { there, here })
    }

    /// Copies to another log what it lacks of a tenant: the entries byte for byte, the
    /// requests that became entries, the last uses of API tokens, slug and domains. An
    /// interrupted copy continues where it was. Private rows that were deleted here are
    /// deleted there, with the snapshots; the deleted bytes leave a SQLite file with
    /// [`SqlLog::compact_if_due`]. `told` is called with the last copied revision after
    /// each batch. Returns how far the tenant was copied before.
    ///
    /// # Errors
    /// [`CopyError`]. What was copied before the error stays.
    pub async fn copy_tenant(
        &self,
        to: &Self,
        tenant: &TenantRow,
        told: &mut (dyn FnMut(Revision) + Send),
    ) -> Result<ToCopy, CopyError> {
        let to_copy = self.to_copy(to, tenant.id).await?;
        let mut at = to_copy.there;
        let head = to.head(tenant.id).await?;
        let mut after = head.map_or_else(String::new, |head| head.entry.to_string());
        let known = directory::find(to.database(), tenant.id).await?;
        if known.is_none() {
            let rows = self.entry_rows(tenant.id, at).await?;
            let Some(first) = rows.first() else {
                return Ok(to_copy);
            };
            at = Revision(first.revision.unsigned_abs());
            let first = First {
                entry: first,
                issuers: &[],
                request: None,
            };
            after.clone_from(&first.entry.id);
            directory::write(to.database(), tenant, &Write::New(first)).await?;
        }
        loop {
            let rows = self.entry_rows(tenant.id, at).await?;
            let Some(last) = rows.last() else { break };
            at = Revision(last.revision.unsigned_abs());
            let follows = std::mem::replace(&mut after, last.id.clone());
            let written = to.append_rows(tenant.id, follows, rows, Vec::new(), Vec::new());
            written.await.map_err(|error| match error {
                AppendError::Collision => CopyError::Disturbed,
                AppendError::NotWritten(error) | AppendError::Unknown(error) => error.into(),
            })?;
            told(at);
        }
        self.copy_erasures(to, tenant.id, at).await?;
        // Read after the entries: what came with one of them is not missed.
        self.copy_beside(to, tenant.id, at).await?;
        match known {
            Some(known) if known != *tenant && to_copy.here == to_copy.there => {
                return Err(CopyError::Named);
            }
            Some(known) if known != *tenant => {
                directory::write(to.database(), tenant, &Write::Change(known)).await?;
            }
            _ => {}
        }
        Ok(to_copy)
    }

    /// Copy what stands beside the entries up to a revision: the issuers that
    /// they name, the requests that they answer, and when tokens were last used.
    async fn copy_beside(
        &self,
        to: &Self,
        tenant: TenantId,
        up_to: Revision,
    ) -> Result<(), LogError> {
        let issuers = self.issuers_of(tenant).await?;
        let requests = self.requests(tenant).await?;
        let id = tenant.to_string();
        let mut checked_out = to.database().check_out_good().await?;
        let connection = checked_out.connection()?;
        connection.begin_to_add().await?;
        issuers::note(connection, &id, &issuers).await?;
        for done in requests.iter().filter(|done| done.revision <= up_to) {
            // One that is there already stays as it is.
            inserts::requests(connection, &[(&id, done)]).await?;
        }
        connection.say("COMMIT").await?;
        checked_out.return_to_pool();
        to.note_token_uses(&self.token_uses(tenant).await?).await
    }

    async fn head(&self, tenant: TenantId) -> Result<Option<Head>, LogError> {
        Ok(self.heads(&[tenant]).await?.into_iter().next().flatten())
    }

    /// The entries that come next, with their private parts.
    async fn entry_rows(
        &self,
        tenant: TenantId,
        after: Revision,
    ) -> Result<Vec<EntryRow>, LogError> {
        let after = i64::try_from(after.0).unwrap_or(i64::MAX);
        let mut rows = entries_after(self.database(), &tenant.to_string(), after, AT_ONCE).await?;
        private::fill(self.database(), tenant, &mut rows).await?;
        Ok(rows)
    }

    /// The requests that are remembered.
    async fn requests(&self, tenant: TenantId) -> Result<Vec<DoneRequest>, LogError> {
        let id = tenant.to_string();
        let values = [Value::Text(&id)];
        let rows = self.database().large_rows(statements::REQUESTS, &values);
        let request = |row: &Row| -> Result<DoneRequest, LogError> {
            let at = Timestamp::from_millis(row.number(3)?);
            Ok(DoneRequest {
                request: Request {
                    key: row.text(0)?,
                    fingerprint: row.text(1)?,
                },
                revision: Revision(row.number(2)?.unsigned_abs()),
                at,
                // Of an old one with the same name there, this is the newer.
                forgotten_before: at,
            })
        };
        rows.await?.iter().map(request).collect()
    }

    async fn issuers_of(&self, tenant: TenantId) -> Result<Vec<String>, LogError> {
        let id = tenant.to_string();
        let values = [Value::Text(&id)];
        let rows = self
            .database()
            .rows(statements::ISSUERS_OF, &values)
            .await?;
        let rows: Vec<IssuerRow> = rows.iter().map(issuers::read).collect::<Result<_, _>>()?;
        Ok(rows.into_iter().map(|row| row.issuer).collect())
    }
}

fn before(revision: Revision) -> Revision {
    Revision(revision.0.saturating_sub(1))
}
