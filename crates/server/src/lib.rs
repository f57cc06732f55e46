//! attache: who is attached to this customer, in which role, and what may they see and
//! do.
//!
//! The binary: its command line, its configuration, and all APIs together. A request
//! passes from `attache_http` to an API's own crate, and from there to a question of
//! `attache_core` or to a writer of `attache_tenants`.

mod allocator;
pub mod cli;
pub mod config;
pub mod logging;
mod open_files;
