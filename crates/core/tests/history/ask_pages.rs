//! Who can reach what, attached or not, page by page, and through what.

use attache_core::ask::{
    After, Include, Last, People, Person as CorePerson, Sort, Source, SourceKind, Wanted,
};
use attache_core::collation::Folded;
use attache_core::id::{GroupNumber, Node, ResourceId, UserId};
use attache_core::model::{Status, User};
use attache_core::state::RoleIndex;
use attache_core::time::Expiry;
use attache_core::{State, Timestamp};

use super::ask_people::{FIELDS, value};
use super::random::Random;
use super::universe::{GROUPS, USERS, user};
use super::{Questions, same};
use crate::naive::{Person, Tenant, Through};

type Row = (UserId, Option<(Timestamp, Expiry)>);

pub(crate) fn compare(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let mut include = random.below(2);
    for (node, found) in state.resources() {
        let on = found.resource.id;
        for user in &model.users {
            if random.percent(15) {
                through(state, model, at, (on, node), user, questions)?;
            }
        }
        // A part of the resources; over all histories each question comes often.
        if random.percent(50) {
            continue;
        }
        include += 1;
        let people = People {
            include: [Include::Direct, Include::Effective][include % 2],
            ..people(model, random)
        };
        all_pages(state, model, at, (on, node), people.clone(), questions)?;
        if random.percent(25) {
            let people = People {
                after: Some(somewhere(&people, random)),
                ..people
            };
            one_page(state, model, at, (on, node), &people, questions)?;
        }
    }
    Ok(())
}

fn through(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    (on, node): (ResourceId, Node),
    user: &User,
    questions: &mut Questions,
) -> Result<(), String> {
    let path: Vec<Node> = state.up(node).map(|(above, _)| above).collect();
    let of = |source: &Source<'_>| path.iter().position(|above| *above == source.on);
    let via = state.via(node, user.number, at);
    let id = user.id;
    let is_sound = via.is_sorted_by_key(of) && via.iter().all(|source| source.live);
    same!(
        questions,
        is_sound,
        true,
        "what {id} reaches {on} through, from below"
    );
    let core = via.iter().map(|source| Through {
        above: of(source).expect("it stands there or above"),
        granted: match source.kind {
            SourceKind::Membership => None,
            SourceKind::Grant { key, grant, group } => {
                let role = state.role(key.role).expect("what is granted is a role");
                let group = group.and_then(|group| state.group_node(group));
                Some((
                    role.name.as_str(),
                    &key.parameters,
                    grant.granted_at,
                    grant.expires_at,
                    group.map(|row| row.group.id),
                ))
            }
        },
    });
    let mut core: Vec<Through<'_>> = core.collect();
    let mut expected = model.through(on, id, at);
    core.sort_unstable();
    expected.sort_unstable();
    same!(questions, core, expected, "what {id} reaches {on} through");
    Ok(())
}

fn core_rows(people: &[CorePerson<'_>]) -> Vec<Row> {
    let row = |person: &CorePerson<'_>| {
        let attached = person.membership.map(|it| (it.added_at, it.expires_at));
        (person.user().id, attached)
    };
    people.iter().map(row).collect()
}

fn rows(people: &[Person<'_>]) -> Vec<Row> {
    people
        .iter()
        .map(|(user, attached)| (user.id, *attached))
        .collect()
}

/// The pages, one after the other, are the whole list.
fn all_pages(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    (on, node): (ResourceId, Node),
    mut people: People,
    questions: &mut Questions,
) -> Result<(), String> {
    let (all, total) = model.people(on, at, &people);
    let mut walked: Vec<Row> = Vec::new();
    loop {
        let (page, next) = state.people(node, at, &people);
        same!(questions, page.total, total, "how many {people:?} of {on}");
        walked.extend(core_rows(&page.items));
        let is_full = page.items.len() == people.take;
        if walked.len() > total || next.is_some() && !is_full {
            return Err(format!("{people:?} of {on}: a page with {walked:?}"));
        }
        people.after = next;
        if people.after.is_none() {
            break;
        }
    }
    same!(
        questions,
        walked,
        rows(&all),
        "{people:?} of {on}, page by page"
    );
    Ok(())
}

/// A page begins wherever it is told to, whether or not anybody stands there.
fn one_page(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    (on, node): (ResourceId, Node),
    people: &People,
    questions: &mut Questions,
) -> Result<(), String> {
    let (rest, total) = model.people(on, at, people);
    let (page, next) = state.people(node, at, people);
    let count = people.take.min(rest.len());
    let core = (core_rows(&page.items), page.total, next.is_some());
    let expected = (rows(&rest[..count]), total, count < rest.len());
    same!(questions, core, expected, "{people:?} of {on}");
    Ok(())
}

fn people(model: &Tenant, random: &mut Random) -> People {
    let wanted = (0..random.weighed(&[45, 40, 15])).map(|_| wanted(model, random));
    let wanted = wanted.collect();
    People {
        include: Include::Direct,
        wanted,
        sort: Sort {
            by: FIELDS[random.below(FIELDS.len())],
            descending: random.percent(50),
        },
        after: None,
        take: 1 + random.weighed(&[2, 3, 3, 1]),
    }
}

fn wanted(model: &Tenant, random: &mut Random) -> Wanted {
    let statuses = [Status::Active, Status::Inactive, Status::Invited];
    let texts = [
        "", "A", "da by", "MILL", "angstrom", "k1", "ÉMIL", "e s", "asse", "ipek", "nobody",
    ];
    match random.below(6) {
        0 => Wanted::Status(statuses[random.below(3)]),
        1 => Wanted::Group(GroupNumber(1 + random.below(GROUPS + 1) as u32)),
        2 | 3 => {
            let granted = random.of(&model.grants);
            let known = granted.filter(|_| random.percent(80)).and_then(|granted| {
                let mut ever = model.roles_ever.iter();
                ever.position(|role| *role == granted.role)
            });
            let index = known.unwrap_or_else(|| random.below(30));
            Wanted::Role(RoleIndex(index as u16))
        }
        4 => Wanted::Text(Folded::new(texts[random.below(texts.len())])),
        _ => {
            let field = FIELDS[random.below(FIELDS.len())];
            Wanted::Is(field, value(field, random))
        }
    }
}

/// A place in the order where somebody may have stood once.
fn somewhere(people: &People, random: &mut Random) -> After {
    let by = match random.percent(90) {
        true => people.sort.by,
        false => FIELDS[random.below(FIELDS.len())],
    };
    After {
        value: Last::Value(value(by, random)),
        id: user(random.below(USERS + 2)),
    }
}
