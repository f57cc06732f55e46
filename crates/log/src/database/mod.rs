//! The database that the log is in: SQLite or PostgreSQL. Above this folder
//! there is one text for both.

mod connection;
pub(super) mod disk;
mod hosts;
mod location;
mod location_error;
mod pool;
mod postgres;
mod settings;
mod sqlite;

pub use location::Location;
pub use location_error::LocationError;
pub use settings::Settings;

pub(super) use connection::{
    Connection, Row, Value, breaks_a_rule, did_nothing, is_no_such_table, may_be_done_again,
};
pub(super) use pool::{Database, Source, too_late};
pub(super) use postgres::Hosts;
