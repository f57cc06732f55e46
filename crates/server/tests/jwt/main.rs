//! Tokens of identity providers over a real listener, a real log, and issuers
//! that can be told to misbehave.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod dialects;
mod form;
mod issuer;
mod key_sets;
mod mint;
mod remembered;
mod rfc8725;
mod scene;
mod subjects;
mod tenants;
#[allow(
    dead_code,
    unused_imports,
    reason = "the fixture of all dialects: not all of it is needed here"
)]
#[path = "../dialects/world/mod.rs"]
mod world;
