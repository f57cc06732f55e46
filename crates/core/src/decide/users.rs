//! Users: adding, changing, removing.

use super::Draft;
use super::numbering::{choose, key_is_free, or_old};
use crate::Change;
use crate::id::{Key, UserId, UserNumber};
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
        if users.find(&Ref::text(&id.to_string())).is_some() {
            return Err(Refusal::Taken { field: "id" });
        }
        key_is_free(
            key.and_then(|key| users.find(&Ref::text(key.as_str()))),
            None,
        )?;
        let number = choose(number, |n| users.is_new(n), users.numbers().next())?;
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
        let new = User {
            key: or_old(key, &old.key),
            profile: profile.on(&old.profile),
            status: status.unwrap_or(old.status),
            facts: facts.on(&old.facts),
            ..(*old).clone()
        };
        let holder = new
            .key
            .as_ref()
            .and_then(|key| self.state.find_user(&Ref::text(key.as_str())));
        key_is_free(holder, Some(number))?;
        if could_act_as(&old, &new) {
            self.must_hold_all_of(Subject::User(number))?;
        }
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

    pub(super) fn remove_user(&mut self, reference: &Ref) -> Result<(), Refusal> {
        self.authorize_root("users.remove")?;
        let number = self.user(reference)?;
        let Some(row) = self.state.user_node(number).cloned() else {
            return Err(Refusal::not_found("user"));
        };
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

/// Whether a change could let somebody act as the user who could not before:
/// credentials find users by key, id at the identity provider or proven
/// e-mail address, and an inactive user cannot act at all.
fn could_act_as(old: &User, new: &User) -> bool {
    let wakes = !old.status.has_access() && new.status.has_access();
    wakes
        || old.key != new.key
        || old.profile.email != new.profile.email
        || old.facts.email_verified != new.facts.email_verified
        || old.facts.external_auth_id != new.facts.external_auth_id
}
