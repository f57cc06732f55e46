//! The weights of reads, in the unit of [`attache_http::Session::weigh`]: about 10 µs.

/// The number of users or members that a list looks at in the time of a weight of 1.
pub(super) const LOOKS: usize = 4;

/// The weight of looking at things that the answer does not show.
pub(super) fn looked_at(things: usize) -> usize {
    things / 32
}
