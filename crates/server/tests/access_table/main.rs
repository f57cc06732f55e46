//! Every route of every API, asked by every kind of caller: one table for a
//! reviewer to read. A route without a row fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod caller;
mod rows;
mod shape;
mod table;

#[allow(dead_code, reason = "what the tests of tokens need besides")]
#[path = "../jwt/issuer.rs"]
mod issuer;
#[allow(dead_code, reason = "what the tests of tokens need besides")]
#[path = "../jwt/mint.rs"]
mod mint;
#[allow(dead_code, reason = "what the tests of tokens need besides")]
#[path = "../jwt/scene.rs"]
mod scene;
#[allow(
    dead_code,
    unused_imports,
    reason = "the fixture of all dialects: not all of it is needed here"
)]
#[path = "../dialects/world/mod.rs"]
mod world;
