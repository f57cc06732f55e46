//! Questions about another time, over every API: what was answered then is answered again, to
//! callers that may look back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it counted"
)]

mod asking;
mod dice;
mod may_look_back;
mod oracle;
mod pages;
mod writes;
