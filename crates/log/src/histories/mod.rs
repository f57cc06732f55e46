//! The histories of things: the changes of a resource, a user, a group, a service or the
//! catalogue, found without reading the rest of the log.
//!
//! They are made from the entries in the background, a segment of the log at a time: a row has
//! what happened to one thing in one segment. Segments that follow one another are merged, so
//! that a thing has few rows. The newest entries, which fill no segment, are in none.
//!
//! Rows hold changes as entries do, so they name nobody: names are read from private parts.
//! All can be deleted, and is made anew.

mod block;
mod maker;
mod reader;
mod segments;

pub use maker::SegmentSizes;
pub(super) use maker::{make_histories, run};
pub(super) use reader::histories as of_things;
pub use segments::Segments;
pub(super) use segments::read as segments_of;
