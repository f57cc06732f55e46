//! Groups, and their users.

use super::Draft;
use super::naming::may_have_id;
use super::numbering::{choose, or_old};
use crate::Change;
use crate::id::{GroupId, GroupNumber, Key};
use crate::model::{Name, Subject};
use crate::reference::Ref;
use crate::refusal::Refusal;
use crate::state::Tree;
use crate::time::Expiry;

impl Draft {
    pub(super) fn add_group(
        &mut self,
        id: GroupId,
        number: Option<u32>,
        key: Option<&Key>,
        name: &Name,
    ) -> Result<(), Refusal> {
        self.authorize_root("groups.add")?;
        let groups = self.state.group_table();
        may_have_id(id.0, groups)?;
        self.may_have_key(key, groups, None)?;
        self.may_have_name(name)?;
        let number = choose(number, |n| groups.is_new(n), groups.numbers().next())?;
        self.push(Change::GroupAdded {
            group: id,
            number: GroupNumber(number),
            key: key.cloned(),
            name: name.clone(),
        });
        Ok(())
    }

    pub(super) fn change_group(
        &mut self,
        reference: &Ref,
        name: Option<&Name>,
        key: Option<&Option<Key>>,
    ) -> Result<(), Refusal> {
        self.authorize_root("groups.change")?;
        let number = self.group(reference)?;
        let Some(old) = self.state.group_node(number).map(|row| row.group.clone()) else {
            return Err(Refusal::not_found("group"));
        };
        let name = or_old(name, &old.name);
        let key = or_old(key, &old.key);
        if key != old.key {
            self.may_have_key(key.as_ref(), self.state.group_table(), Some(number))?;
            // Whatever adds users to a group with that key now means this group.
            self.must_hold_all_of(Subject::Group(number))?;
        }
        if name != old.name {
            self.may_have_name(&name)?;
        }
        if (&name, &key) != (&old.name, &old.key) {
            self.push(Change::GroupChanged {
                group: old.id,
                name,
                key,
            });
        }
        Ok(())
    }

    pub(super) fn remove_group(&mut self, reference: &Ref) -> Result<(), Refusal> {
        self.authorize_root("groups.remove")?;
        let number = self.group(reference)?;
        let Some(row) = self.state.group_node(number).cloned() else {
            return Err(Refusal::not_found("group"));
        };
        self.push_all_revoked(Subject::Group(number), &row.granted);
        for user in row.users.keys() {
            if let Some(user) = self.state.user(*user).map(|user| user.id) {
                self.push(Change::GroupUserRemoved {
                    group: row.group.id,
                    user,
                });
            }
        }
        self.push(Change::GroupRemoved {
            group: row.group.id,
        });
        Ok(())
    }

    /// Adds a user to a group. This gives the user all that the group holds, without an
    /// end.
    pub(super) fn add_group_user(&mut self, group: &Ref, user: &Ref) -> Result<(), Refusal> {
        self.authorize_root("groups.users.add")?;
        let group = self.group(group)?;
        let user = self.user(user);
        let is_in = |row: &crate::state::GroupNode| {
            user.as_ref().is_ok_and(|user| row.users.contains(user))
        };
        let is_in = self.state.group_node(group).is_some_and(is_in);
        let gift = match is_in {
            true => self.gift().given_already(),
            false => self.gift(),
        };
        gift.by_means_of(Tree::ROOT, "groups.users.add", Expiry::NEVER)
            .all_of(Subject::Group(group))
            .must_be_held(None)?;
        // Last, so that a caller that may not do this learns nothing about the user.
        let user = user?;
        if is_in {
            return Ok(());
        }
        if let Some((group, user)) = self.group_and_user(group, user) {
            self.push(Change::GroupUserAdded { group, user });
        }
        Ok(())
    }

    pub(super) fn remove_group_user(&mut self, group: &Ref, user: &Ref) -> Result<(), Refusal> {
        self.authorize_root("groups.users.remove")?;
        let group = self.group(group)?;
        let Some(user) = self.user_if_told(user)? else {
            return Ok(());
        };
        let is_in = |row: &crate::state::GroupNode| row.users.contains(&user);
        if !self.state.group_node(group).is_some_and(is_in) {
            return Ok(());
        }
        if let Some((group, user)) = self.group_and_user(group, user) {
            self.push(Change::GroupUserRemoved { group, user });
        }
        Ok(())
    }

    fn group_and_user(
        &self,
        group: GroupNumber,
        user: crate::id::UserNumber,
    ) -> Option<(GroupId, crate::id::UserId)> {
        Some((
            self.state.group_node(group)?.group.id,
            self.state.user(user)?.id,
        ))
    }
}
