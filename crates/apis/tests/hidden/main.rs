//! Nothing tells what may not be known: every operation of every API, each thing that is
//! hidden from a caller beside one that does not exist, in every way of naming. The
//! operations come from the documents, which are made from the routes: one without a row
//! in the table fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod callers;
mod complete;
mod headers;
mod names;
mod seen;
mod spellings;
mod table;
mod walk;
