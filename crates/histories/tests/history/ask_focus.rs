//! A state made of the changes of what a question touches answers it as the whole state does.

use std::collections::BTreeMap;
use std::sync::Arc;

use attache_core::ask::{Field, Filter, Include, MemberQuery, Sort};
use attache_core::focus::{DatedChange, Focus, Gathering, Lacking, dated};
use attache_core::id::{Node, ResourceId};
use attache_core::model::{Parameters, Status, SubjectId};
use attache_core::{Entry, Locator, State, Timestamp};
use uuid::Uuid;

use super::random::Random;
use super::universe::{TENANT, instant};
use super::{Questions, same};

/// How many moments of a history are looked at.
const MOMENTS: usize = 1;

/// How many resources at each of them.
const RESOURCES: usize = 4;

/// Asks whole and focused states of moments of the past.
pub(super) fn compare(
    entries: &[Entry],
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    for _ in 0..MOMENTS {
        let Some(last) = entries.get(random.below(entries.len().max(1))) else {
            return Ok(());
        };
        let until = &entries[..=(last.revision.0 as usize - 1)];
        let mut whole = State::empty(TENANT);
        until.iter().for_each(|entry| whole.apply(entry));
        let histories = Histories::of(until);
        let at = instant(random.below(50) as i64);
        let nodes: Vec<(Node, ResourceId)> = whole
            .resources()
            .map(|(node, found)| (node, found.resource.id))
            .collect();
        for _ in 0..RESOURCES {
            let Some((node, resource)) = nodes.get(random.below(nodes.len().max(1))).copied()
            else {
                break;
            };
            if node != whole.root() {
                let focus = Focus {
                    resource,
                    subject: None,
                };
                let focused = histories.state(focus, &whole)?;
                lists(&whole, &focused, node, resource, at, questions)?;
            }
            if random.percent(30) {
                checks(&whole, &histories, node, resource, at, questions)?;
            }
        }
    }
    Ok(())
}

/// The changes of each thing.
struct Histories(BTreeMap<Uuid, Vec<DatedChange>>);

impl Histories {
    fn of(entries: &[Entry]) -> Self {
        let mut histories: BTreeMap<Uuid, Vec<DatedChange>> = BTreeMap::new();
        let mut memberships = 0;
        for entry in entries {
            for (home, change) in dated(entry.clone(), &mut memberships) {
                histories.entry(home).or_default().push(change);
            }
        }
        Self(histories)
    }

    fn state(&self, focus: Focus, whole: &State) -> Result<State, String> {
        let mut gathering = Gathering::new(focus, 1_000);
        loop {
            match gathering.lacking() {
                Lacking::Nothing => break,
                Lacking::TooMuch => return Err(format!("{focus:?} touches too much")),
                Lacking::Changes(things) => {
                    for thing in things {
                        let changes = self.0.get(&thing).cloned().unwrap_or_default();
                        gathering.add(thing, Arc::from(changes));
                    }
                }
            }
        }
        let last = whole.last_entry().expect("it has an entry");
        Ok(gathering.state(TENANT, whole.revision(), last, whole.at()))
    }
}

/// All that a list shows, without where things stand in memory.
fn lists(
    whole: &State,
    focused: &State,
    node: Node,
    resource: ResourceId,
    at: Timestamp,
    questions: &mut Questions,
) -> Result<(), String> {
    let there = focused.find(&Locator::id(resource));
    let Some(there) = there else {
        return Err(format!("{resource} is not in its own focus"));
    };
    let path = |state: &State, node: Node| -> Vec<String> {
        let shown = state.up(node).map(|(_, found)| {
            let it = &found.resource;
            // A giver is a number of its state.
            let by = (state.giver(it.created_by), state.origin(it.created_by));
            let (kind, number) = (&it.kind, it.number);
            format!(
                "{} {kind:?} {number:?} {:?} {:?} {} {by:?}",
                it.id, it.key, it.name, it.created_at
            )
        });
        shown.collect()
    };
    same!(
        questions,
        path(focused, there),
        path(whole, node),
        "{resource} and what is above it, in focus"
    );
    let includes = [
        Include::Direct,
        Include::EFFECTIVE,
        Include::Effective {
            inactive: true,
            expired: true,
        },
    ];
    for include in includes {
        for (by, filters) in [
            (Field::FullName, vec![]),
            (Field::Added, vec![]),
            (Field::Number, vec![Filter::Status(Status::Active)]),
            (Field::Email, vec![Filter::Admin(true)]),
        ] {
            let query = MemberQuery {
                include,
                filters,
                sort: Sort::ascending(by),
                ..MemberQuery::all(by)
            };
            same!(
                questions,
                rows(focused, there, &query, at),
                rows(whole, node, &query, at),
                "{query:?} of {resource} at {at}, in focus"
            );
        }
    }
    Ok(())
}

fn rows(state: &State, node: Node, query: &MemberQuery, at: Timestamp) -> Vec<String> {
    let view = state.view(at);
    let Some(branch) = view.branch(node) else {
        return Vec::new();
    };
    let id = |node: Node| state.resource(node).map(|it| it.id);
    let page = branch.list(query);
    let rows = page.items.iter().map(|member| {
        let sources = branch.user_sources(member.row);
        let roles: Vec<_> = sources
            .roles(&branch)
            .iter()
            .map(|it| it.name.clone())
            .collect();
        let via: Vec<_> = sources
            .via_ever(&branch)
            .map(|source| (id(source.on), source.live))
            .collect();
        let held = sources.held(&branch);
        let held: Vec<String> = branch
            .patterns(&held)
            .iter()
            .map(|it| it.to_string())
            .collect();
        let membership = member
            .membership
            .map(|it| (it.number(), it.added_at(), it.expires_at()));
        format!(
            "{:?} {membership:?} {:?} by {:?} {:?} {:?} {roles:?} {via:?} {held:?}",
            member.user(),
            member.effective,
            member.added_by(state),
            member.origin(state),
            member.updated_at(state),
        )
    });
    let rows: Vec<String> = rows.collect();
    assert_eq!(rows.len(), page.total, "the list is whole");
    rows
}

/// What each subject may do there.
fn checks(
    whole: &State,
    histories: &Histories,
    node: Node,
    resource: ResourceId,
    at: Timestamp,
    questions: &mut Questions,
) -> Result<(), String> {
    let users = whole.users().map(|row| SubjectId::User(row.user.id));
    let groups = whole.groups().map(|row| SubjectId::Group(row.group.id));
    let services = whole
        .services()
        .map(|row| SubjectId::Service(row.service.id));
    for id in users.chain(groups).chain(services) {
        let focus = Focus {
            resource,
            subject: Some(id),
        };
        let focused = histories.state(focus, whole)?;
        let there = focused.find(&Locator::id(resource)).ok_or("it is gone")?;
        let answer = |state: &State, node: Node| {
            let view = state.view(at);
            let subject = state
                .subject(id)
                .ok_or_else(|| format!("there is no {id:?}"))?;
            let what = ["users.list", "view", "get", "users.add", "change"];
            let allowed = what.map(|what| {
                let permission = view.permission_for(node, what);
                let access = view.access(subject, &permission, node, &Parameters::none());
                (permission, access.is_allowed())
            });
            Ok::<_, String>((allowed, view.sees(subject, node)))
        };
        same!(
            questions,
            answer(&focused, there),
            answer(whole, node),
            "what {id:?} may on {resource} at {at}, in focus"
        );
    }
    Ok(())
}
