//! A state of the past that is made of the changes of a few things only.
//!
//! A question about one resource touches the resource, those above it, the subjects of their
//! grants, the users of such groups, and the catalogue. Their changes, applied to an empty
//! state, give the same answer as all entries: what is asked about decides the cost, and not
//! the length of the log.
//!
//! Each change is of one thing, its [home](fn@home): that a user was attached is of the resource.
//! A [`Gathering`] tells of which things it lacks the changes, until it has all.

mod dated;
mod gathering;
mod home;

pub use dated::{DatedChange, dated};
pub use gathering::{Focus, Gathering, Lacking};
pub use home::{CATALOGUE, home};
