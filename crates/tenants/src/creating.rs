//! Creates tenants, and changes their slugs and domains.

use attache_core::id::EntryId;
use attache_core::{Caller, Command, Draft, Entry, HeadRequest, State};

use super::Tenants;
use attache_log::{DirectoryError, DoneRequest, Request, TenantRow};

impl Tenants {
    /// Creates a tenant. The commands become its first entry, and the first command
    /// begins the tenant.
    ///
    /// # Errors
    /// If the slug or a domain is taken, a command is refused, or the log fails.
    pub async fn create(
        &self,
        row: TenantRow,
        caller: Caller,
        correlation_id: &str,
        head: &HeadRequest,
        commands: &[Command],
        request: Option<Request>,
    ) -> Result<(), CreateError> {
        let draft = Draft::new(State::empty(row.id), caller, self.0.ambient.now());
        let mut draft = draft.with_head(head).map_err(CreateError::Refused)?;
        for command in commands {
            draft.run(command).map_err(CreateError::Refused)?;
        }
        let head = draft.head();
        let (changes, state, at) = draft.finish();
        let entry = Entry {
            id: EntryId(self.0.ambient.id()),
            revision: state.revision().next(),
            at,
            actor: caller.actor,
            correlation_id: correlation_id.into(),
            head,
            changes,
        };
        let entry = entry.salted(&mut |bytes| self.0.ambient.fill(bytes));
        let now = self.0.ambient.now();
        let request = request.map(|request| DoneRequest {
            request,
            revision: entry.revision,
            at: now,
            forgotten_before: self.0.settings.requests_since(now),
        });
        let directory = &self.0.log.directory;
        directory.create_tenant(row, entry, request).await?;
        self.see_directory().await;
        Ok(())
    }

    /// Changes a tenant's slug and domains, if its row is still `was`.
    ///
    /// # Errors
    /// If the row has changed, the slug or a domain is taken, or the log fails.
    pub async fn change(&self, was: TenantRow, row: TenantRow) -> Result<(), DirectoryError> {
        self.0.log.directory.change_tenant(was, row).await?;
        self.see_directory().await;
        Ok(())
    }
}

/// Why a tenant was not created.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateError {
    /// The core refused a command.
    #[error(transparent)]
    Refused(attache_core::Refusal),
    /// The directory or the log failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}
