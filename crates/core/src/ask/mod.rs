//! The questions that a state answers.

mod access;
mod bounded;
mod branch;
mod context;
mod coverage;
mod credential;
mod crowd;
mod effective;
mod explain;
mod fetch;
mod guard;
mod members;
mod people;
mod permissions;
mod reach;
mod roles;
mod sight;
mod source;
mod told;
mod unknown;
mod until;
mod user_sources;
mod value;
mod weight;

pub use crate::model::{Field, Sort, Value};
pub use access::{Access, Denial};
pub use bounded::{Bounded, MAX_ROLES_NAMED, MAX_SOURCES_NAMED};
pub use branch::{Branch, Held, Roles};
pub use context::Standing;
pub use credential::Found;
pub use effective::Effective;
pub use explain::{Explanation, NamedStep, Step, Tried, Verdict};
pub use members::{Filter, List, Member, Page};
pub use people::{After, Include, Last, People, Person, Wanted};
pub use permissions::{Permission, ScopePart, ScopePath};
pub use sight::Sight;
pub use source::{Source, SourceKind};
pub use told::Told;
pub use unknown::{Unknown, What};
pub use user_sources::UserSources;

pub(crate) use coverage::Coverage;
pub(crate) use guard::Power;
pub(crate) use permissions::of_role;
