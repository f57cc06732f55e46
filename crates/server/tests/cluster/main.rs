//! Several servers over one PostgreSQL, while everything fails that can fail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and says what it counted"
)]

mod bad_histories;
mod check;
mod client;
mod crowd;
mod database;
mod dice;
mod failover;
mod foreign;
mod histories;
mod history;
mod installation;
mod line;
mod lost_entries;
mod order;
mod polling;
mod question;
mod replay;
mod server;
mod shape;
mod traffic;
mod trouble;
mod unknown_change;
mod wish;
