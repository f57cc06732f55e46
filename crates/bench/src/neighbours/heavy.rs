//! The heaviest things that a tenant can ask for.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heavy {
    Moves,
    Adds,
    EffectiveList,
    WholeList,
    Search,
    Entries,
    Nonsense,
    Catalogue,
}

impl Heavy {
    pub(super) const ALL: [Self; 8] = [
        Self::Moves,
        Self::Adds,
        Self::EffectiveList,
        Self::WholeList,
        Self::Search,
        Self::Entries,
        Self::Nonsense,
        Self::Catalogue,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Moves => "bulk of moves in a deep tree",
            Self::Adds => "bulk of new users",
            Self::EffectiveList => "effective members of a large customer",
            Self::WholeList => "whole list of a large customer",
            Self::Search => "AuthZEN subject search",
            Self::Entries => "page of large entries",
            Self::Nonsense => "large body without a role",
            Self::Catalogue => "PUT of a large catalogue",
        }
    }
}
