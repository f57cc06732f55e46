//! How many of the things behind a decision an answer names. A user can be in thousands of
//! groups, and a catalogue can have thousands of roles.

/// How many roles an explanation names on each resource.
pub const MAX_ROLES_NAMED: usize = 20;
/// How many memberships and grants an answer names for one user or one decision.
pub const MAX_SOURCES_NAMED: usize = 100;

/// The first of some things, and the number of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounded<T> {
    /// The first, in their order.
    pub first: Vec<T>,
    /// How many there are besides.
    pub more: usize,
}

impl<T> Bounded<T> {
    /// The first `most` of all.
    pub fn of(most: usize, all: impl IntoIterator<Item = T>) -> Self {
        let mut all = all.into_iter();
        let first = all.by_ref().take(most).collect();
        Self {
            first,
            more: all.count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bounded;

    #[test]
    fn the_first_are_named_and_the_others_counted() {
        let bounded = |all: usize| {
            let bounded = Bounded::of(3, 0..all);
            (bounded.first.len(), bounded.more)
        };
        assert_eq!(bounded(0), (0, 0));
        assert_eq!(bounded(3), (3, 0));
        assert_eq!(bounded(8), (3, 5));
        assert_eq!(Bounded::of(2, ["b", "a", "c"]).first, ["b", "a"]);
    }
}
