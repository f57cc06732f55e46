//! All dialects over a real listener and a real log: every row of the
//! tables that say what each must do on the wire.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod all_dialects;
mod chatcaptain;
mod cloudcockpit;
mod openapi;
mod permissions;
mod table;
mod voicebot;
mod worth;
