//! The facts, valid by construction.

mod address;
mod external_id;
mod field;
mod given;
mod grant;
mod group;
mod invitation;
mod issuer;
mod membership;
mod parameters;
mod resource;
mod service;
mod spelling;
mod subject;
mod text;
mod token;
mod user;

pub(crate) use address::canonical_address;
pub use external_id::ExternalId;
pub use field::{Field, Sort, Value};
pub use given::{Creation, Giver};
pub use grant::{Grant, GrantKey};
pub use group::{Group, GroupUser};
pub use invitation::Invitation;
pub use issuer::{FindsBy, Issuer, KeySource, MAX_KEYS, TenantClaim, Trust};
pub use membership::Membership;
pub use parameters::Parameters;
pub(crate) use parameters::is_same_text;
pub use resource::Resource;
pub use service::Service;
pub use spelling::check_identifier;
pub(crate) use spelling::{check_text, normalized};
pub use subject::{Subject, SubjectId};
pub use text::{Email, Name};
pub use token::{Token, TokenHash};
pub use user::{FactsChange, Profile, ProfileChange, Status, User, UserFacts};
