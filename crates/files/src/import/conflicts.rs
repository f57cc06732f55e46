//! Warns of rows that contradict existing grants, where the file only adds.

use std::collections::BTreeMap;

use attache_core::id::Node;
use attache_core::model::{GrantKey, Subject};

use super::fault::{Fault, Spot};
use super::given::{FILE, Given};
use super::labels;
use super::work::Work;
use crate::export::rows::counts;

/// Returns a warning for each expired row whose grant exists and has not expired, except
/// for subjects with another warning.
fn outlasting(
    given: &Given<'_>,
    work: &Work<'_>,
    is_told: impl Fn(&(Node, Subject)) -> bool,
) -> Vec<Fault> {
    let (state, now) = (work.draft.state(), work.ambient.now());
    let mut warnings = Vec::new();
    for ((node, subject, name, parameters), by) in given {
        if by.is_live || is_told(&(*node, *subject)) {
            continue;
        }
        let Some(found) = state.node(*node) else {
            continue;
        };
        let is_it = |key: &GrantKey| {
            let role = state.role(key.role);
            role.is_some_and(|role| role.name.as_str() == *name)
                && key.parameters.canonical() == **parameters
        };
        let mut held = found.grants_of(*subject);
        let held =
            held.find(|(key, grant)| is_it(key) && counts(state.view(now), *node, key, grant));
        let Some((key, grant)) = held else { continue };
        let who = state.subject_id(*subject);
        let who = who.and_then(|id| labels::subject(state, id));
        let cause = format!(
            "{} keeps role {} on {} {}, though the row has expired; --replace grants makes the \
             file the truth",
            who.unwrap_or_default(),
            labels::role(name, &key.parameters),
            labels::node(state, *node),
            labels::until(grant.expires_at()),
        );
        let spot = Spot {
            file: FILE,
            line: by.line,
        };
        warnings.push(spot.fault("expires_at", cause));
    }
    warnings
}

/// Warns of each subject to whom rows give roles on a resource, while it keeps other
/// roles there that no row gives.
pub(super) fn grants(given: &Given<'_>, work: &mut Work<'_>) {
    let (before, state, now) = (work.before, work.draft.state(), work.ambient.now());
    // The first line about each subject on a resource.
    let mut lines: BTreeMap<(Node, Subject), u64> = BTreeMap::new();
    for ((node, subject, ..), by) in given {
        let held = before.node(*node);
        let holds_any = held.is_some_and(|found| found.grants_of(*subject).next().is_some());
        if by.is_live && holds_any {
            let line = lines.entry((*node, *subject)).or_insert(by.line);
            *line = by.line.min(*line);
        }
    }
    let mut warnings = outlasting(given, work, |place| lines.contains_key(place));
    for ((node, subject), line) in lines {
        let given_by = |key: &GrantKey| {
            let role = state.role(key.role)?;
            let parameters = key.parameters.canonical();
            let by = given.get(&(node, subject, role.name.as_str(), &parameters));
            by.copied()
        };
        let named = |key: &GrantKey| {
            let role = state.role(key.role)?;
            Some(labels::role(role.name.as_str(), &key.parameters))
        };
        let Some(found) = state.node(node) else {
            continue;
        };
        let held = || {
            let all = found.grants_of(subject);
            all.filter(|(key, grant)| counts(state.view(now), node, key, grant))
                .map(|(key, _)| key)
        };
        let kept: Vec<String> = held()
            .filter(|key| given_by(key).is_none_or(|by| !by.is_live))
            .filter_map(named)
            .collect();
        if kept.is_empty() {
            continue;
        }
        let was = |key: &&GrantKey| {
            let old = before.node(node).and_then(|found| found.grants.get(*key));
            old.is_some_and(|grant| counts(before.view(now), node, key, grant))
        };
        let new = held().filter(|key| !was(key)).filter_map(named);
        let new: Vec<String> = new.collect();
        let also = match new.is_empty() {
            true => ", which this file does not give".to_owned(),
            false => format!(", gets {} too", new.join(", ")),
        };
        let who = state.subject_id(subject);
        let who = who.and_then(|id| labels::subject(state, id));
        let noun = if kept.len() == 1 { "role" } else { "roles" };
        let cause = format!(
            "{} keeps {noun} {} on {}{also}; --replace grants makes the file the truth",
            who.unwrap_or_default(),
            kept.join(", "),
            labels::node(state, node),
        );
        warnings.push(Spot { file: FILE, line }.fault("role", cause));
    }
    work.warnings.extend(warnings);
}
