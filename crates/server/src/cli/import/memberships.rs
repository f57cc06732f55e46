//! `memberships.csv`

use attache_core::id::Node;
use attache_core::{Command, Locator, Ref, Refusal, Timestamp};

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
    let mut rows: Vec<(usize, Option<Node>, &MembershipRow)> = rows
        .iter()
        .map(|row| {
            let state = work.draft.state();
            let node = state.find(&locator(&row.resource));
            (node.map_or(0, |node| state.up(node).count()), node, row)
        })
        .collect();
    rows.sort_by_key(|(depth, ..)| *depth);
    for (_, node, row) in rows {
        one(row, node, work);
        work.step();
    }
}

fn one(row: &MembershipRow, node: Option<Node>, work: &mut Work<'_>) {
    let state = work.draft.state();
    let user = state.find_user(&reference(&row.user));
    let found = node.and_then(|node| Some((node, state.resource(node)?.id)));
    if found.is_none() {
        work.unknown(row.spot, "resource", &row.resource);
    }
    let Some(number) = user else {
        return work.unknown(row.spot, "user", &row.user);
    };
    let end = row.expires_at.flatten();
    let Some((node, id)) = found else { return };
    if work.is_over(end) {
        return;
    }
    let is_member = work
        .draft
        .state()
        .is_member(node, number, work.ambient.now());
    // By what is found without comparing texts.
    let (resource, user) = (Locator::id(id), Ref::Number(number.0));
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
