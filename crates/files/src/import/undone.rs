//! Warns of rows that contradict the present standing of a user: who regains access, and
//! who loses it.
//!
//! Importing the same file again would undo what happened since the first import: a
//! deactivation, an accepted invitation, a first login.

use attache_core::Ref;
use attache_core::id::UserId;
use attache_core::model::{Status, SubjectId};
use uuid::Uuid;

use super::fault::Spot;
use super::labels;
use super::work::Work;

/// The standing that a row gives an existing user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) status: Option<Status>,
    pub(super) first_login: Option<bool>,
    /// `None` also if the row gives another address, which is not verified yet.
    pub(super) email_verified: Option<bool>,
}

/// Warns of what a row undoes, or refuses it in a strict import. Returns the status and
/// first login to take from the row: an active user is not invited again.
pub(super) fn warn(
    said: Standing,
    spot: Spot,
    id: Uuid,
    work: &mut Work<'_>,
) -> (Option<Status>, Option<bool>) {
    let mut taken = (said.status, said.first_login);
    let state = work.draft.state();
    let found = state.find_user(&Ref::Id(id));
    let Some(user) = found.and_then(|number| state.user(number)) else {
        return taken;
    };
    let mut doubts: Vec<(&str, String)> = Vec::new();
    match said.status {
        Some(Status::Invited) if user.status == Status::Active => {
            // The row is older than the acceptance of the invitation.
            taken = (None, said.first_login.filter(|is_first| !is_first));
            let cause = "active → invited is passed over: who is active is not invited again";
            doubts.push(("status", cause.to_owned()));
        }
        Some(new) => {
            let (old, new) = (user.status, new);
            let doubt = effect(old, new).map(|effect| {
                let (old, new) = (name(old), name(new));
                ("status", format!("{old} → {new} {effect}"))
            });
            doubts.extend(doubt);
        }
        None => {}
    }
    if taken.1 == Some(true) && !user.facts.first_login {
        let cause = "false → true undoes the first login";
        doubts.push(("first_login", cause.to_owned()));
    }
    if said.email_verified == Some(false) && user.facts.email_verified {
        let cause = "true → false: no token finds the user by this address any more";
        doubts.push(("email_verified", cause.to_owned()));
    }
    if doubts.is_empty() {
        return taken;
    }
    let who = labels::subject(state, SubjectId::User(UserId(id))).unwrap_or_default();
    for (column, cause) in doubts {
        let cause = format!("{who}: {cause}; an empty cell keeps what is there");
        let doubt = spot.fault(column, cause);
        match work.options.strict {
            true => work.wrong(doubt),
            false => work.warnings.push(doubt),
        }
    }
    taken
}

/// Returns the effect of a status change on the user's access.
fn effect(old: Status, new: Status) -> Option<&'static str> {
    match (old, new) {
        (Status::Inactive, Status::Active) => Some("gives access back"),
        (Status::Inactive, Status::Invited) => Some("lets the user come back by an invitation"),
        (Status::Invited, Status::Active) => Some("gives access without an accepted invitation"),
        (Status::Active | Status::Invited, Status::Inactive) => Some("takes access away"),
        _ => None,
    }
}

fn name(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Inactive => "inactive",
        Status::Invited => "invited",
    }
}
