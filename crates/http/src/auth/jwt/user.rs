//! Whom a token means.

use attache_core::id::UserId;
use attache_core::model::FindsBy;
use attache_core::{Ref, State};
use uuid::Uuid;

use attache_jwt::Subject;

/// The user whom a token names, if there is exactly one and it has access.
pub(super) fn find(state: &State, subject: &Subject) -> Option<UserId> {
    let name = subject.name.as_str();
    let number = match subject.finds_by {
        FindsBy::Key => state.find_user(&Ref::text(name))?,
        FindsBy::Id => state.find_user(&Ref::Id(Uuid::parse_str(name).ok()?))?,
        FindsBy::Email => state.user_by_verified_email(name)?,
    };
    let user = state.user(number)?;
    // A text finds ids too, and an id can be written in several ways: here it
    // has to be what the issuer was said to name.
    let is_named = match subject.finds_by {
        FindsBy::Key => user.key.as_ref().is_some_and(|key| key.as_str() == name),
        FindsBy::Id => user.id.to_string() == name.to_ascii_lowercase(),
        FindsBy::Email => true,
    };
    (is_named && user.status.has_access()).then_some(user.id)
}
