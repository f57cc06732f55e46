//! A tenant as plain lists of facts, and its rules as scans over them.
//!
//! It has no index and keeps nothing that follows from something else, so what
//! it answers can be read off the rules. The core must answer the same.

mod access;
mod authority;
mod catalogue;
mod collation;
mod explain;
mod facts;
mod find;
mod gate;
mod grants;
mod groups;
mod holding;
mod invitations;
mod issuers;
mod known;
mod members;
mod pages;
mod people;
mod reach;
mod resources;
mod run;
mod services;
mod standing;
mod sweep;
mod users;

pub(crate) use access::{Answer, Held, Source, Within};
pub(crate) use authority::Authority;
pub(crate) use facts::End;
pub(crate) use facts::{Attached, Granted, InGroup, Place, Tenant};
pub(crate) use pages::ListPage;
pub(crate) use people::Member;
pub(crate) use reach::{Attachment, Person, Through};
pub(crate) use run::Act;
pub(crate) use standing::Stands;
