//! What can go wrong with the log.

use attache_core::cause::Cause;
use attache_core::id::{Revision, TenantId};

/// A failure of the database, or an entry that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// The database does not answer, or not in time.
    #[error("the database does not answer")]
    Unavailable(#[source] Cause),
    /// The database answered with an error.
    #[error("the database refused")]
    Refused(#[source] Cause),
    /// An entry cannot be read: a newer version wrote it, or it is damaged.
    #[error("entry {revision} of tenant {tenant} cannot be read")]
    Unreadable {
        /// The entry's tenant.
        tenant: TenantId,
        /// The entry's revision.
        revision: Revision,
        /// Why the entry cannot be read.
        #[source]
        cause: Cause,
    },
}

impl LogError {
    /// Returns [`LogError::Unavailable`] with a reason in words.
    #[must_use]
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable(Cause::text(reason))
    }

    /// Returns [`LogError::Unavailable`] with another error as its cause.
    #[must_use]
    pub fn caused(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Cause::new(error))
    }
}

/// The reason why an append failed, and whether something was written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// Another writer wrote the revision first, or the entry before it is gone, or a
    /// request was done already. Nothing was written.
    #[error("another writer was faster")]
    Collision,
    /// The database failed, and nothing was written.
    #[error("nothing was written")]
    NotWritten(#[source] LogError),
    /// The database failed, and it is unknown whether the entries were written. Reading the
    /// revision tells.
    #[error("whether it was written is not known")]
    Unknown(#[source] LogError),
}

/// The reason why a tenant was not created or changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another tenant has this slug or domain. Nothing was written.
    #[error("{field} {value} is another tenant's")]
    Taken {
        /// `slug` or `domain`.
        field: &'static str,
        /// The slug or domain that is taken.
        value: String,
    },
    /// There is no tenant with this id.
    #[error("there is no such tenant")]
    Unknown,
    /// The tenant is no longer as the caller read it. Nothing was written.
    #[error("the tenant was changed in the meantime")]
    Changed,
    /// The database failed, and it is unknown whether the change was written. Reading the
    /// tenant tells.
    #[error("whether it was done is not known")]
    NotKnown(#[source] LogError),
    /// The database failed.
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
