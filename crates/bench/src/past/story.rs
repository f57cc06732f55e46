//! A tenant whose log is long: a million memberships, and then changes of random ones.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use attache_ambient::Ambient;
use attache_core::catalogue::RoleName;
use attache_core::id::{
    EntryId, ResourceId, ResourceNumber, Revision, TenantId, UserId, UserNumber,
};
use attache_core::model::{Name, Parameters, Profile, Status, SubjectId, UserFacts};
use attache_core::{Actor, Change, Changes, Entry, EntryHead, State, Timestamp};
use attache_log::{EntryWriter as _, Installation as _, Snapshot, Snapshots as _, SqlLog};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Last;
use crate::{Failure, table, world};

/// How large the tenant is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) users: u32,
    pub(super) customers: u32,
    /// How many entries change one membership each.
    pub(super) entries: u64,
}

/// How many are attached to a customer.
const MEMBERS: u32 = 25;

/// How many changes a large entry has, as one of an import.
const LARGE: usize = 10_000;

/// How many entries are appended at once.
const AT_ONCE: usize = 2_048;

/// How far apart two entries are, in milliseconds.
const APART: i64 = 500;

/// The file of what does not follow from the shape.
const KEPT: &str = "story.json";

/// The tenant, as those who ask it need it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Story {
    pub(super) tenant: TenantId,
    pub(super) token: String,
    pub(super) last: Last,
    users: u32,
    customers: u32,
    #[serde(skip)]
    dice: Cell<u64>,
}

impl Story {
    /// The one of a folder, made if it is not there.
    pub(super) async fn of(folder: &Path, shape: Shape) -> Result<Self, Failure> {
        if let Ok(text) = std::fs::read_to_string(folder.join(KEPT)) {
            let story: Self = serde_json::from_str(&text)?;
            story.dice.set(7);
            return Ok(story);
        }
        std::fs::create_dir_all(folder)?;
        let ambient = Ambient::of_the_machine();
        let (tenant, token, state) = world::began(folder, &ambient).await?;
        let mut story = Self {
            tenant,
            token,
            last: state.revision(),
            users: shape.users,
            customers: shape.customers,
            dice: Cell::new(1),
        };
        let mut writing = Writing {
            log: world::open(folder).await?,
            waiting: Vec::new(),
            appended: state.last_entry(),
            at: state.at(),
            ambient,
            state,
        };
        table::note("writing what the tenant begins with");
        story.begin(&mut writing).await?;
        table::note(&format!("writing {} entries", shape.entries));
        story.go_on(&mut writing, shape.entries).await?;
        let (log, state) = writing.end().await?;
        story.last = state.revision();
        let snapshot = Snapshot::of(Arc::new(state)).await?;
        log.save_snapshot(&snapshot).await?;
        log.close().await;
        std::fs::write(folder.join(KEPT), serde_json::to_string(&story)?)?;
        Ok(story)
    }

    /// A number below another: xorshift, so each run asks the same.
    fn below(&self, sides: u64) -> u64 {
        let mut dice = self.dice.get();
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        self.dice.set(dice);
        (dice >> 11) % sides
    }

    pub(super) fn moment(&self, of: &std::ops::RangeInclusive<u64>) -> Revision {
        Revision(of.start() + self.below(of.end() - of.start() + 1))
    }

    pub(super) fn customer(&self) -> ResourceId {
        customer(self.below(self.customers.into()) as u32 + 1)
    }

    pub(super) fn user(&self) -> UserId {
        user(self.below(self.users.into()) as u32 + 1)
    }

    async fn begin(&self, writing: &mut Writing) -> Result<(), Failure> {
        let root = writing.state.resource(writing.state.root());
        let root = root.ok_or("there is no root")?.id;
        for number in 1..=self.users {
            let id = user(number);
            writing.change(Change::UserAdded {
                user: id,
                number: UserNumber(1_000 + number),
                key: None,
                status: Status::Active,
                facts: UserFacts::default(),
            });
            let profile = Profile {
                first_name: Some(Name::new(&format!("First{}", number % 900))?),
                last_name: Some(Name::new(&format!("Last{number}"))?),
                ..Profile::default()
            };
            writing.waiting_entry().changes.profiles.insert(id, profile);
            writing.change(Change::UserProfileSet { user: id });
            writing.cut_large().await?;
        }
        for number in 1..=self.customers {
            let id = customer(number);
            writing.change(Change::ResourceAdded {
                resource: id,
                kind: "customer".into(),
                number: ResourceNumber(number),
                key: None,
                name: Name::new(&format!("Customer {number}"))?,
                parent: root,
            });
            for at in 0..MEMBERS {
                let member = member(number, at, self.users);
                writing.change(attached(id, member));
                writing.change(granted(id, member, at));
            }
            writing.cut_large().await?;
        }
        writing.cut();
        Ok(())
    }

