//! `memberships.csv`

use attache_core::{Command, Refusal, Timestamp};

use super::sheet::{Fault, Row, Spot};
use super::work::{FromRow, Work};
use crate::cli::arguments::{locator, reference};

pub(super) struct MembershipRow {
    spot: Spot,
    resource: String,
    user: String,
    /// `None` if the file does not say.
    expires_at: Option<Option<Timestamp>>,
}

impl FromRow for MembershipRow {
    const FILE: &'static str = "memberships.csv";
    const REQUIRED: &'static [&'static str] = &["resource", "user"];
    const OPTIONAL: &'static [&'static str] = &["expires_at"];

    fn read(row: &Row<'_>) -> Result<Self, Fault> {
        let expires_at = row.time("expires_at")?;
        Ok(Self {
            spot: row.spot,
            resource: row.needed("resource")?.to_owned(),
            user: row.needed("user")?.to_owned(),
            expires_at: row.cell("expires_at").map(|_| expires_at),
        })
    }
}

/// From the root down: a chatbot's users must be its workspace's first.
pub(super) fn plan(rows: &[MembershipRow], work: &mut Work<'_>) {
    let mut rows: Vec<(usize, &MembershipRow)> = rows
        .iter()
        .map(|row| {
            let state = work.draft.state();
            let node = state.find(&locator(&row.resource));
            (node.map_or(0, |node| state.up(node).count()), row)
        })
        .collect();
    rows.sort_by_key(|(depth, _)| *depth);
    for (depth, row) in rows {
        one(row, depth > 0, work);
        work.step();
    }
}

fn one(row: &MembershipRow, has_resource: bool, work: &mut Work<'_>) {
    let (resource, user) = (locator(&row.resource), reference(&row.user));
    let found = work.draft.state().find_user(&user);
    if !has_resource {
        work.unknown(row.spot, "resource", &row.resource);
    }
    let Some(number) = found else {
        return work.unknown(row.spot, "user", &row.user);
    };
    let end = row.expires_at.flatten();
    if !has_resource || work.is_over(end) {
        return;
    }
    let state = work.draft.state();
    let now = work.ambient.now();
    let is_member = state
        .find(&resource)
        .is_some_and(|node| state.is_member(node, number, now));
    let command = match row.expires_at {
        Some(expires_at) if is_member => Command::ChangeMember {
            resource,
            user,
            expires_at,
        },
        _ => Command::AddMember {
            resource,
            user,
            expires_at: end,
        },
    };
    work.run(row.spot, &command, |refusal| match refusal {
        Refusal::NotInParent { .. } => "user",
        _ => "resource",
    });
}
