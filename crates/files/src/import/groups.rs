//! `groups.csv` and `group_users.csv`

use std::collections::{BTreeMap, HashMap};

use attache_core::id::{GroupId, GroupNumber, UserNumber};
use attache_core::{Command, Ref, State};

use super::comebacks::Fact;
use super::fault::{Fault, Spot};
use super::identify::{Match, add, identify};
use super::named::{NamedRow, column, describes, names};
use super::replace;
use super::row::Row;
use super::thing::What;
use super::work::{FromRow, Work};

pub(super) struct GroupRow(NamedRow);

describes!(GroupRow, What::Group);

impl FromRow for GroupRow {
    const FILE: &'static str = "groups.csv";
    const REQUIRED: &'static [&'static str] = NamedRow::REQUIRED;
    const OPTIONAL: &'static [&'static str] = NamedRow::OPTIONAL;

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        NamedRow::read(row).map(Self)
    }

    fn names(row: &Row<'_>) -> Vec<String> {
        names(row)
    }
}

pub(super) fn plan(rows: &[GroupRow], work: &mut Work<'_>) {
    work.reserve(rows);
    for row in rows {
        one(row, work);
        work.step(row.0.spot);
    }
}

fn one(row: &GroupRow, work: &mut Work<'_>) {
    match identify(row, work) {
        None => {}
        Some(Match::New(number)) => {
            let GroupRow(named) = row;
            let id = named.id.unwrap_or_else(|| work.new_id(row, number));
            let command = |number| Command::AddGroup {
                id: GroupId(id),
                number,
                key: named.key.clone(),
                name: named.name.clone(),
            };
            add(row, id, number, work, command, column);
        }
        Some(Match::There(id)) => {
            let GroupRow(named) = row;
            let command = Command::ChangeGroup {
                group: GroupId(id).into(),
                name: Some(named.name.clone()),
                key: named.key.clone().map(Some),
            };
            work.change(row, &command, column);
        }
    }
}

pub(super) struct GroupUserRow {
    spot: Spot,
    pub(super) group: String,
    /// Empty: the group has nobody, where the file is the truth.
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
                        format!("stands twice: line {line} puts this user into the group too");
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
