//! The names of the figures that most parts measure, with their units.

pub(crate) const PER_SECOND: &str = "requests/s";
pub(crate) const P50: &str = "p50 ms";
pub(crate) const P99: &str = "p99 ms";
pub(crate) const LONGEST: &str = "longest ms";
pub(crate) const PROCESSOR: &str = "server's processor µs/request";
pub(crate) const BYTES: &str = "bytes/answer";
