//! Who can reach what, attached or not, page by page, and through what.

use attache_core::ask::{
    After, Branch, Effective, Include, Last, Page, People, Person as CorePerson, Sort, Source,
    SourceKind, Wanted,
};
use attache_core::collation::Folded;
use attache_core::id::{GroupNumber, Node, ResourceId, UserId};
use attache_core::model::{Status, User};
use attache_core::state::RoleIndex;
use attache_core::{Caller, State, Timestamp};

use super::ask_gate::callers;
use super::ask_people::{FIELDS, value};
use super::random::Random;
use super::universe::{EXTERNAL_IDS, GROUPS, KEYS, USERS, keys, user};
use super::{Questions, same};
use crate::naive::{Attachment, Person, Tenant, Through};

type Row = (UserId, Option<Attachment>, Option<Effective>);

/// A resource, as a reader asks about it.
struct Asked<'a> {
    state: &'a State,
    model: &'a Tenant,
    at: Timestamp,
    on: ResourceId,
    node: Node,
    reader: Caller,
}

impl<'a> Asked<'a> {
    fn branch(&self) -> Branch<'a> {
        let branch = self.state.branch(self.node, self.at);
        let branch = branch.expect("it is there");
        branch.shown_to(&self.state.sight(&self.reader, self.at))
    }

    fn people(&self, people: &People) -> (Page<CorePerson<'a>>, Option<After>) {
        self.branch().people(people)
    }
}

pub(crate) fn compare(
    state: &State,
    model: &Tenant,
    at: Timestamp,
    strict: bool,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let mut include = random.below(6);
    let readers = callers();
    for (node, found) in state.resources() {
        let asked = Asked {
            state,
            model,
            at,
            on: found.resource.id,
            node,
            reader: readers[random.below(readers.len())],
        };
        for user in &model.users {
            if random.percent(15) {
                through(&asked, user, questions)?;
            }
        }
        // A part of the resources; over all histories each question comes often.
        if random.percent(50) {
            continue;
        }
        include += 1;
        let people = People {
            include: match include % 6 {
                0 | 1 => Include::Direct,
                2 | 3 => Include::EFFECTIVE,
                4 => Include::Effective {
                    inactive: true,
                    expired: false,
                },
                // A sweep forgets what has expired.
                _ => Include::Effective {
                    inactive: random.percent(50),
                    expired: strict,
                },
            },
            ..people(model, random)
        };
        all_pages(&asked, people.clone(), questions)?;
        if random.percent(25) {
            let people = People {
                after: Some(somewhere(&people, random)),
                ..people
            };
            one_page(&asked, &people, questions)?;
        }
    }
    Ok(())
}

fn through(asked: &Asked<'_>, user: &User, questions: &mut Questions) -> Result<(), String> {
    let Asked {
        state,
        model,
        at,
        on,
        node,
        reader,
    } = *asked;
    let path: Vec<Node> = state.up(node).map(|(above, _)| above).collect();
    let of = |source: &Source<'_>| path.iter().position(|above| *above == source.on);
    let row = state.user_node(user.number).expect("it is there");
    let branch = asked.branch();
    let via = branch.via(row);
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
                    grant.granted_at(),
                    grant.expires_at(),
                    state.giver(grant.granted_by()).expect("it is noted"),
                    group.map(|row| row.group.id),
                ))
            }
        },
    });
    let mut core: Vec<Through<'_>> = core.collect();
    let mut expected = model.through(on, id, at, &reader);
    core.sort_unstable();
    expected.sort_unstable();
    same!(questions, core, expected, "what {id} reaches {on} through");
    Ok(())
}

fn core_rows(state: &State, people: &[CorePerson<'_>]) -> Vec<Row> {
    let row = |person: &CorePerson<'_>| {
        let attached = person
            .membership
            .zip(person.added_by(state))
            .map(|(it, by)| (it.added_at(), it.expires_at(), by));
        (person.user().id, attached, person.effective)
    };
    people.iter().map(row).collect()
}

fn rows(people: &[Person<'_>]) -> Vec<Row> {
    people
        .iter()
        .map(|(user, attached, effective)| (user.id, *attached, *effective))
        .collect()
}

/// The pages, one after the other, are the whole list.
fn all_pages(
    asked: &Asked<'_>,
    mut people: People,
    questions: &mut Questions,
) -> Result<(), String> {
    let on = asked.on;
    let (all, total) = asked.model.people(on, asked.at, &people, &asked.reader);
    let mut walked: Vec<Row> = Vec::new();
    loop {
        let (page, next) = asked.people(&people);
        same!(questions, page.total, total, "how many {people:?} of {on}");
        walked.extend(core_rows(asked.state, &page.items));
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
fn one_page(asked: &Asked<'_>, people: &People, questions: &mut Questions) -> Result<(), String> {
    let on = asked.on;
    let (rest, total) = asked.model.people(on, asked.at, people, &asked.reader);
    let (page, next) = asked.people(people);
    let count = people.take.min(rest.len());
    let core = (
        core_rows(asked.state, &page.items),
        page.total,
        next.is_some(),
    );
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
    match random.below(8) {
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
        5 => Wanted::Key(keys()[random.below(KEYS)].as_str().into()),
        6 => Wanted::ExternalId(EXTERNAL_IDS[random.below(EXTERNAL_IDS.len())].into()),
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
