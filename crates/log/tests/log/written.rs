//! What the tests write: tenants, entries, requests, snapshots.

use std::sync::Arc;

use attache_core::catalogue::Catalogue;
use attache_core::id::{EntryId, ResourceId, Revision, TenantId, UserId};
use attache_core::model::{FindsBy, KeySource, Name, Profile, Status, Trust, UserFacts};
use attache_core::{Actor, Caller, Command, Draft, Entry, State, Timestamp};
use attache_log::{
    AppendError, DoneRequest, EntryReader, EntryWriter, Request, Snapshot, Snapshots as _, SqlLog,
    TenantRow,
};
use uuid::Uuid;

/// Writing what follows the entry that stands before it.
#[async_trait::async_trait]
pub(super) trait Put {
    async fn put(
        &self,
        tenant: TenantId,
        entries: &[Entry],
        requests: &[DoneRequest],
    ) -> Result<(), AppendError>;
}

#[async_trait::async_trait]
impl<L: EntryReader + EntryWriter> Put for L {
    async fn put(
        &self,
        tenant: TenantId,
        entries: &[Entry],
        requests: &[DoneRequest],
    ) -> Result<(), AppendError> {
        let two_before = Revision(entries[0].revision.0.saturating_sub(2));
        let before = self.read_after(tenant, two_before, 1).await.unwrap();
        let after = before.first().map(|entry| entry.id);
        self.append(tenant, after, entries, requests).await
    }
}

pub(super) fn tenant(name: &str) -> TenantRow {
    TenantRow {
        id: TenantId(Uuid::now_v7()),
        slug: name.to_owned(),
        domains: vec![format!("{name}.example")],
        created_at: Timestamp::from_millis(1_790_000_000_000),
    }
}

/// The entry that a command would write on a state, and the state after it.
pub(super) fn entry(state: &State, command: &Command) -> (Entry, State) {
    entry_at(Timestamp::from_millis(1_790_000_000_000), state, command)
}

/// The same, with the clock at an instant.
pub(super) fn entry_at(now: Timestamp, state: &State, command: &Command) -> (Entry, State) {
    let caller = Caller {
        tenant: state.tenant(),
        actor: Actor::Operator,
    };
    let mut draft = Draft::new(state.clone(), caller, now);
    draft.run(command).unwrap();
    let (changes, mut after, at) = draft.finish();
    let entry = Entry {
        id: EntryId(Uuid::now_v7()),
        revision: state.revision().next(),
        at,
        actor: Actor::Operator,
        correlation_id: "a test".into(),
        head: attache_core::EntryHead::default(),
        changes,
    };
    // Other bytes each time, as a random source gives.
    let entry = entry.salted(&mut |bytes| {
        for chunk in bytes.chunks_mut(16) {
            chunk.copy_from_slice(&Uuid::now_v7().as_bytes()[..chunk.len()]);
        }
    });
    after.advance(&entry);
    (entry, after)
}

pub(super) fn beginning(tenant: &TenantRow) -> (Entry, State) {
    let command = Command::CreateTenant {
        root: ResourceId(Uuid::now_v7()),
        name: Name::new("Lantern Talk").unwrap(),
        catalogue: Box::new(Catalogue::starting().unwrap()),
    };
    entry(&State::empty(tenant.id), &command)
}

pub(super) fn user(first_name: &str) -> Command {
    Command::AddUser {
        id: UserId(Uuid::now_v7()),
        number: None,
        key: None,
        profile: Box::new(Profile {
            first_name: Some(Name::new(first_name).unwrap()),
            ..Profile::default()
        }),
        status: Status::Active,
        facts: UserFacts::default(),
    }
}

pub(super) async fn save(log: &SqlLog, state: State) {
    let snapshot = Snapshot::of(Arc::new(state)).await.unwrap();
    log.save_snapshot(&snapshot).await.unwrap();
}

/// When what a test does begins, in milliseconds.
pub(super) const THEN: i64 = 1_790_000_000_000;

pub(super) fn later(millis: i64) -> Timestamp {
    Timestamp::from_millis(THEN + millis)
}

/// A request that was done so much later, when so old ones were forgotten.
pub(super) fn done(
    name: &str,
    asked: &str,
    revision: u64,
    at: i64,
    forgotten_before: i64,
) -> DoneRequest {
    DoneRequest {
        request: Request::new("somebody", name, &[asked.as_bytes()]),
        revision: Revision(revision),
        at: later(at),
        forgotten_before: later(forgotten_before),
    }
}

pub(super) fn trust(issuer: &str) -> Box<Trust> {
    Box::new(Trust {
        issuer: issuer.into(),
        keys: KeySource::Discovery,
        audience: "attache".into(),
        subject_claim: "sub".into(),
        finds_by: FindsBy::Key,
        tenant_claim: None,
        token_type: None,
        accepts_invitations: false,
    })
}
