//! The open tenants. Each has a published state, from which reads are answered, and one
//! writer, which changes it.

mod ahead;
mod appending;
mod batch;
mod bulk;
mod catch_up;
mod creating;
mod deciding;
mod directory;
mod entries;
mod follower;
mod head_questions;
mod held;
mod history;
mod latest;
mod new_tenant;
mod opening;
mod openings;
mod past;
mod registry;
mod saving;
mod settings;
mod shared;
mod tenant;
mod token_notes;
mod token_uses;
mod turns;
mod weight;
mod write;
mod writer;
mod writing;

pub use ahead::OpeningBudget;
/// The types of the log that are part of this crate's interface.
pub use attache_log::{
    DirectoryError, EntriesFound, EntryFilter, EntryPage, Fault, LogError, Request, TenantRow,
    Writes,
};
pub use bulk::{BulkError, BulkWrite, BulkWritten, Plan};
pub use creating::CreateError;
pub use directory::Directory;
pub use follower::Lag;
pub use history::replay_to;
pub use new_tenant::{beginning, check_domain, check_slug, first_admin};
pub use openings::OpeningProgress;
pub use past::{FocusOn, Moment, NoPast, Past};
pub use registry::Tenants;
pub use settings::{PastSettings, Reads, Settings};
pub use tenant::Tenant;
pub use turns::{Busy, Pace, Slice, Turns};
pub use weight::LIGHT;
pub use write::{Condition, Credential, Unavailable, Write, WriteError, Written};
