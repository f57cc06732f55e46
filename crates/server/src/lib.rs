//! attache: who is attached to this customer, in which role, what may they see
//! and do.
//!
//! The way of a request: [`http`] turns bytes into a question or a command;
//! [`tenants`] answers from memory or lets a writer decide; [`log`] keeps the
//! entries. What is true is said by `attache_core` alone.

mod allocator;
pub mod ambient;
pub mod api_token;
pub mod cli;
pub mod config;
pub mod http;
pub mod jwt;
pub mod log;
pub mod logging;
mod naming;
pub mod operator_token;
mod strict_json;
pub mod tenants;
