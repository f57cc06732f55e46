//! The questions: what holds at an instant, asked of a [`View`], and what a caller may, asked of
//! an [`Authority`].

mod access;
mod authority;
mod bounded;
mod branch;
mod context;
mod coverage;
mod credential;
mod cut;
mod effective;
mod explain;
mod fetch;
mod filter;
mod guard;
mod large;
mod member;
mod members;
mod memberships;
mod permissions;
mod query;
mod reach;
mod roles;
mod scope;
mod seen;
mod sight;
mod source;
mod told;
mod unknown;
mod until;
mod user_sources;
mod value;
mod view;
mod weight;

pub use crate::model::{Field, Sort, Value};
pub use access::{Access, Denial};
pub use authority::Authority;
pub use bounded::{Bounded, MAX_ROLES_NAMED, MAX_SOURCES_NAMED};
pub use branch::{Branch, Held, Roles};
pub use context::Standing;
pub use credential::Found;
pub use cut::{Cut, Page};
pub use explain::{Explanation, NamedStep, Step, Tried, Verdict};
pub use member::{Attached, Effective, Include, Member, MemberPage, MemberPlace, PlaceValue};
pub use memberships::MembershipRow;
pub use query::{Filter, MemberQuery};
pub use scope::{Permission, ScopePart, ScopePath};
pub use sight::Sight;
pub use source::{Source, SourceKind};
pub use told::Told;
pub use unknown::{Unknown, What};
pub use user_sources::UserSources;
pub use view::View;

pub(crate) use authority::Power;
pub(crate) use coverage::Coverage;
pub(crate) use permissions::of_role;
