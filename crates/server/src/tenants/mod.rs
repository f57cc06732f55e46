//! The tenants that are open: each has a state that reads are answered from,
//! and a writer that changes it.

mod bulk;
mod catch_up;
mod directory;
mod history;
mod registry;
mod settings;
mod tenant;
mod writer;

pub use bulk::{BulkError, Plan};
pub use directory::Directory;
pub use registry::{CreateError, Tenants};
pub use settings::Settings;
pub use tenant::{Tenant, Unavailable, WriteError, Written};
