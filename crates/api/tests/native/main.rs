//! attache's own API over a real listener and a real log.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod apart;
mod ask;
mod bounds;
mod bulk;
mod catalogue;
mod document;
mod doubts;
mod effective;
mod ends;
mod entries;
mod existence;
mod explain;
mod external_ids;
mod given_by;
mod grants;
mod groups;
mod heads;
mod health;
mod hostile;
mod idempotency;
mod imports;
mod invitations;
mod issuers;
mod lists;
mod many;
mod me;
mod member_set;
mod members;
mod membership_manager;
mod name_search;
mod names;
mod preconditions;
mod problems;
mod put_user;
mod queries;
mod reach;
mod reads;
mod remembered;
mod resources;
mod revisions;
mod seeing;
mod services;
mod shipped_roles;
mod spelling;
mod tags;
mod tenants;
mod tokens;
mod two_servers;
mod user_list;
mod users;
mod whole;
mod whole_large;
mod writes;
