//! How a state comes back: from its entries, which is also how it is told as it
//! was at an earlier revision, and from the facts of a snapshot.

use attache_core::id::{EntryId, ResourceId};
use attache_core::model::{Name, Status, UserFacts};
use attache_core::{Actor, Caller, Catalogue, Command, Entry, Locator, Ref, State};
use uuid::Uuid;

use super::town::{TENANT, Town, customer, customer_id, profile, user_id};
use super::{Failure, Work};

/// How many entries are replayed.
const ENTRIES: usize = 1_000;

pub(super) fn works(town: &Town) -> Result<Vec<Work>, Failure> {
    let entries = entries(town)?;
    Ok(vec![
        Work::asks("replay/1,000 entries", ENTRIES, move |_| {
            let mut state = State::empty(TENANT);
            for entry in &entries {
                state.apply(entry);
            }
            usize::try_from(state.revision().0).unwrap_or_default()
        }),
        Work::asks("snapshot/facts, and the state of them", 1, |state| {
            let again = State::from_facts(state.facts());
            again
                .is_ok_and(|again| again.revision() == state.revision())
                .into()
        }),
    ])
}

/// A small tenant's: its users, its customers, and who was attached to them.
fn entries(town: &Town) -> Result<Vec<Entry>, Failure> {
    let by = Caller {
        tenant: TENANT,
        actor: Actor::Operator,
    };
    let mut state = State::empty(TENANT);
    let mut entries = Vec::with_capacity(ENTRIES);
    for command in commands()?.take(ENTRIES) {
        let command = command?;
        let revision = state.revision().next();
        let entry = Entry {
            id: EntryId(Uuid::from_u128(revision.0.into())),
            revision,
            at: town.now,
            actor: by.actor,
            correlation_id: "bench".into(),
            head: attache_core::EntryHead::default(),
            changes: state.decide(&by, town.now, &command)?,
        };
        state.apply(&entry);
        entries.push(entry);
    }
    Ok(entries)
}

const USERS: u32 = 200;
const CUSTOMERS: u32 = 50;

fn commands() -> Result<impl Iterator<Item = Result<Command, Failure>>, Failure> {
    let catalogue = Catalogue::starting().map_err(|found| format!("{found:?}"))?;
    let create = Command::CreateTenant {
        root: ResourceId(Uuid::from_u128(1)),
        name: Name::new("Village")?,
        catalogue: Box::new(catalogue),
    };
    let users = (1..=USERS).map(|number| {
        Ok(Command::AddUser {
            id: user_id(number),
            number: None,
            key: None,
            profile: Box::new(profile(number)?),
            status: Status::Active,
            facts: UserFacts::default(),
        })
    });
    let customers = (1..=CUSTOMERS).map(|number| {
        Ok(Command::AddResource {
            id: customer_id(number),
            kind: "customer".into(),
            parent: Locator::root(),
            number: None,
            key: None,
            name: Name::new(&format!("customer {number}"))?,
        })
    });
    let members = (0..).map(|nth| {
        Ok(Command::AddMember {
            resource: customer(nth % CUSTOMERS + 1),
            user: Ref::Number((nth / CUSTOMERS * 13 + nth % CUSTOMERS * 7) % USERS + 1),
            expires_at: None,
        })
    });
    Ok([Ok(create)]
        .into_iter()
        .chain(users)
        .chain(customers)
        .chain(members))
}
