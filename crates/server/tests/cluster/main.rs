//! Several servers over one PostgreSQL, while everything fails that can fail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and says what it counted"
)]

mod database;
#[path = "../postgres/mod.rs"]
mod postgres;
