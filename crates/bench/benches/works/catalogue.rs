//! Catalogues of many patterns: what is made of one grows with its size, not with
//! its square; and a check looks through the patterns of a role.

use attache_core::catalogue::{Pattern, Role};
use attache_core::id::{EntryId, RoleId};
use attache_core::model::Parameters;
use attache_core::{Actor, Catalogue, Change, Changes, Entry, State};
use uuid::Uuid;

use super::town::{Town, USUAL, may, member, subject};
use super::{Failure, Work};

/// Patterns of one role.
const MANY: usize = 1_000;

pub(super) fn works(town: &Town) -> Result<Vec<Work>, Failure> {
    let node = town.node("customer", USUAL)?;
    let now = town.now;
    // The fifth member holds `viewer` and `cro`.
    let viewer = subject(member(USUAL, 4));
    let mut works = Vec::new();
    for roles in [5, 10, 20, 40] {
        let set = entry(&town.state, with(roles)?);
        let name = format!("catalogue/set, and made of {} patterns", roles * MANY);
        works.push(Work::asks(&name, 1, move |state| {
            let mut state = state.clone();
            state.apply(&set);
            state.view(now).sees(viewer, node).into()
        }));
    }
    let mut catalogue = with(0)?;
    for role in &mut catalogue.roles {
        if ["viewer", "cro"].contains(&role.name.as_str()) {
            role.permissions = patterns("customers.many", MANY)?;
        }
    }
    let mut large = town.state.clone();
    large.apply(&entry(&town.state, catalogue));
    for (what, wanted, allowed) in [
        ("the last of 1,000", "customers.many.k999", true),
        ("none of 2 × 1,000", "customers.users.list", false),
    ] {
        let (state, wanted) = (large.clone(), may(wanted)?);
        let name = format!("catalogue/check, {what} patterns");
        let none = Parameters::none();
        works.push(Work::asks(&name, 1, move |_| {
            let access = state.view(now).access(viewer, &wanted, node, &none);
            usize::from(access.is_allowed() == allowed)
        }));
    }
    Ok(works)
}

fn patterns(front: &str, many: usize) -> Result<Vec<Pattern>, Failure> {
    (0..many).map(|n| may(&format!("{front}.k{n}"))).collect()
}

/// The starting catalogue, and so many roles more.
fn with(roles: usize) -> Result<Catalogue, Failure> {
    let mut catalogue = Catalogue::starting().map_err(|found| format!("{found:?}"))?;
    for n in 0..roles {
        catalogue.roles.push(Role {
            id: RoleId(Uuid::from_u128(n as u128)),
            name: format!("many-{n}").as_str().into(),
            kind: "customer".into(),
            label: "Many".to_owned(),
            description: String::new(),
            permissions: patterns(&format!("things.r{n}"), MANY)?,
            scoped: Vec::new(),
            parameters: Vec::new(),
        });
    }
    Ok(catalogue)
}

fn entry(state: &State, catalogue: Catalogue) -> Entry {
    Entry {
        id: EntryId(Uuid::from_u128(9)),
        revision: state.revision().next(),
        at: state.at(),
        actor: Actor::Operator,
        correlation_id: "bench".into(),
        head: attache_core::EntryHead::default(),
        changes: Changes {
            list: vec![Change::CatalogueSet {
                catalogue: Box::new(catalogue),
                added: Vec::new(),
            }],
            ..Changes::default()
        },
    }
}
