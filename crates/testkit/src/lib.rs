//! Shared by the tests of all APIs: a server on its own port with two tenants in its log,
//! issuers that can misbehave, and a reader of OpenAPI documents.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

pub mod examples;
pub mod issuer;
pub mod lines;
pub mod mint;
pub mod scene;
pub mod shape;
pub mod world;
