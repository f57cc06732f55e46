//! A tenant as files: the work of `attache import` and `attache export`, and of the API's
//! operations with these names.

pub mod archive;
pub mod export;
pub mod formula;
pub mod import;
pub mod times;

/// The names of the files.
pub const FILES: [&str; 8] = [
    "catalogue.toml",
    "resources.csv",
    "users.csv",
    "groups.csv",
    "services.csv",
    "group_users.csv",
    "memberships.csv",
    "grants.csv",
];

/// The column with the names of those cells of its row that are taken as they are. For
/// values that older versions stored and that are no valid new values.
const AS_IS: &str = "as_is";

/// The column of a user's id at an identity provider. `as_is` names it if another user
/// has the same id.
const EXTERNAL_AUTH_ID: &str = "external_auth_id";
