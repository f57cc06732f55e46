//! The real program: typed, served, asked over HTTP, killed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it counted"
)]

mod broken;
mod command_line;
mod damaged;
mod databases;
mod examples;
mod expectations;
mod files_over_a_server;
mod following;
mod full_disk;
mod heads;
mod import;
mod import_identity;
mod import_text;
mod killed;
mod names;
mod older_log;
mod outbound;
mod pages;
mod pasted;
mod printed;
mod process;
mod proxies;
mod remote;
mod replace;
mod running;
mod said;
mod shown;
mod spellings;
mod stopped_bulk;
mod stopped_import;
mod things;
mod undone;
