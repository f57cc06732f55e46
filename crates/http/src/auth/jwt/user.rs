//! Finds the user whom a token names.

use attache_core::ask::{Found, View};
use attache_core::id::UserId;
use attache_core::model::{FindsBy, Status};

use attache_jwt::Subject;

/// The user whom a token names in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// No user, or a user without access. The reason tells which of the two, without the
    /// name.
    Nobody(&'static str),
    /// A user with access.
    User(UserId),
    /// An invited user, who accepts by this token.
    Invited(UserId),
    /// Several users, so the token counts for none of them.
    Several(Vec<UserId>),
}

/// Finds the user whom a token names. `accepts`: whether an invited user accepts by such
/// a token.
pub(super) fn find(view: View<'_>, subject: &Subject, accepts: bool) -> Named {
    match view.found_by(subject.finds_by, &subject.name) {
        Found::Nobody => Named::Nobody(match subject.finds_by {
            FindsBy::Key => "no user has the key that it names",
            FindsBy::Id => "no user has the id that it names",
            FindsBy::ExternalAuthId => "no user has the id at an identity provider that it names",
            FindsBy::Email => "no user has the e-mail address that it names, verified",
        }),
        Found::One(number) => {
            let user = view.state().user(number).map(|user| (user.id, user.status));
            match user {
                Some((user, Status::Active)) => Named::User(user),
                Some((user, Status::Invited)) if accepts => Named::Invited(user),
                Some((_, Status::Invited)) => {
                    Named::Nobody("the user that it names is invited, and has not accepted")
                }
                Some((_, Status::Inactive)) | None => {
                    Named::Nobody("the user that it names is inactive")
                }
            }
        }
        Found::Several(numbers) => {
            let users = numbers
                .into_iter()
                .filter_map(|number| view.state().user(number));
            Named::Several(users.map(|user| user.id).collect())
        }
    }
}
