//! Commands: deciding each (`decide`: on a copy of its own, the rule and what
//! it looks up), and applying what was decided (`apply`).

use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::{EntryId, GroupId, ResourceId};
use attache_core::model::{Name, Parameters, ProfileChange, Status, UserFacts};
use attache_core::{Actor, Caller, Command, Entry, Locator, Ref};
use uuid::Uuid;

use super::town::{
    CROWD, CROWDED, EVERYWHERE, GONE, TENANT, Town, USERS, USUAL, by, customer, member, members,
    portal, profile, user_id,
};
use super::{Failure, Work};

fn add_member(number: u32, user: u32) -> Command {
    Command::AddMember {
        resource: customer(number),
        user: Ref::Number(user),
        expires_at: None,
    }
}

fn remove_member(number: u32, user: u32) -> Command {
    Command::RemoveMember {
        resource: customer(number),
        user: Ref::Number(user),
    }
}

fn sync(users: impl Iterator<Item = u32>) -> Command {
    Command::SyncMembers {
        resource: customer(USUAL),
        users: users.map(Ref::Number).collect(),
        expires_at: None,
        allow_mass_detach: true,
    }
}

fn which(number: u32, user: u32, role: &str) -> GrantRef {
    GrantRef {
        resource: customer(number),
        subject: SubjectRef::User(Ref::Number(user)),
        role: role.into(),
        parameters: Parameters::none(),
    }
}

fn grant(number: u32, user: u32, role: &str) -> Command {
    Command::Grant {
        grant: which(number, user, role),
        expires_at: None,
    }
}

fn revoke(number: u32, user: u32, role: &str) -> Command {
    Command::Revoke {
        grant: which(number, user, role),
    }
}

/// Each with the number of changes that it makes.
fn common() -> Result<Vec<(&'static str, usize, Command)>, Failure> {
    let one = member(USUAL, 0);
    let stranger = CROWD + 1;
    let five_others = members(USUAL).skip(5).chain(1..=5);
    Ok(vec![
        ("add a member", 1, add_member(USUAL, stranger)),
        ("add a member to 10,000", 1, add_member(CROWDED, stranger)),
        // Two roles go with a member.
        ("remove a member", 3, remove_member(USUAL, one)),
        ("remove a member of 10,000", 3, remove_member(CROWDED, 5)),
        ("sync 25, five of them others", 5 * 3 + 5, sync(five_others)),
        ("sync 25, all of them others", 25 * 3 + 25, sync(1..=25)),
        ("grant", 1, grant(USUAL, one, "agent")),
        ("grant to one of 10,000", 1, grant(CROWDED, 5, "agent")),
        ("revoke", 1, revoke(USUAL, one, "manager")),
        (
            "revoke from one of 10,000",
            1,
            revoke(CROWDED, 5, "manager"),
        ),
        ("add a user", 2, add_user()?),
        ("change a user", 1, change_user()),
        (
            "remove a user of 2,000 customers",
            6_001,
            Command::RemoveUser {
                user: Ref::Number(EVERYWHERE),
            },
        ),
        ("add a customer", 1, add_customer()?),
        (
            "add to a group",
            1,
            Command::AddGroupUser {
                group: GroupId(Uuid::from_u128(5 << 64 | 1)).into(),
                user: Ref::Number(one),
            },
        ),
    ])
}

fn add_user() -> Result<Command, Failure> {
    Ok(Command::AddUser {
        id: user_id(USERS + 1),
        number: None,
        key: None,
        profile: Box::new(profile(USERS + 1)?),
        status: Status::Active,
        facts: UserFacts::default(),
    })
}

fn change_user() -> Command {
    Command::ChangeUser {
        user: Ref::Number(USUAL),
        key: None,
        profile: Box::new(ProfileChange::default()),
        status: Some(Status::Inactive),
        facts: Default::default(),
    }
}

fn add_customer() -> Result<Command, Failure> {
    Ok(Command::AddResource {
        id: ResourceId(Uuid::from_u128(11 << 64)),
        kind: "customer".into(),
        parent: Locator::root(),
        number: None,
        key: None,
        name: Name::new("New")?,
    })
}

fn attache() -> Caller {
    Caller {
        tenant: TENANT,
        actor: Actor::Attache,
    }
}

pub(super) fn works(town: &Town) -> Result<Vec<Work>, Failure> {
    let now = town.now;
    let decide = |what: &str, much: usize, by: Caller, command: Command| {
        Work::asks(&format!("decide/{what}"), much, move |state| {
            let decided = state.decide(&by, now, &command);
            decided.map_or(0, |changes| changes.list.len())
        })
    };
    let gone = GONE as usize;
    let expire = || Command::Expire { most: gone };
    let same = sync(members(USUAL));
    let mut works = Vec::new();
    let mut applied = Vec::new();
    for (what, much, command) in common()? {
        applied.push(apply(town, what, portal(), &command)?);
        works.push(decide(what, much, portal(), command));
    }
    works.push(decide("sync 25, the same", 0, portal(), same));
    // The fifth may not add: this ends with a refusal.
    let fifth = by(member(USUAL, 4));
    works.push(decide(
        "what is refused",
        0,
        fifth,
        add_member(USUAL, CROWD + 1),
    ));
    works.push(decide("expire 100 members", 2 * gone, attache(), expire()));
    applied.push(apply(town, "expire 100 members", attache(), &expire())?);
    works.append(&mut applied);
    Ok(works)
}

/// Applying what a command comes to.
fn apply(town: &Town, what: &str, by: Caller, command: &Command) -> Result<Work, Failure> {
    let revision = town.state.revision().next();
    let entry = Entry {
        id: EntryId(Uuid::from_u128(7 << 64 | u128::from(revision.0))),
        revision,
        at: town.now,
        actor: by.actor,
        correlation_id: "bench".into(),
        head: attache_core::EntryHead::default(),
        changes: town.state.decide(&by, town.now, command)?,
    };
    Ok(Work::writes(&format!("apply/{what}"), move |state| {
        state.apply(&entry);
    }))
}
