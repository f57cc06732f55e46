//! Requests to addresses that a tenant chose. One guard judges all of them, so that no
//! tenant reaches this machine or its private network through attache.

mod address;
mod guard;
mod resolver;

pub use address::is_public;
pub use guard::{Forbidden, Guard};
pub use resolver::{Lookup, Names, NotFound};
