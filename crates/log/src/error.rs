//! What can go wrong with the log.

use attache_core::cause::Cause;
use attache_core::id::{Revision, TenantId};

/// The database did not do as it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// The database did not answer.
    #[error("the database does not answer")]
    Unavailable(#[source] Cause),
    /// The database said no.
    #[error("the database refused")]
    Refused(#[source] Cause),
    /// An entry cannot be understood: a newer attache wrote it, or it is damaged.
    #[error("entry {revision} of tenant {tenant} cannot be read")]
    Unreadable {
        /// The tenant of the entry.
        tenant: TenantId,
        /// The place of the entry.
        revision: Revision,
        /// Why the entry cannot be read.
        #[source]
        cause: Cause,
    },
}

impl LogError {
    /// [`LogError::Unavailable`] for a reason that no other error names.
    #[must_use]
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable(Cause::text(reason))
    }

    /// [`LogError::Unavailable`] by another error.
    #[must_use]
    pub fn caused(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Cause::new(error))
    }
}

/// An append that did not go well.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// Another writer wrote that revision first. Nothing was written.
    #[error("another writer was faster")]
    Collision,
    /// Nothing was written.
    #[error("nothing was written")]
    NotWritten(#[source] LogError),
    /// Whether the entries were written is not known. Reading tells.
    #[error("whether it was written is not known")]
    Unknown(#[source] LogError),
}

/// A change of the directory that did not go well.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another tenant has this slug or domain.
    #[error("{field} {value} is another tenant's")]
    Taken {
        /// `slug` or `domain`.
        field: &'static str,
        /// What is taken.
        value: String,
    },
    /// There is no such tenant.
    #[error("there is no such tenant")]
    Unknown,
    /// The tenant is no longer as it was read. Nothing was written.
    #[error("the tenant was changed in the meantime")]
    Changed,
    /// Whether the change was done is not known. Reading tells.
    #[error("whether it was done is not known")]
    NotKnown(#[source] LogError),
    /// The database did not do as it was asked.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl From<sqlx::Error> for LogError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(said) => Self::Refused(Cause::boxed(said.into_error())),
            sqlx::Error::Io(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
                Self::Refused(Cause::new(missing))
            }
            error => Self::Unavailable(Cause::new(error)),
        }
    }
}

impl From<sqlx::Error> for DirectoryError {
    fn from(error: sqlx::Error) -> Self {
        Self::Log(error.into())
    }
}
