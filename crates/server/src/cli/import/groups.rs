//! `groups.csv` and `group_users.csv`

use std::collections::HashMap;

use attache_core::id::{GroupId, GroupNumber, UserNumber};
use attache_core::{Command, Ref};

use super::fault::{Fault, Spot};
use super::identify::{Match, add, identify};
use super::named::{NamedRow, column, describes, names};
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
        work.step();
    }
}

fn one(row: &GroupRow, work: &mut Work<'_>) {
    match identify(row, work) {
        None => {}
        Some(Match::New(number)) => {
            let GroupRow(named) = row;
            let id = named.id.unwrap_or_else(|| work.ambient.id());
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
            user: row.needed("user")?.to_owned(),
        })
    }
}

pub(super) fn plan_users(rows: &[GroupUserRow], work: &mut Work<'_>) {
    let mut lines: HashMap<(GroupNumber, UserNumber), u64> = HashMap::new();
    for row in rows {
        let group = work.group(row.spot, "group", &row.group);
        let user = work.user(row.spot, "user", &row.user);
        if let (Some(group), Some(user)) = (group, user) {
            match lines.insert((group, user), row.spot.line) {
                Some(line) => {
                    let cause =
                        format!("stands twice: line {line} puts this user into the group too");
                    work.wrong(row.spot.fault("user", cause));
                }
                None => {
                    let (group, user) = (Ref::Number(group.0), Ref::Number(user.0));
                    work.run(row.spot, &Command::AddGroupUser { group, user }, |_| "");
                }
            }
        }
        work.step();
    }
}
