//! Whom a token means.

use attache_core::State;
use attache_core::ask::Found;
use attache_core::id::UserId;
use attache_core::model::FindsBy;

use attache_jwt::Subject;

/// The user whom a token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// There is none, or it has no access; and which of the two, without its name.
    Nobody(&'static str),
    /// It is this one, and has access.
    User(UserId),
    /// It could be any of these: the token counts for none of them.
    Several(Vec<UserId>),
}

pub(super) fn find(state: &State, subject: &Subject) -> Named {
    match state.found_by(subject.finds_by, &subject.name) {
        Found::Nobody => Named::Nobody(match subject.finds_by {
            FindsBy::Key => "no user has the key that it names",
            FindsBy::Id => "no user has the id that it names",
            FindsBy::Email => "no user has the e-mail address that it names, verified",
        }),
        Found::One(number) => {
            let user = state.user(number).filter(|user| user.status.has_access());
            user.map_or(
                Named::Nobody("the user that it names is inactive"),
                |user| Named::User(user.id),
            )
        }
        Found::Several(numbers) => {
            let users = numbers.into_iter().filter_map(|number| state.user(number));
            Named::Several(users.map(|user| user.id).collect())
        }
    }
}
