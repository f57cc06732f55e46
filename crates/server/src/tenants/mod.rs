//! The tenants that are open: each has a state that reads are answered from,
//! and a writer that changes it.

mod bulk;
mod catch_up;
mod directory;
mod entries;
mod follower;
mod history;
mod latest;
mod new_tenant;
mod registry;
mod settings;
mod shared;
mod tenant;
mod writer;

/// What of the log is part of what tenants are asked.
pub use crate::log::{DirectoryError, EntryFilter, EntryPage, Request, TenantRow};
pub use bulk::{BulkError, Plan};
pub use directory::Directory;
pub use follower::Lag;
pub use history::replay;
pub use new_tenant::{beginning, check_domain, check_slug, first_admin};
pub use registry::{CreateError, Tenants};
pub use settings::{Reads, Settings};
pub use tenant::{Condition, Tenant, Unavailable, Write, WriteError, Written};
