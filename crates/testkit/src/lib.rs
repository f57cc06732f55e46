//! What the tests of every API need: a server on a port of its own with two
//! tenants in its log, issuers that can be told to misbehave, and a reader of
//! OpenAPI documents.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]
#![allow(missing_docs, reason = "for tests, which show what each is for")]

pub mod examples;
pub mod issuer;
pub mod lines;
pub mod mint;
pub mod scene;
pub mod shape;
pub mod world;
