//! `groups.csv` and `group_users.csv`

use std::collections::{BTreeMap, HashMap};

use attache_core::id::{GroupId, GroupNumber, Key, UserNumber};
use attache_core::model::Name;
use attache_core::{Command, Ref, State};
use uuid::Uuid;

use super::comebacks::Fact;
use super::fault::{Fault, Spot};
use super::named::{NamedFile, NamedRow};
use super::replace;
use super::row::Row;
use super::thing::What;
use super::work::{FromRow, Work};

/// The kind of thing in `groups.csv`.
pub(super) struct Groups;

pub(super) type GroupRow = NamedRow<Groups>;

impl NamedFile for Groups {
    const FILE: &'static str = "groups.csv";
    const WHAT: What<'static> = What::Group;

    fn add(id: Uuid, number: Option<u32>, key: Option<Key>, name: Name) -> Command {
        Command::AddGroup {
            id: GroupId(id),
            number,
            key,
            name,
        }
    }

    fn change(id: Uuid, key: Option<Key>, name: Name) -> Command {
        Command::ChangeGroup {
            group: GroupId(id).into(),
            name: Some(name),
            key: key.map(Some),
        }
    }
}

pub(super) struct GroupUserRow {
    spot: Spot,
    pub(super) group: String,
    /// Empty for a group without users. Only if the file is the truth.
    pub(super) user: String,
}

impl FromRow for GroupUserRow {
    const FILE: &'static str = "group_users.csv";
    const REQUIRED: &'static [&'static str] = &["group", "user"];
    const OPTIONAL: &'static [&'static str] = &[];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        Ok(Self {
            spot: row.spot,
            group: row.needed("group")?.to_owned(),
            user: row.cell("user").unwrap_or_default().to_owned(),
        })
    }

    fn check(&self, is_read: &dyn Fn(&str) -> bool, work: &mut Work<'_>) {
        if is_read("group") {
            work.group(self.spot, "group", &self.group);
        }
        if is_read("user") && !self.user.is_empty() {
            work.user(self.spot, "user", &self.user);
        }
    }
}

pub(super) fn plan_users(rows: &[GroupUserRow], work: &mut Work<'_>) {
    let mut lines: HashMap<(GroupNumber, UserNumber), u64> = HashMap::new();
    // The groups that rows name, with the first row of each.
    let mut named: BTreeMap<GroupNumber, Spot> = BTreeMap::new();
    for row in rows {
        let group = work.group(row.spot, "group", &row.group);
        if let Some(group) = group {
            named.entry(group).or_insert(row.spot);
        }
        if row.user.is_empty() {
            work.nobody(row.spot, "user", work.options.replace.group_users);
            work.step(row.spot);
            continue;
        }
        let user = work.user(row.spot, "user", &row.user);
        if let (Some(group), Some(user)) = (group, user) {
            match lines.insert((group, user), row.spot.line) {
                Some(line) => {
                    let cause =
                        format!("is repeated: line {line} puts this user into the group too");
                    work.wrong(row.spot.fault("user", cause));
                }
                None => {
                    put(row.spot, group, user, work);
                }
            }
        }
        work.step(row.spot);
    }
    if work.options.replace.group_users {
        replace::group_users(&named, &lines, work);
    }
}

fn put(spot: Spot, group: GroupNumber, user: UserNumber, work: &mut Work<'_>) {
    let since = |before: &State| {
        let user = before.user(user)?;
        Some(
            before
                .group_node(group)?
                .group
                .created_at
                .max(user.created_at),
        )
    };
    let fact = |state: &State| {
        let user = state.user(user)?.id;
        Some(Fact::GroupUser(state.group_node(group)?.group.id, user))
    };
    let command = Command::AddGroupUser {
        group: Ref::Number(group.0),
        user: Ref::Number(user.0),
    };
    work.run(spot, &command, |_| "");
    work.may_come_back(spot, "user", since, fact);
}
