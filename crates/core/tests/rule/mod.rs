//! One test or more for each rule, and for each limit.

mod access;
mod catalogue;
mod commands;
mod emails;
mod issuers;
mod limits;
mod members;
mod people;
mod services;
