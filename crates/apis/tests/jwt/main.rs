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
mod key_sets;
mod me;
mod opening;
mod reasons;
mod remembered;
mod rfc8725;
mod strangers;
mod subjects;
mod tenants;
