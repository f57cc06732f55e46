//! The questions that a state answers.

mod access;
mod context;
mod guard;
mod members;
mod people;
mod permissions;
mod reach;
mod roles;
mod source;

pub use access::{Access, Denial};
pub use context::Standing;
pub use members::{Field, Filter, List, Member, Page, Sort, Value};
pub use people::{After, Include, People, Person, Wanted};
pub use permissions::{Permission, ScopePart, ScopePath};
pub use source::{Source, SourceKind};

pub(crate) use guard::Power;
pub(crate) use permissions::of_role;
