//! Writes of as many commands as can be, with an outcome each.

use std::sync::Arc;

use attache_ambient::Ambient;
use attache_core::id::{TenantId, UserId};
use attache_core::{Command, Refusal};
use attache_log::{EntryReader as _, Request};
use attache_tenants::{LIGHT, Settings, Tenants, Write, WriteError, Written};
use uuid::Uuid;

use crate::faulty::FaultyLog;
use crate::{add_user, create, operator};

struct World {
    log: Arc<FaultyLog>,
    tenants: Tenants,
    tenant: TenantId,
}

impl World {
    async fn new() -> Self {
        let log = Arc::new(FaultyLog::new(0));
        let ambient = Ambient::of_the_machine();
        let tenants = Tenants::new(log.log(), ambient, Settings::default());
        let tenant = create(&tenants).await;
        Self {
            log,
            tenants,
            tenant,
        }
    }

    fn each(&self, commands: Vec<Command>) -> Write {
        Write::new(operator(self.tenant), "a test", commands).by_each()
    }

    async fn write(&self, write: &Write) -> Result<Written, WriteError> {
        self.tenants.write_on(write).await
    }

    async fn entries(&self) -> usize {
        let entries = self.log.read_after(self.tenant, Default::default(), 99);
        entries.await.unwrap().len()
    }
}

fn id() -> UserId {
    UserId(Uuid::now_v7())
}

fn accepted(written: &Written) -> Vec<bool> {
    written.outcomes.iter().map(Result::is_ok).collect()
}

#[tokio::test(start_paused = true)]
async fn refused_commands_leave_the_others() {
    let world = World::new().await;
    let (ada, bo) = (id(), id());
    let commands = vec![
        add_user(ada, "ada"),
        add_user(id(), "ada"),
        add_user(bo, "bo"),
        Command::RemoveUser { user: id().into() },
        // It is decided on what those before it leave.
        Command::RemoveUser { user: ada.into() },
        add_user(id(), "ada"),
    ];
    let written = world.write(&world.each(commands)).await.unwrap();
    assert_eq!(accepted(&written), [true, false, true, false, true, true]);
    assert_eq!(
        written.outcomes[1],
        Err(Refusal::Taken { field: "key" }),
        "each is told why"
    );
    assert!(written.state.find_user(&bo.into()).is_some());
    assert!(written.state.find_user(&ada.into()).is_none());
    assert_eq!(world.entries().await, 2, "they are one entry");
}

#[tokio::test(start_paused = true)]
async fn no_entry_is_written_where_all_are_refused() {
    let world = World::new().await;
    let nobody = || Command::RemoveUser { user: id().into() };
    let write = world.each(vec![nobody(), nobody()]);
    let written = world.write(&write).await.unwrap();
    assert_eq!(accepted(&written), [false, false]);
    assert!(written.changes.is_empty());
    assert_eq!(world.entries().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_precondition_is_checked_once_for_all_commands() {
    let world = World::new().await;
    let never = |write: Write| Write {
        only_if: Some(Arc::new(|_| false)),
        ..write
    };
    let some = vec![add_user(id(), "ada"), add_user(id(), "ada")];
    let written = world.write(&never(world.each(some))).await;
    assert!(matches!(written, Err(WriteError::Changed)), "{written:?}");
    // Whoever may do none of it is not told whether it holds.
    let none = vec![Command::RemoveUser { user: id().into() }];
    let written = world.write(&never(world.each(none))).await.unwrap();
    assert_eq!(accepted(&written), [false]);
    assert_eq!(world.entries().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_write_by_each_is_decided_again() {
    let world = World::new().await;
    let write = Write {
        request: Some(Request {
            key: "again".to_owned(),
            fingerprint: "the same".to_owned(),
        }),
        ..world.each(vec![add_user(id(), "ada")])
    };
    let first = world.write(&write).await.unwrap();
    assert_eq!(accepted(&first), [true]);
    let again = world.write(&write).await.unwrap();
    assert_eq!((accepted(&again), again.done_before), (vec![false], None));
}

#[tokio::test(start_paused = true)]
async fn many_commands_are_decided_in_turns_all_the_same() {
    let world = World::new().await;
    let commands = (0..2 * LIGHT).map(|nth| add_user(id(), &format!("k{}", nth / 2)));
    let written = world.write(&world.each(commands.collect())).await.unwrap();
    let expected: Vec<bool> = (0..2 * LIGHT).map(|nth| nth % 2 == 0).collect();
    assert_eq!(accepted(&written), expected);
    assert_eq!(world.entries().await, 2);
}
