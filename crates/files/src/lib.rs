//! A tenant as files: what `attache import` and `attache export` do, and the API's
//! operations of the same names.

pub mod archive;
pub mod export;
pub mod formula;
pub mod import;
pub mod nearest;
pub mod times;

/// The names that files can have.
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

/// The column that names those cells of its row that are taken as they are,
/// though a new value must not be such: what older versions stored.
const AS_IS: &str = "as_is";

/// The column of the id that a user has at an identity provider. `as_is` names it where
/// another user has the same.
const EXTERNAL_AUTH_ID: &str = "external_auth_id";
