//! Users: adding, changing, removing.

use super::Draft;
use super::credentials::{FoundBy, could_act_as};
use super::naming::may_have_id;
use super::numbering::{choose, or_old};
use crate::Change;
use crate::id::{Key, UserId, UserNumber};
use crate::key::Meaning;
use crate::model::{FactsChange, Profile, ProfileChange, Status, Subject, User, UserFacts};
use crate::reference::Ref;
use crate::refusal::Refusal;

impl Draft {
    pub(super) fn add_user(
        &mut self,
        id: UserId,
        number: Option<u32>,
        key: Option<&Key>,
        profile: &Profile,
        status: Status,
        facts: &UserFacts,
    ) -> Result<(), Refusal> {
        self.authorize_root("users.add")?;
        let users = self.state.user_table();
        may_have_id(id.0, users)?;
        self.may_have_key(key, users, None)?;
        self.may_have_external_id(facts.external_auth_id.as_ref(), None)?;
        self.may_have_profile(profile, &Profile::default())?;
        let number = choose(number, |n| users.is_new(n), users.numbers().next())?;
        let found_by = FoundBy::new(profile.email.as_ref(), facts, key);
        self.must_hold_all_of_others_found(None, FoundBy::default(), found_by)?;
        self.push(Change::UserAdded {
            user: id,
            number: UserNumber(number),
            key: key.cloned(),
            status,
            facts: facts.clone(),
        });
        if *profile != Profile::default() {
            self.push_profile(id, profile);
        }
        Ok(())
    }

    pub(super) fn change_user(
        &mut self,
        reference: &Ref,
        key: Option<&Option<Key>>,
        profile: &ProfileChange,
        status: Option<Status>,
        facts: &FactsChange,
    ) -> Result<(), Refusal> {
        self.authorize_root("users.change")?;
        let number = self.user(reference)?;
        let Some(old) = self.state.user_node(number).map(|row| row.user.clone()) else {
            return Err(Refusal::not_found("user"));
        };
        let mut new = User {
            key: or_old(key, &old.key),
            profile: profile.on(&old.profile),
            status: status.unwrap_or(old.status),
            facts: facts.on(&old.facts),
            ..(*old).clone()
        };
        // Only the old address was verified.
        if facts.email_verified.is_none() && !is_same_address(&old.profile, &new.profile) {
            new.facts.email_verified = false;
        }
        if new.key != old.key {
            self.may_have_key(new.key.as_ref(), self.state.user_table(), Some(number))?;
        }
        let external = new.facts.external_auth_id.as_ref();
        if external != old.facts.external_auth_id.as_ref() {
            self.may_have_external_id(external, Some(number))?;
        }
        self.may_have_profile(&new.profile, &old.profile)?;
        if could_act_as(&old, &new) {
            self.must_hold_all_of(Subject::User(number))?;
        }
        // Ending a user's access takes what removing takes.
        if old.status.has_access() && !new.status.has_access() {
            self.authorize_root("users.remove")?;
        }
        let (found_by, will_be) = (FoundBy::of(&old), FoundBy::of(&new));
        self.must_hold_all_of_others_found(Some(number), found_by, will_be)?;
        if (&new.key, &new.facts) != (&old.key, &old.facts) {
            self.push(Change::UserChanged {
                user: old.id,
                key: new.key,
                facts: new.facts,
            });
        }
        if new.profile != old.profile {
            self.push_profile(old.id, &new.profile);
        }
        if new.status != old.status {
            self.push(Change::UserStatusChanged {
                user: old.id,
                status: new.status,
            });
        }
        Ok(())
    }

    /// Adds a user, or replaces it.
    pub(super) fn put_user(
        &mut self,
        id: UserId,
        reference: &Ref,
        key: Option<&Key>,
        profile: &Profile,
        status: Status,
        facts: &UserFacts,
    ) -> Result<(), Refusal> {
        // A caller that may neither add nor change does not learn whether the user
        // exists.
        if let Err(refused) = self.authorize_root("users.add") {
            self.authorize_root("users.change").map_err(|_| refused)?;
        }
        let Some(number) = self.state.find_user(reference) else {
            let named = new_key(reference)?;
            may_be_named(key, &named)?;
            return self.add_user(id, None, Some(&named), profile, status, facts);
        };
        let own = self.state.user(number).and_then(|user| user.key.clone());
        let named_by = own.filter(|own| names(reference, own));
        if let Some(named_by) = &named_by {
            may_be_named(key, named_by)?;
        }
        let key = key.cloned().or(named_by);
        let profile = profile.clone().into();
        let facts = facts.clone().into();
        self.change_user(reference, Some(&key), &profile, Some(status), &facts)
    }

    pub(super) fn remove_user(&mut self, reference: &Ref) -> Result<(), Refusal> {
        self.authorize_root("users.remove")?;
        let number = self.user(reference)?;
        let Some(row) = self.state.user_node(number).cloned() else {
            return Err(Refusal::not_found("user"));
        };
        let found_by = FoundBy::of(&row.user);
        self.must_hold_all_of_others_found(Some(number), found_by, FoundBy::default())?;
        for node in row.resources.keys() {
            self.push_detached(*node, number);
        }
        self.push_all_revoked(Subject::User(number), &row.granted);
        for group in row.groups.keys() {
            if let Some(group) = self.state.group_node(*group).map(|row| row.group.id) {
                self.push(Change::GroupUserRemoved {
                    group,
                    user: row.user.id,
                });
            }
        }
        self.push(Change::UserRemoved { user: row.user.id });
        Ok(())
    }
}

/// Returns the key of a new user with this name. attache assigns numbers and ids itself.
fn new_key(reference: &Ref) -> Result<Key, Refusal> {
    match reference {
        Ref::Key(text) | Ref::Text(text) if !text.starts_with('#') => {
            Key::new(text).map_err(|reason| Refusal::invalid("user", reason))
        }
        _ => Err(Refusal::Unknown {
            field: "user",
            what: "user",
        }),
    }
}

/// Returns whether a name means a key.
fn names(reference: &Ref, key: &Key) -> bool {
    match reference {
        Ref::Key(text) | Ref::Text(text) => key.meaning() == Meaning::of(text),
        Ref::Id(_) | Ref::Number(_) | Ref::OfMembership(_) => false,
    }
}

/// Checks that the given key, if there is one, is the one that names the user.
fn may_be_named(given: Option<&Key>, named: &Key) -> Result<(), Refusal> {
    match given.is_none_or(|given| given.meaning() == named.meaning()) {
        true => Ok(()),
        false => Err(Refusal::invalid(
            "key",
            "must be the key that names the user, or be left out",
        )),
    }
}

/// Returns whether two profiles have the same e-mail address, or none.
fn is_same_address(old: &Profile, new: &Profile) -> bool {
    match (&old.email, &new.email) {
        (Some(old), Some(new)) => old.is_same(new.as_str()),
        (None, None) => true,
        _ => false,
    }
}
