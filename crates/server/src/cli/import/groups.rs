//! `groups.csv` and `group_users.csv`

use attache_core::id::{GroupId, GroupNumber};
use attache_core::{Command, Ref};

use super::named::{NamedRow, column};
use super::sheet::{Fault, Row, Spot};
use super::work::{FromRow, Work, matching};
use crate::cli::arguments::reference;

pub(super) struct GroupRow(NamedRow);

impl FromRow for GroupRow {
    const FILE: &'static str = "groups.csv";
    const REQUIRED: &'static [&'static str] = NamedRow::REQUIRED;
    const OPTIONAL: &'static [&'static str] = NamedRow::OPTIONAL;

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        NamedRow::read(row).map(Self)
    }

    fn names(row: &Row<'_>) -> Vec<String> {
        row.filled("key").map(str::to_owned).into_iter().collect()
    }
}

pub(super) fn plan(rows: &[GroupRow], work: &mut Work<'_>) {
    for row in rows {
        one(row, work);
        work.step();
    }
}

fn one(GroupRow(row): &GroupRow, work: &mut Work<'_>) {
    let state = work.draft.state();
    let found = matching(
        row.id.and_then(|id| state.find_group(&Ref::Id(id))),
        row.key
            .as_ref()
            .and_then(|key| state.find_group(&Ref::key(key.as_str()))),
        row.number
            .and_then(|number| state.find_group(&Ref::Number(number))),
        |number: GroupNumber| {
            state
                .group_node(number)
                .is_some_and(|row| row.group.key.is_some())
        },
        row.key.is_some(),
    );
    let command = match found {
        Err(reason) => return work.wrong(row.spot.fault("number", reason)),
        Ok(None) => Command::AddGroup {
            id: GroupId(row.id.unwrap_or_else(|| work.ambient.id())),
            number: row.number,
            key: row.key.clone(),
            name: row.name.clone(),
        },
        Ok(Some(number)) => {
            let Some(group) = state.group_node(number).map(|row| row.group.id) else {
                return;
            };
            if row.number.is_some_and(|wanted| wanted != number.0) {
                let cause = format!("is {number} already, and cannot change");
                return work.wrong(row.spot.fault("number", cause));
            }
            Command::ChangeGroup {
                group: group.into(),
                name: Some(row.name.clone()),
                key: row.key.clone().map(Some),
            }
        }
    };
    work.run(row.spot, &command, column);
}

pub(super) struct GroupUserRow {
    spot: Spot,
    group: String,
    user: String,
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
    for row in rows {
        let (group, user) = (reference(&row.group), reference(&row.user));
        let state = work.draft.state();
        let (has_group, has_user) = (
            state.find_group(&group).is_some(),
            state.find_user(&user).is_some(),
        );
        if !has_group {
            work.unknown(row.spot, "group", &row.group);
        }
        if !has_user {
            work.unknown(row.spot, "user", &row.user);
        }
        if has_group && has_user {
            work.run(row.spot, &Command::AddGroupUser { group, user }, |_| "");
        }
        work.step();
    }
}
