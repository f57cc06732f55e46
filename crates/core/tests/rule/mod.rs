//! One test or more for each rule, and for each limit.

mod access;
mod authority;
mod bounds;
mod catalogue;
mod commands;
mod credentials;
mod emails;
mod ends;
mod explain;
mod invitations;
mod issuers;
mod limits;
mod members;
mod memberships;
mod names;
mod parameters;
mod people;
mod seeing;
mod services;
mod unknown;
