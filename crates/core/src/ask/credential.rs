//! Whom does a credential find?

use super::View;
use crate::id::UserNumber;
use crate::key;
use crate::model::{ExternalId, FindsBy};

/// Whom a credential finds, whether or not that user has access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody.
    Nobody,
    /// This user.
    One(UserNumber),
    /// Which of these is meant is not known: the credential counts for none.
    Several(Vec<UserNumber>),
}

/// Whether a text is a UUID in another form than with hyphens (RFC 9562, section
/// 4). An issuer names its subjects in one form: another is another subject.
fn is_other_form(name: &str) -> bool {
    key::uuid(name).is_some() && name.len() != 36
}

impl View<'_> {
    /// The users whom a credential finds by what it says of its bearer. A key is
    /// looked up as a key and nothing else, and an id as an id.
    #[must_use]
    pub fn found_by(self, finds_by: FindsBy, name: &str) -> Found {
        let mut all = match finds_by {
            FindsBy::Key if is_other_form(name) => {
                let has_it = |user: &UserNumber| {
                    let key = self.state.user(*user).and_then(|user| user.key.as_ref());
                    key.is_some_and(|key| key.as_str() == name)
                };
                let found = self.state.users_by_key(name).into_iter();
                found.filter(has_it).collect()
            }
            FindsBy::Key => self.state.users_by_key(name),
            FindsBy::Id => {
                let id = key::uuid(name).filter(|_| !is_other_form(name));
                let user = id.and_then(|id| self.state.user_table().number_of(id));
                user.into_iter().collect()
            }
            FindsBy::Email => self.state.users_by_verified_email(name).collect(),
            FindsBy::ExternalAuthId => {
                let is_it = |user: &UserNumber| {
                    let id = self
                        .state
                        .user(*user)
                        .and_then(|it| it.facts.external_auth_id.as_ref());
                    !is_other_form(name) || id.is_some_and(|id| id.is_written(name))
                };
                let id = ExternalId::from(name);
                self.state.users_by_external_id(&id).filter(is_it).collect()
            }
        };
        all.sort_unstable();
        match all[..] {
            [] => Found::Nobody,
            [one] => Found::One(one),
            _ => Found::Several(all),
        }
    }
}
