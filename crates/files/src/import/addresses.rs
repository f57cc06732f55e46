//! Warns of verified e-mail addresses that several users have.

use std::collections::HashMap;

use attache_core::id::UserId;
use attache_core::model::{Subject, SubjectId, User};
use attache_core::{Ref, State};
use uuid::Uuid;

use super::fault::{Fault, Spot};
use super::report::Report;
use super::thing::What;

/// Returns a warning for each row whose user shares a verified address with another user:
/// a sign-in with it finds neither.
pub(super) fn shared(
    file: &'static str,
    lines: &HashMap<Uuid, u64>,
    before: &State,
    after: &State,
) -> Vec<Fault> {
    let report = Report::new(before, after);
    let mut warnings = Vec::new();
    for (id, line) in lines {
        let subject = after.subject(SubjectId::User(UserId(*id)));
        let Some(Subject::User(number)) = subject else {
            continue;
        };
        let Some(address) = after.user(number).and_then(verified) else {
            continue;
        };
        let others = after.users_by_verified_email(address);
        let others: Vec<String> = others
            .filter(|other| *other != number)
            .filter_map(|other| {
                let thing = What::User.find(after, &Ref::Number(other.0))?;
                let root = match report.is_at_root(other) {
                    true => " with a role at the root",
                    false => "",
                };
                Some(format!("{}{root}", thing.described(What::User)))
            })
            .collect();
        if !others.is_empty() {
            let spot = Spot { file, line: *line };
            let cause = format!(
                "is verified for {} too: a token that finds its user by this address finds nobody",
                others.join(" and ")
            );
            warnings.push(spot.fault("email", cause));
        }
    }
    warnings.sort_by_key(Fault::place);
    warnings
}

fn verified(user: &User) -> Option<&str> {
    let address = user.profile.email.as_ref()?.as_str();
    user.facts.email_verified.then_some(address)
}
