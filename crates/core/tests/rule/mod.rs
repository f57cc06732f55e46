//! One test or more for each rule, and for each limit.

mod access;
mod commands;
mod limits;