    /// Each entry detaches somebody from a customer, or attaches somebody again.
    async fn go_on(&self, writing: &mut Writing, entries: u64) -> Result<(), Failure> {
        let mut absent: Vec<u32> = vec![0; self.customers as usize + 1];
        for _ in 0..entries {
            let number = self.below(self.customers.into()) as u32 + 1;
            let (id, at) = (customer(number), self.below(MEMBERS.into()) as u32);
            let who = member(number, at, self.users);
            let places = absent.get_mut(number as usize).ok_or("no such customer")?;
            *places ^= 1 << at;
            match *places & 1 << at {
                0 => {
                    writing.change(attached(id, who));
                    writing.change(granted(id, who, at));
                }
                _ => {
                    let subject = SubjectId::User(who);
                    writing.change(Change::RoleRevoked {
                        resource: id,
                        subject,
                        role: role(at),
                        parameters: Parameters::none(),
                    });
                    writing.change(Change::MemberRemoved {
                        resource: id,
                        user: who,
                    });
                }
            }
            writing.cut();
            writing.append_many().await?;
        }
        Ok(())
    }
}

fn user(number: u32) -> UserId {
    UserId(Uuid::from_u128(
        0x0195_0000_0000_7000_8000_0000_0000_0000 + u128::from(number),
    ))
}

fn customer(number: u32) -> ResourceId {
    ResourceId(Uuid::from_u128(
        0x0195_0000_0001_7000_8000_0000_0000_0000 + u128::from(number),
    ))
}

/// Who is attached at a place of a customer. Places of one customer are different users.
fn member(customer: u32, place: u32, users: u32) -> UserId {
    user((customer.wrapping_mul(97) + place * (users / MEMBERS)) % users + 1)
}

fn role(place: u32) -> RoleName {
    let roles = ["owner", "manager", "agent", "viewer"];
    RoleName::from(roles[place as usize % roles.len()])
}

fn attached(resource: ResourceId, user: UserId) -> Change {
    Change::MemberAdded {
        resource,
        user,
        expires_at: None,
    }
}

fn granted(resource: ResourceId, user: UserId, place: u32) -> Change {
    Change::RoleGranted {
        resource,
        subject: SubjectId::User(user),
        role: role(place),
        parameters: Parameters::none(),
        expires_at: None,
    }
}

/// A log that is written to, with the state that its entries lead to.
struct Writing {
    log: SqlLog,
    ambient: Ambient,
    state: State,
    at: Timestamp,
    /// The last entry that was appended.
    appended: Option<EntryId>,
    /// The entries that are not appended yet; the last one is being made if it has no id.
    waiting: Vec<Entry>,
}

impl Writing {
    /// The entry that is being made.
    fn waiting_entry(&mut self) -> &mut Entry {
        let is_made = self.waiting.last().is_none_or(|it| !it.id.0.is_nil());
        if is_made {
            self.at = Timestamp::from_millis(self.at.as_millis() + APART);
            let before = self
                .waiting
                .last()
                .map_or(self.state.revision(), |it| it.revision);
            self.waiting.push(Entry {
                id: EntryId(Uuid::nil()),
                revision: before.next(),
                at: self.at,
                actor: Actor::Operator,
                correlation_id: "bench".into(),
                head: EntryHead::default(),
                changes: Changes::default(),
            });
        }
        let at = self.waiting.len() - 1;
        &mut self.waiting[at]
    }

    fn change(&mut self, change: Change) {
        self.waiting_entry().changes.list.push(change);
    }

    /// The entry that is being made is whole.
    fn cut(&mut self) {
        let id = EntryId(self.ambient.id());
        let ambient = self.ambient.clone();
        if let Some(entry) = self.waiting.last_mut().filter(|it| it.id.0.is_nil()) {
            entry.id = id;
            entry.salt(&mut |bytes| ambient.fill(bytes));
        }
    }

    /// It is whole if it is large.
    async fn cut_large(&mut self) -> Result<(), Failure> {
        if self.waiting_entry().changes.list.len() >= LARGE {
            self.cut();
            self.append().await?;
        }
        Ok(())
    }

    async fn append_many(&mut self) -> Result<(), Failure> {
        match self.waiting.len() >= AT_ONCE {
            true => self.append().await,
            false => Ok(()),
        }
    }

    async fn append(&mut self) -> Result<(), Failure> {
        let tenant = self.state.tenant();
        let appended = self.log.append(tenant, self.appended, &self.waiting, &[]);
        appended.await?;
        for entry in self.waiting.drain(..) {
            self.state.apply(&entry);
            self.appended = Some(entry.id);
        }
        Ok(())
    }

    async fn end(mut self) -> Result<(SqlLog, State), Failure> {
        self.cut();
        if !self.waiting.is_empty() {
            self.append().await?;
        }
        Ok((self.log, self.state))
    }
}
