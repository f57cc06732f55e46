//! Groups, and who is in them.

use attache_core::id::{GroupId, GroupNumber};
use attache_core::model::{Giver, Group, SubjectId};
use attache_core::{Command, Ref, Refusal};

use super::holding::work;
use super::run::{id_must_be_free, key_must_be_free, unknown};
use super::{Act, InGroup, Tenant};

impl Tenant {
    pub(crate) fn perform_on_groups(
        &mut self,
        act: &Act,
        command: &Command,
    ) -> Result<(), Refusal> {
        match command {
            Command::AddGroup {
                id,
                number,
                key,
                name,
            } => {
                self.authorize_root(act, "groups.add")?;
                id_must_be_free(
                    id.0,
                    self.groups.iter().map(|it| (it.id.0, it.key.as_ref())),
                )?;
                self.key_must_be_good(key.as_ref())?;
                key_must_be_free(
                    key.as_ref(),
                    self.groups.iter().map(|it| (it.id.0, it.key.as_ref())),
                )?;
                let number = self.number("/group", *number)?;
                self.use_number("/group", number);
                self.note(act, "group", id);
                self.groups.push(Group {
                    id: *id,
                    number: GroupNumber(number),
                    key: key.clone(),
                    name: name.clone(),
                    created_at: act.stamp,
                    created_by: Giver::UNKNOWN,
                });
                Ok(())
            }
            Command::ChangeGroup { group, name, key } => {
                self.authorize_root(act, "groups.change")?;
                let id = self.group(group)?;
                let old = self.groups.iter().find(|group| group.id == id);
                if let Some(key) = key
                    && old.is_some_and(|old| old.key != *key)
                {
                    self.key_must_be_good(key.as_ref())?;
                    let others = self.groups.iter().filter(|other| other.id != id);
                    key_must_be_free(key.as_ref(), others.map(|it| (it.id.0, it.key.as_ref())))?;
                    // A group of another key is another group to who names it so.
                    self.must_hold_all_of(act, SubjectId::Group(id))?;
                }
                for group in self.groups.iter_mut().filter(|group| group.id == id) {
                    group.name = name.clone().unwrap_or(group.name.clone());
                    group.key = key.clone().unwrap_or(group.key.clone());
                }
                Ok(())
            }
            Command::RemoveGroup { group } => {
                self.authorize_root(act, "groups.remove")?;
                let id = self.group(group)?;
                self.grants
                    .retain(|granted| granted.subject != SubjectId::Group(id));
                self.in_groups.retain(|one| one.group != id);
                self.groups.retain(|group| group.id != id);
                Ok(())
            }
            Command::AddGroupUser { group, user } => {
                self.authorize_root(act, "groups.users.add")?;
                let group = self.group(group)?;
                // Who is put into a group is given all that the group holds.
                let user = self.find_user(user);
                let mut given = self.all_of(act, SubjectId::Group(group));
                let root = self.root().expect("the caller was let in");
                given.push(work(root, "tenants.groups.users.add", None));
                match user.is_some_and(|user| self.is_in_group(group, user)) {
                    true => self.must_hold_now(act, &given)?,
                    false => self.must_hold(act, None, &given)?,
                }
                let user = user.ok_or(unknown("user"))?;
                if !self.is_in_group(group, user) {
                    self.in_groups.push(InGroup {
                        group,
                        user,
                        added_at: act.stamp,
                        added_by: act.by.actor,
                        origin: act.origin,
                    });
                }
                Ok(())
            }
            Command::RemoveGroupUser { group, user } => {
                self.authorize_root(act, "groups.users.remove")?;
                let group = self.group(group)?;
                match self.find_user(user) {
                    Some(user) => self
                        .in_groups
                        .retain(|one| (one.group, one.user) != (group, user)),
                    None if self.may_list(act, "users") => return Err(unknown("user")),
                    None => {}
                }
                Ok(())
            }
            _ => unreachable!(),
        }
    }

    fn group(&self, group: &Ref) -> Result<GroupId, Refusal> {
        self.find_group(group).ok_or(unknown("group"))
    }
}
