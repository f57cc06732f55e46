//! The rules and the state of attache: who is attached to which resource, in which role,
//! and what they may therefore see and do.
//!
//! This crate does no I/O, reads no clock, makes no random numbers and is not async. A
//! [`State`] is the result of applying a tenant's [`Entry`]s in order. [`State::decide`]
//! returns what a [`Command`] would change, or refuses it; [`State::apply`] changes the
//! state; everything else is a question, asked of a [`View`](ask::View), or of an
//! [`Authority`](ask::Authority) if it is about what a caller may.

pub mod ask;
pub mod caller;
pub mod catalogue;
pub mod cause;
pub mod change;
pub mod collation;
pub mod command;
pub mod decide;
pub mod entry;
pub mod focus;
pub mod id;
mod key;
pub mod model;
mod named;
pub mod nearest;
pub mod origin;
pub mod record;
pub mod reference;
pub mod refusal;
pub mod state;
pub mod time;

pub use caller::{Actor, Caller};
pub use catalogue::Catalogue;
pub use change::Change;
pub use command::Command;
pub use decide::Draft;
pub use entry::{Changes, Entry, EntryHead, HeadRequest};
pub use named::{Named, NamedThing};
pub use origin::Origin;
pub use reference::{Locator, Ref};
pub use refusal::Refusal;
pub use state::State;
pub use time::Timestamp;
