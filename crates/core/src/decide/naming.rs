//! The rules for new names. An existing name is not checked again, so names that an older
//! version accepted stay.

use uuid::Uuid;

use super::Draft;
use crate::id::UserNumber;
use crate::key::{Key, before_colon};
use crate::model::{ExternalId, Name, Profile};
use crate::refusal::Refusal;
use crate::state::{Space, State};

impl State {
    /// Checks that a key could be given today, that is, that it cannot be read as
    /// anything else.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with the field `key`.
    pub fn check_new_key(&self, key: &Key) -> Result<(), Refusal> {
        key.check()
            .map_err(|reason| Refusal::invalid("key", reason))?;
        let kind = before_colon(key.as_str()).filter(|kind| {
            let index = self.kind_index(kind);
            index.is_some_and(|index| self.kind(index).is_some())
        });
        match kind {
            Some(kind) => Err(Refusal::invalid(
                "key",
                &format!("must not begin with {kind}:, as the name of a {kind} does"),
            )),
            None => Ok(()),
        }
    }
}

impl Draft {
    /// Checks that a thing may get a key: it cannot be read as anything else, and is not
    /// the key or id of another thing of the type. `own` is the thing, if it exists.
    pub(super) fn may_have_key<S: Space>(
        &self,
        key: Option<&Key>,
        space: &S,
        own: Option<S::Thing>,
    ) -> Result<(), Refusal> {
        let Some(key) = key else {
            return Ok(());
        };
        if !self.as_is {
            self.state.check_new_key(key)?;
        }
        match space.is_key_taken(key, own) {
            true => Err(Refusal::Taken { field: "key" }),
            false => Ok(()),
        }
    }

    /// Checks that a user may get an id at an identity provider: no other user has it.
    /// `own` is the user, if it exists.
    pub(super) fn may_have_external_id(
        &self,
        id: Option<&ExternalId>,
        own: Option<UserNumber>,
    ) -> Result<(), Refusal> {
        const FIELD: &str = "external_auth_id";
        let Some(id) = id.filter(|_| !self.as_is) else {
            return Ok(());
        };
        id.check()
            .map_err(|reason| Refusal::invalid(FIELD, reason))?;
        let mut found = self.state.users_by_external_id(id);
        match found.any(|user| Some(user) != own) {
            true => Err(Refusal::Taken { field: FIELD }),
            false => Ok(()),
        }
    }

    /// Checks that a thing may get a name.
    pub(super) fn may_have_name(&self, name: &Name) -> Result<(), Refusal> {
        match self.as_is {
            true => Ok(()),
            false => spelled("name", name),
        }
    }

    /// Checks that a user may get a profile in place of another.
    pub(super) fn may_have_profile(&self, new: &Profile, old: &Profile) -> Result<(), Refusal> {
        for (field, new, old) in [
            ("first_name", &new.first_name, &old.first_name),
            ("last_name", &new.last_name, &old.last_name),
            ("phone", &new.phone, &old.phone),
        ] {
            if let Some(name) = new
                && new != old
                && !self.as_is
            {
                spelled(field, name)?;
            }
        }
        Ok(())
    }
}

/// Checks that an id is not another thing's id or key.
pub(super) fn may_have_id(id: Uuid, space: &impl Space) -> Result<(), Refusal> {
    match space.is_id_taken(id) {
        true => Err(Refusal::Taken { field: "id" }),
        false => Ok(()),
    }
}

fn spelled(field: &str, name: &Name) -> Result<(), Refusal> {
    name.check()
        .map_err(|reason| Refusal::invalid(field, reason))
}
