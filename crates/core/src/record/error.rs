//! What can be wrong with a stored entry.

use uuid::Uuid;

/// Why an entry cannot be taken apart or put together.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// An entry that was not given its salts.
    #[error("the private part about {0} has no salt")]
    Unsalted(Uuid),
    /// The changes are in no form that this version knows.
    #[error("its changes cannot be read")]
    Changes(#[source] serde_json::Error),
    /// The commitments are in no form that this version knows.
    #[error("its commitments cannot be read")]
    Commitments,
    /// A change lacks what names its thing, and the entry holds no commitment to that.
    #[error("it holds no commitment to the private part about {0}")]
    Uncommitted(Uuid),
    /// A private part that the entry was not written with.
    #[error("the private part about {0} is not the one that it was written with")]
    Another(Uuid),
    /// A private part in no form that this version knows.
    #[error("the private part about {about} cannot be read")]
    Part {
        /// The thing that it is about.
        about: Uuid,
        /// Why not.
        #[source]
        cause: serde_json::Error,
    },
    /// A private part that lacks what was taken from a change.
    #[error("the private part about {0} lacks words of a change")]
    Lacking(Uuid),
}
