//! Whom a token means.

use attache_core::State;
use attache_core::ask::Found;
use attache_core::id::UserId;

use attache_jwt::Subject;

/// The user whom a token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// There is none, or it has no access.
    Nobody,
    /// It is this one, and has access.
    User(UserId),
    /// It could be any of these: the token counts for none of them.
    Several(Vec<UserId>),
}

pub(super) fn find(state: &State, subject: &Subject) -> Named {
    match state.found_by(subject.finds_by, &subject.name) {
        Found::Nobody => Named::Nobody,
        Found::One(number) => {
            let user = state.user(number).filter(|user| user.status.has_access());
            user.map_or(Named::Nobody, |user| Named::User(user.id))
        }
        Found::Several(numbers) => {
            let users = numbers.into_iter().filter_map(|number| state.user(number));
            Named::Several(users.map(|user| user.id).collect())
        }
    }
}
