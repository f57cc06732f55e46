//! The weights of reads, in the unit of [`attache_http::Session::weigh`]: about 10 µs.

use attache_core::State;

/// The number of users or members that a list examines in the time of a weight of 1.
pub(super) const LOOKS: usize = 4;

/// Returns the weight of examining things that the answer does not show.
pub(super) fn looked_at(things: usize) -> usize {
    things / 32
}

/// The number of bytes of a body that are read into a type in the time of a weight of 1.
pub(super) const BYTES_READ: usize = 512;

/// The number of patterns of a catalogue that are shown in the time of a weight of 1.
const PATTERNS: usize = 16;

/// The weight of showing the whole catalogue of a tenant.
pub(super) fn of_catalogue(state: &State) -> usize {
    let Some(catalogue) = state.catalogue() else {
        return 0;
    };
    let of_kinds = catalogue.kinds.iter().map(|kind| kind.members_may.len());
    let of_roles = catalogue.roles.iter().map(|role| role.permissions.len());
    let patterns = of_kinds.sum::<usize>() + of_roles.sum::<usize>();
    (patterns + catalogue.permissions.len()) / PATTERNS
}
