//! How an entry is stored: its changes without anything that names a person or a company,
//! and beside them one private part for each thing that is named.
//!
//! In memory an entry is whole. [`split`] takes it apart where it is written, and [`join`]
//! puts it together where it is read. A private part can be deleted; the entry then keeps its
//! place, its facts of access and its bytes.
//!
//! **What is private**: keys and names of users, resources, groups and services, the tenant's
//! name, profiles, the reasons of entries, the ids of users at identity providers, and the terms on which an issuer is
//! trusted (its address is a company's). **What is not**: ids and numbers; statuses; the words
//! of the catalogue; hashes and hints of tokens; parameters of grants, which say where a grant
//! holds: without them it would hold on more.
//!
//! **Commitments.** The entry holds, for each private part, the SHA-256 of 32 random bytes, the
//! salt, followed by the part's canonical bytes. So a part can be shown to be the one that was
//! written, and nothing can be guessed of a part that was deleted.
//!
//! **Canonical bytes**: an object of JSON in the form of RFC 8785: no spaces, the names of each
//! object in the order of their bytes, no escapes but those that JSON needs. `changes` holds
//! what was taken from each change about the thing, in their order; `profile` the profile that
//! a user was given; `reason` the reason of the entry, in a part about the entry's own id. What is
//! not there is left out.
//!
//! ```text
//! {"type":"user_added","user":"0195…21","number":3,"status":"active","facts":{…},"private":true}
//! {"changes":[{"external_auth_id":"auth0|5f7c","key":"ada"}],"profile":{"first_name":"Ada"}}
//! ```
//!
//! **Without its part**, a thing has the name `erased` and the last eight digits of its id, no
//! key and no profile, and an issuer is one whose tokens are accepted from nobody.

mod commitment;
mod commitments;
mod error;
mod join;
mod masked;
mod part;
mod piece;
mod salting;
mod salts;
mod split;
mod words;

pub use commitment::Commitment;
pub use commitments::Commitments;
pub use error::RecordError;
pub use join::join;
pub use part::Private;
pub use piece::{Piece, join_piece, pieces};
pub use salts::Salt;
pub use split::{Stored, split};
