//! AuthZEN over a real listener and a real log.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod ask;
mod callers;
mod complete;
mod configuration;
mod document;
mod evaluation;
mod evaluations;
mod paging;
mod search;
mod transport;
mod unknown;
