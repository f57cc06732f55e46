//! The rules of access, one by one, as docs/access.md numbers them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "it is all test"
)]

mod house;
mod rule;
