//! Users.

use attache_core::id::{UserId, UserNumber};
use attache_core::model::{Status, SubjectId, User};
use attache_core::{Command, Refusal};

use super::list::address;
use super::run::{id_must_be_free, key_must_be_free, unknown};
use super::{Act, Tenant};

impl Tenant {
    pub(crate) fn perform_on_users(&mut self, act: &Act, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::AddUser {
                id,
                number,
                key,
                profile,
                status,
                facts,
            } => {
                self.authorize_root(act, "users.add")?;
                id_must_be_free(id.0, self.users.iter().map(|it| (it.id.0, it.key.as_ref())))?;
                self.key_must_be_good(key.as_ref())?;
                key_must_be_free(
                    key.as_ref(),
                    self.users.iter().map(|it| (it.id.0, it.key.as_ref())),
                )?;
                let number = self.number("/user", *number)?;
                let before = self.clone();
                self.use_number("/user", number);
                self.users.push(User {
                    id: *id,
                    number: UserNumber(number),
                    key: key.clone(),
                    profile: (**profile).clone(),
                    status: *status,
                    facts: facts.clone(),
                    created_at: act.stamp,
                    created_by: act.by.actor,
                    updated_at: act.stamp,
                    updated_by: act.by.actor,
                });
                before.must_hold_all_of_whom_credentials_change(act, *id, self)
            }
            Command::ChangeUser {
                user,
                key,
                profile,
                status,
                facts,
            } => {
                self.authorize_root(act, "users.change")?;
                let id = self.find_user(user).ok_or(unknown("user"))?;
                let old = self.user(id).expect("it was found").clone();
                let mut new = User {
                    key: key.clone().unwrap_or(old.key.clone()),
                    profile: profile.on(&old.profile),
                    status: status.unwrap_or(old.status),
                    facts: facts.on(&old.facts),
                    ..old.clone()
                };
                if facts.email_verified.is_none() {
                    let address = |user: &User| user.profile.email.as_ref().map(address);
                    new.facts.email_verified &= address(&old) == address(&new);
                }
                if new.key != old.key {
                    self.key_must_be_good(new.key.as_ref())?;
                    let others = self.users.iter().filter(|other| other.id != id);
                    key_must_be_free(
                        new.key.as_ref(),
                        others.map(|it| (it.id.0, it.key.as_ref())),
                    )?;
                }
                if lets_another_in(&old, &new) {
                    self.must_hold_all_of(act, SubjectId::User(id))?;
                }
                if new != old {
                    new.updated_at = act.stamp;
                    new.updated_by = act.by.actor;
                }
                let before = self.clone();
                for user in &mut self.users {
                    if user.id == id {
                        *user = new.clone();
                    }
                }
                before.must_hold_all_of_whom_credentials_change(act, id, self)
            }
            Command::RemoveUser { user } => {
                self.authorize_root(act, "users.remove")?;
                let id = self.find_user(user).ok_or(unknown("user"))?;
                let before = self.clone();
                self.memberships.retain(|one| one.user != id);
                self.grants
                    .retain(|granted| granted.subject != SubjectId::User(id));
                self.in_groups.retain(|one| one.user != id);
                self.users.retain(|user| user.id != id);
                before.must_hold_all_of_whom_credentials_change(act, id, self)
            }
            _ => unreachable!(),
        }
    }
}

impl Tenant {
    /// Whoever of the others is found by its address, or by its key, only before
    /// a change to somebody or only after it: the caller must hold all that it holds.
    fn must_hold_all_of_whom_credentials_change(
        &self,
        act: &Act,
        changed: UserId,
        after: &Self,
    ) -> Result<(), Refusal> {
        for other in self.users.iter().filter(|other| other.id != changed) {
            let by_email = |tenant: &Self| {
                let email = other.profile.email.as_ref();
                email.is_some_and(|it| tenant.user_by_verified_email(it.as_str()) == Some(other.id))
            };
            if by_email(self) != by_email(after) {
                self.must_hold_all_of(act, SubjectId::User(other.id))?;
            }
        }
        Ok(())
    }
}

/// Whether somebody may now log in as this user who could not before: what
/// credentials are matched with changes, or the user wakes up.
fn lets_another_in(old: &User, new: &User) -> bool {
    let matched = |user: &User| {
        (
            user.key.clone(),
            user.profile.email.clone(),
            user.facts.email_verified,
            user.facts.external_auth_id,
        )
    };
    let wakes = old.status == Status::Inactive && new.status != Status::Inactive;
    wakes || matched(old) != matched(new)
}
