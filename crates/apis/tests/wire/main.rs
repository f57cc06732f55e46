//! What HTTP asks of every API alike, over a real listener.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod bodies;
mod caching;
mod challenges;
mod docs_page;
mod documented_errors;
mod every_api;
mod failures;
mod hosts;
mod keep_alive;
mod log_lines;
mod other_bodies;
mod public_url;
mod refused_bodies;
mod server;
mod suffix;
mod views;
