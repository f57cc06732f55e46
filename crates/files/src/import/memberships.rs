//! `memberships.csv`

use attache_core::id::{Node, UserNumber};
use attache_core::model::Subject;
use attache_core::{Command, Locator, Ref, Refusal, State};
use attache_http::naming::locator;

use super::comebacks::Fact;
use super::fault::Spot;
use super::labels;
use super::membership_row::{MembershipRow, Placed, named};
use super::replace;
use super::work::{FromRow, Work};

/// The membership of a row, and the row's line.
type Line = (Node, UserNumber, u64);

/// The memberships of the rows so far.
struct Lines {
    all: Vec<Line>,
    /// Whether two rows may be about one membership.
    may_repeat: bool,
}

/// Plans the rows from the root down, since a chatbot's users must first be attached to
/// its workspace.
pub(super) fn plan(rows: &[MembershipRow], work: &mut Work<'_>) {
    let mut deep: Vec<Placed<'_>> = rows
        .iter()
        .map(|row| {
            let (locator, is_sure) = work.in_files(locator(&row.resource));
            let state = work.draft.state();
            let node = state.find(&locator);
            let depth = node.map_or(0, |node| state.up(node).count());
            (depth, node.filter(|_| is_sure), row)
        })
        .collect();
    deep.sort_by_key(|(depth, ..)| *depth);
    if work.options.replace.memberships {
        replace::memberships(&deep, work);
    }
    let mut lines = Lines {
        all: Vec::with_capacity(rows.len()),
        may_repeat: false,
    };
    for (_, node, row) in deep {
        one(row, node, &mut lines, work);
        work.step(row.spot);
    }
    if lines.may_repeat {
        lines.repeated(work);
    }
}

fn one(row: &MembershipRow, found: Option<Node>, lines: &mut Lines, work: &mut Work<'_>) {
    let node = found.or_else(|| work.resource(row.spot, "resource", &row.resource));
    if row.user.is_empty() {
        work.nobody(row.spot, "user", work.options.replace.memberships);
        return;
    }
    let user = work.user(row.spot, "user", &row.user);
    let (Some(node), Some(user)) = (node, user) else {
        return;
    };
    lines.all.push((node, user, row.spot.line));
    let end = row.expires_at.flatten();
    if work.is_over(end) {
        lines.may_repeat = true;
        outlasts(row, node, user, work);
        return;
    }
    let state = work.draft.state();
    let Some(id) = state.resource(node).map(|resource| resource.id) else {
        return;
    };
    let is_member = state.view(work.ambient.now()).is_member(node, user);
    lines.may_repeat |= is_member;
    if is_member && node == state.root() && end.is_none() {
        // Every user is attached to the root, without an end.
        return;
    }
    let number = user;
    // Found without comparing texts.
    let (resource, user) = (Locator::id(id), Ref::Number(user.0));
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
    let before = work.faults.len();
    work.run(row.spot, &command, |refusal| match refusal {
        Refusal::NotInParent { .. } => "user",
        Refusal::Invalid { field, .. } if &**field == "expires_at" => "expires_at",
        _ => "resource",
    });
    if work.faults.len() > before {
        work.failed.insert(named(&row.resource, &row.user));
    }
    if !is_member {
        let since = |before: &State| {
            let user = before.user(number)?;
            Some(before.resource(node)?.created_at.max(user.created_at))
        };
        let fact = |state: &State| Some(Fact::Member(id, state.user(number)?.id));
        work.may_come_back(row.spot, "user", since, fact);
    }
}

/// Warns of an expired row whose membership has not expired: adding rows does not end it.
fn outlasts(row: &MembershipRow, node: Node, user: UserNumber, work: &mut Work<'_>) {
    let (state, now) = (work.draft.state(), work.ambient.now());
    if work.options.replace.memberships || node == state.root() {
        return;
    }
    let Some(member) = state.view(now).member(node, user) else {
        return;
    };
    let who = state.subject_id(Subject::User(user));
    let who = who.and_then(|id| labels::subject(state, id));
    let cause = format!(
        "{} stays attached to {} {}, though the row has expired; --replace memberships makes \
         the file the truth",
        who.unwrap_or_default(),
        labels::node(state, node),
        labels::until(member.membership.expires_at()),
    );
    work.warnings.push(row.spot.fault("expires_at", cause));
}

impl Lines {
    /// Rows about a membership that an earlier row is about.
    fn repeated(&mut self, work: &mut Work<'_>) {
        self.all.sort_unstable();
        for pair in self.all.windows(2) {
            if let [(node, user, first), (same_node, same_user, line)] = pair
                && (node, user) == (same_node, same_user)
            {
                let spot = Spot {
                    file: MembershipRow::FILE,
                    line: *line,
                };
                let cause =
                    format!("is repeated: line {first} attaches this user to the resource too");
                work.wrong(spot.fault("user", cause));
            }
        }
    }
}
