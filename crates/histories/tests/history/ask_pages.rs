//! The users of a resource, attached or not, page by page, and what they reach it through.

use attache_core::ask::{
    Authority, Branch, Cut, Effective, Filter, Include, Member, MemberPage, MemberPlace,
    MemberQuery, PlaceValue, Sort, Source, SourceKind,
};
use attache_core::collation::Folded;
use attache_core::id::{GroupNumber, Node, ResourceId, RoleIndex, UserId};
use attache_core::model::{Status, User};
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
        let branch = self.state.view(self.at).branch(self.node);
        let branch = branch.expect("it is there");
        branch.shown_to(
            &Authority::new(&self.reader, self.state, self.at).sight(self.state.view(self.at)),
        )
    }

    /// A page, which the model has alike, and its rows.
    fn page(
        &self,
        query: &MemberQuery,
        questions: &mut Questions,
    ) -> Result<(MemberPage<'a>, Vec<Row>), String> {
        let on = self.on;
        let page = self.branch().list(query);
        let expected = self.model.list(on, self.at, query, &self.reader);
        let rows = core_rows(self.state, &page.items);
        let beside = (page.previous.is_some(), page.next.is_some());
        same!(
            questions,
            (&rows, page.total, beside),
            (
                &naive_rows(&expected.items),
                expected.total,
                expected.beside
            ),
            "{query:?} of {on}"
        );
        Ok((page, rows))
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
        include += 1;
        let query = MemberQuery {
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
            ..query(model, random)
        };
        asked.page(&query, questions)?;
        // A part of the resources; over all histories each question comes often.
        if random.percent(50) {
            let query = MemberQuery {
                cut: Cut::Start,
                take: query.take.max(1),
                ..query
            };
            all_pages(&asked, query, questions)?;
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

fn core_rows(state: &State, members: &[Member<'_>]) -> Vec<Row> {
    let row = |member: &Member<'_>| {
        let attached = member
            .membership
            .zip(member.added_by(state))
            .map(|(it, by)| (it.added_at(), it.expires_at(), by));
        (member.user().id, attached, member.effective)
    };
    members.iter().map(row).collect()
}

fn naive_rows(people: &[Person<'_>]) -> Vec<Row> {
    people
        .iter()
        .map(|(user, attached, effective)| (user.id, *attached, *effective))
        .collect()
}

/// The pages, one after the other, are the whole list; and so they are from its end back.
fn all_pages(
    asked: &Asked<'_>,
    mut query: MemberQuery,
    questions: &mut Questions,
) -> Result<(), String> {
    let all = MemberQuery {
        take: usize::MAX,
        ..query.clone()
    };
    let (_, all) = asked.page(&all, questions)?;
    let mut walked: Vec<Row> = Vec::new();
    let last = loop {
        let (page, rows) = asked.page(&query, questions)?;
        walked.extend(rows);
        match page.next {
            Some(next) if walked.len() < all.len() => query.cut = Cut::After(next),
            _ => break page,
        }
    };
    same!(questions, &walked, &all, "{query:?}, page by page");
    let on_the_last = last.items.len();
    let mut walked = walked.split_off(walked.len() - on_the_last);
    let mut previous = last.previous;
    while let Some(place) = previous.take().filter(|_| walked.len() < all.len()) {
        query.cut = Cut::Before(place);
        let (page, rows) = asked.page(&query, questions)?;
        walked.splice(0..0, rows);
        previous = page.previous;
    }
    same!(questions, walked, all, "{query:?}, page by page, backwards");
    Ok(())
}

fn query(model: &Tenant, random: &mut Random) -> MemberQuery {
    let filters = (0..random.weighed(&[45, 40, 15])).map(|_| filter(model, random));
    let filters = filters.collect();
    let sort = Sort {
        by: FIELDS[random.below(FIELDS.len())],
        descending: random.percent(50),
    };
    MemberQuery {
        include: Include::Direct,
        filters,
        sort,
        // A page begins or ends wherever it is told to, whether or not anybody stands there.
        cut: match random.below(5) {
            0 => Cut::Start,
            1 | 2 => Cut::Skip(random.weighed(&[30, 30, 20, 15, 5])),
            3 => Cut::After(somewhere(sort, random)),
            _ => Cut::Before(somewhere(sort, random)),
        },
        take: match random.percent(20) {
            true => usize::MAX,
            false => random.weighed(&[1, 3, 5, 5, 2]),
        },
    }
}

fn filter(model: &Tenant, random: &mut Random) -> Filter {
    let statuses = [Status::Active, Status::Inactive, Status::Invited];
    let texts = [
        "", "A", "da by", "MILL", "angstrom", "k1", "ÉMIL", "e s", "asse", "ipek", "nobody",
    ];
    let whole_texts = [
        "ADA",
        "emile",
        "ångstrom",
        "STRASSE",
        "ipek",
        "+49 1",
        "bo ",
        "Emil strasse",
    ];
    match random.below(14) {
        0 => Filter::Status(statuses[random.below(3)]),
        1 => Filter::Group(GroupNumber(1 + random.below(GROUPS + 1) as u32)),
        2 | 3 => {
            let granted = random.of(&model.grants);
            let known = granted.filter(|_| random.percent(80)).and_then(|granted| {
                let mut ever = model.roles_ever.iter();
                ever.position(|role| *role == granted.role)
            });
            let index = known.unwrap_or_else(|| random.below(30));
            Filter::Role(RoleIndex(index as u16))
        }
        4 => Filter::Text(Folded::new(texts[random.below(texts.len())])),
        5 => Filter::Key(keys()[random.below(KEYS)].as_str().into()),
        6 => Filter::ExternalId(EXTERNAL_IDS[random.below(EXTERNAL_IDS.len())].into()),
        7 => Filter::Admin(random.percent(50)),
        8 => Filter::StatusIsNot(statuses[random.below(3)]),
        9 => {
            let field = FIELDS[random.below(FIELDS.len())];
            let text = whole_texts[random.below(whole_texts.len())];
            Filter::Reads(field, Folded::new(text))
        }
        _ => {
            let field = FIELDS[random.below(FIELDS.len())];
            Filter::Is(field, value(field, random))
        }
    }
}

/// A place in the order where somebody may have stood once.
fn somewhere(sort: Sort, random: &mut Random) -> MemberPlace {
    let by = match random.percent(90) {
        true => sort.by,
        false => FIELDS[random.below(FIELDS.len())],
    };
    MemberPlace {
        value: PlaceValue::Value(value(by, random)),
        id: user(random.below(USERS + 2)),
    }
}
