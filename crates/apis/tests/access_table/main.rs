//! Every route of every API, asked by every kind of caller: one table for a
//! reviewer to read. A route without a row fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod as_of;
mod caller;
mod early;
mod errors;
mod rows;
mod shape;
mod table;
