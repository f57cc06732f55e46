//! Users.

use attache_core::id::{Key, UserId, UserNumber};
use attache_core::model::{ExternalId, Status, SubjectId, User};
use attache_core::{Command, Ref, Refusal};

use super::find::same_key;
use super::known::address;
use super::run::{id_must_be_free, invalid, key_must_be_free, unknown};
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
                self.external_id_must_be_free(facts.external_auth_id.as_ref(), *id)?;
                let number = self.number("/user", *number)?;
                let before = self.clone();
                self.use_number("/user", number);
                self.user_origins.push((*id, act.origin));
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
                if new.facts.external_auth_id != old.facts.external_auth_id {
                    self.external_id_must_be_free(new.facts.external_auth_id.as_ref(), id)?;
                }
                if lets_another_in(&old, &new) {
                    self.must_hold_all_of(act, SubjectId::User(id))?;
                }
                if old.status == Status::Active && new.status != Status::Active {
                    self.authorize_root(act, "users.remove")?;
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
                if new.status != Status::Invited {
                    self.invitations.retain(|known| known.user != id);
                }
                before.must_hold_all_of_whom_credentials_change(act, id, self)
            }
            Command::PutUser {
                id,
                user,
                key,
                profile,
                status,
                facts,
            } => {
                let may_add = self.authorize_root(act, "users.add");
                if may_add.is_err() && self.authorize_root(act, "users.change").is_err() {
                    return may_add;
                }
                let found = self.find_user(user).and_then(|id| self.user(id));
                let text = match user {
                    Ref::Key(text) | Ref::Text(text) => Some(&**text),
                    Ref::Id(_) | Ref::Number(_) | Ref::OfMembership(_) => None,
                };
                // By which key it is named, if it is named by one.
                let named_by = match (found, text) {
                    (Some(user), Some(text)) => {
                        let own = user.key.clone();
                        own.filter(|own| same_key(own.as_str(), text))
                    }
                    (Some(_), None) => None,
                    (None, Some(text)) if !text.starts_with('#') => {
                        Some(Key::from(text.to_owned()))
                    }
                    (None, _) => return Err(unknown("user")),
                };
                if let (Some(given), Some(named_by)) = (key, &named_by)
                    && !same_key(given.as_str(), named_by.as_str())
                {
                    return Err(invalid("key"));
                }
                match found {
                    Some(_) => self.perform_on_users(
                        act,
                        &Command::ChangeUser {
                            user: user.clone(),
                            key: Some(key.clone().or(named_by)),
                            profile: Box::new((**profile).clone().into()),
                            status: Some(*status),
                            facts: facts.clone().into(),
                        },
                    ),
                    None => self.perform_on_users(
                        act,
                        &Command::AddUser {
                            id: *id,
                            number: None,
                            key: named_by,
                            profile: profile.clone(),
                            status: *status,
                            facts: facts.clone(),
                        },
                    ),
                }
            }
            Command::RemoveUser { user } => {
                self.authorize_root(act, "users.remove")?;
                let id = self.find_user(user).ok_or(unknown("user"))?;
                let before = self.clone();
                self.memberships.retain(|one| one.user != id);
                self.root_roles.retain(|(user, _)| *user != id);
                self.user_origins.retain(|(user, _)| *user != id);
                self.grants
                    .retain(|granted| granted.subject != SubjectId::User(id));
                self.in_groups.retain(|one| one.user != id);
                self.invitations.retain(|known| known.user != id);
                self.users.retain(|user| user.id != id);
                before.must_hold_all_of_whom_credentials_change(act, id, self)
            }
            _ => unreachable!(),
        }
    }
}

impl Tenant {
    /// No other user may have this id at an identity provider.
    fn external_id_must_be_free(
        &self,
        wanted: Option<&ExternalId>,
        own: UserId,
    ) -> Result<(), Refusal> {
        let Some(wanted) = wanted else {
            return Ok(());
        };
        for other in self.users.iter().filter(|other| other.id != own) {
            let has = other.facts.external_auth_id.as_ref();
            if has.is_some_and(|has| same_key(&has.to_string(), &wanted.to_string())) {
                return Err(Refusal::Taken {
                    field: "external_auth_id",
                });
            }
        }
        Ok(())
    }

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
            user.profile.email.as_ref().map(address),
            user.facts.email_verified,
            user.facts.external_auth_id.clone(),
        )
    };
    let wakes = old.status != Status::Active && new.status == Status::Active;
    wakes || matched(old) != matched(new)
}
