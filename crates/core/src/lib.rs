//! What is true in attache: who is attached to which resource, in which role,
//! and what they may therefore see and do.
//!
//! This crate does no I/O, reads no clock, makes no random number and is not
//! async. A [`State`] is what a tenant's [`Entry`]s, applied in their order,
//! give. [`State::decide`] says what a [`Command`] would change, or refuses;
//! [`State::apply`] changes it; everything else is a question.

pub mod ask;
pub mod caller;
pub mod catalogue;
pub mod cause;
pub mod change;
pub mod collation;
pub mod command;
pub mod decide;
pub mod entry;
pub mod id;
mod key;
pub mod model;
pub mod reference;
pub mod refusal;
pub mod state;
pub mod time;

pub use caller::{Actor, Caller};
pub use catalogue::Catalogue;
pub use change::Change;
pub use command::Command;
pub use decide::Draft;
pub use entry::{Changes, Entry};
pub use reference::{Locator, Ref};
pub use refusal::Refusal;
pub use state::State;
pub use time::Timestamp;
