//! A log in memory that fails as databases fail.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::{Entry, State, Timestamp};
use attache_log::{
    Absent, AppendError, DirectoryError, DoneRequest, EntryReader, EntryTime, EntryWriter, Head,
    Hold, Holds, Installation, IssuerRow, Log, LogError, Requests, Snapshot, Snapshots,
    TenantDirectory, TenantRow,
};

/// Numbers that look random and are the same for the same seed (xorshift).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    pub(crate) fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }
}

/// What a tenant has in the log.
#[derive(Debug, Default)]
struct Stored {
    entries: Vec<Entry>,
    requests: HashMap<String, DoneRequest>,
}

type Entries = Arc<Mutex<HashMap<TenantId, Stored>>>;

#[derive(Debug)]
pub(crate) struct FaultyLog {
    entries: Entries,
    tenants: Mutex<Vec<TenantRow>>,
    snapshots: Mutex<HashMap<TenantId, Vec<Snapshot>>>,
    dice: Mutex<Dice>,
    failing: AtomicBool,
    away: AtomicBool,
    holds: Mutex<Vec<Hold>>,
    late: Mutex<Vec<tokio::task::JoinHandle<()>>>,
    /// How long a snapshot takes to load, and whose were loaded.
    loading: Mutex<Duration>,
    loaded: Mutex<Vec<TenantId>>,
    issuers: Mutex<Vec<IssuerRow>>,
}

impl FaultyLog {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            entries: Entries::default(),
            tenants: Mutex::default(),
            snapshots: Mutex::default(),
            dice: Mutex::new(Dice::new(seed)),
            failing: AtomicBool::new(false),
            away: AtomicBool::new(false),
            holds: Mutex::default(),
            late: Mutex::default(),
            loading: Mutex::default(),
            loaded: Mutex::default(),
            issuers: Mutex::default(),
        }
    }

    /// The log whose roles this plays, without those that no test asks for.
    pub(crate) fn log(self: &Arc<Self>) -> Log {
        Log {
            entries: self.clone(),
            search: Arc::new(Absent),
            histories: Arc::new(Absent),
            writer: self.clone(),
            directory: self.clone(),
            requests: self.clone(),
            snapshots: self.clone(),
            holds: self.clone(),
            token_usage: Arc::new(Absent),
            installation: self.clone(),
        }
    }

    /// Let opening a tenant take so long from now on.
    pub(crate) fn open_within(&self, time: Duration) {
        *self.loading.lock().unwrap() = time;
    }

    /// The revisions of a tenant's snapshots, in order.
    pub(crate) fn snapshots(&self, tenant: TenantId) -> Vec<u64> {
        let snapshots = self.snapshots.lock().unwrap();
        let of_it = snapshots.get(&tenant).into_iter().flatten();
        let mut revisions: Vec<u64> = of_it.map(|it| it.revision.0).collect();
        revisions.sort_unstable();
        revisions
    }

    /// Whose snapshots were asked for, in that order.
    pub(crate) fn loaded(&self) -> Vec<TenantId> {
        self.loaded.lock().unwrap().clone()
    }

    pub(crate) fn begin_to_fail(&self) {
        self.failing.store(true, Ordering::SeqCst);
    }

    /// Fail no more, and let what was under way arrive.
    pub(crate) async fn heal(&self) {
        self.failing.store(false, Ordering::SeqCst);
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        for task in late {
            task.await.unwrap();
        }
    }

    /// Answer nobody, until it is back.
    pub(crate) fn go_away(&self) {
        self.away.store(true, Ordering::SeqCst);
    }

    pub(crate) fn come_back(&self) {
        self.away.store(false, Ordering::SeqCst);
    }

    /// Forget a tenant's last entries, as a copy that takes over without having
    /// had them.
    pub(crate) fn lose(&self, tenant: TenantId, count: usize) {
        let mut all = self.entries.lock().unwrap();
        let entries = &mut all.get_mut(&tenant).unwrap().entries;
        entries.truncate(entries.len() - count);
    }

    /// Let a tenant's entries be such that they cannot be understood: one is missing.
    pub(crate) fn break_entries_of(&self, tenant: TenantId) {
        self.snapshots.lock().unwrap().remove(&tenant);
        let mut all = self.entries.lock().unwrap();
        all.get_mut(&tenant).unwrap().entries.remove(0);
    }

    fn is_away(&self) -> bool {
        self.away.load(Ordering::SeqCst)
    }

    fn roll(&self, sides: u64) -> u64 {
        self.dice.lock().unwrap().below(sides)
    }

    /// Reading is slow, and sometimes fails.
    async fn be_read(&self) -> Result<(), LogError> {
        if self.is_away() {
            return Err(broken());
        }
        if self.failing.load(Ordering::SeqCst) {
            self.be_slow().await;
            if self.roll(6) == 0 {
                return Err(broken());
            }
        }
        Ok(())
    }

    async fn be_slow(&self) {
        let millis = self.roll(40);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// What a database does: all of them at their places, or none.
fn put(
    all: &Entries,
    tenant: TenantId,
    after: Option<EntryId>,
    entries: Vec<Entry>,
    requests: Vec<DoneRequest>,
) -> Result<(), AppendError> {
    let mut all = all.lock().unwrap();
    let own = all.entry(tenant).or_default();
    let next = own.entries.len() as u64 + 1;
    let follows = own.entries.last().map(|entry| entry.id) == after;
    let first = entries.first();
    let taken = !follows || first.is_some_and(|entry| entry.revision.0 != next);
    let is_done = |done: &DoneRequest| own.requests.contains_key(&done.request.key);
    if taken || requests.iter().any(is_done) {
        return Err(AppendError::Collision);
    }
    own.entries.extend(entries);
    for done in requests {
        own.requests.insert(done.request.key.clone(), done);
    }
    Ok(())
}

fn broken() -> LogError {
    LogError::unavailable("the test broke it")
}

#[async_trait]
impl EntryWriter for FaultyLog {
    async fn append(
        &self,
        tenant: TenantId,
        after: Option<EntryId>,
        entries: &[Entry],
        requests: &[DoneRequest],
    ) -> Result<(), AppendError> {
        let (entries, requests) = (entries.to_vec(), requests.to_vec());
        if self.is_away() {
            return Err(AppendError::NotWritten(broken()));
        }
        if !self.failing.load(Ordering::SeqCst) {
            return put(&self.entries, tenant, after, entries, requests);
        }
        self.be_slow().await;
        match self.roll(12) {
            // It fails before.
            0 => Err(AppendError::NotWritten(broken())),
            // It fails after it was durable.
            1 => {
                put(&self.entries, tenant, after, entries, requests)?;
                Err(AppendError::Unknown(broken()))
            }
            // It is lost, and nobody knows.
            2 => Err(AppendError::Unknown(broken())),
            // It fails, and arrives later, if its place is still free.
            3 => {
                let (all, millis) = (self.entries.clone(), self.roll(200));
                let task = tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    let _ = put(&all, tenant, after, entries, requests);
                });
                self.late.lock().unwrap().push(task);
                Err(AppendError::Unknown(broken()))
            }
            // It is durable, and the answer is slow.
            4 => {
                let done = put(&self.entries, tenant, after, entries, requests);
                self.be_slow().await;
                done
            }
            _ => put(&self.entries, tenant, after, entries, requests),
        }
    }
}

#[async_trait]
impl EntryReader for FaultyLog {
    async fn heads(&self, tenants: &[TenantId]) -> Result<Vec<Option<Head>>, LogError> {
        self.be_read().await?;
        let all = self.entries.lock().unwrap();
        let head = |tenant: &TenantId| {
            let last = all.get(tenant)?.entries.last()?;
            Some(Head {
                revision: last.revision,
                entry: last.id,
            })
        };
        Ok(tenants.iter().map(head).collect())
    }

    async fn read_after(
        &self,
        tenant: TenantId,
        revision: Revision,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.be_read().await?;
        let all = self.entries.lock().unwrap();
        let own = all.get(&tenant).into_iter().flat_map(|own| &own.entries);
        let after = own.filter(|entry| entry.revision > revision);
        Ok(after.take(most).cloned().collect())
    }

    async fn time_of(
        &self,
        tenant: TenantId,
        revision: Revision,
    ) -> Result<Option<EntryTime>, LogError> {
        self.be_read().await?;
        let all = self.entries.lock().unwrap();
        let mut own = all.get(&tenant).into_iter().flat_map(|own| &own.entries);
        let found = own.find(|entry| entry.revision == revision);
        Ok(found.map(time_of))
    }

    async fn last_by(
        &self,
        tenant: TenantId,
        at: Timestamp,
        up_to: Revision,
    ) -> Result<Option<EntryTime>, LogError> {
        self.be_read().await?;
        let all = self.entries.lock().unwrap();
        let own = all.get(&tenant).into_iter().flat_map(|own| &own.entries);
        let by = own.take_while(|entry| entry.at <= at && entry.revision <= up_to);
        Ok(by.last().map(time_of))
    }
}

fn time_of(entry: &Entry) -> EntryTime {
    EntryTime {
        revision: entry.revision,
        entry: entry.id,
        at: entry.at,
    }
}

#[async_trait]
impl Requests for FaultyLog {
    async fn find_request(
        &self,
        tenant: TenantId,
        key: &str,
        _: Timestamp,
    ) -> Result<Option<(String, Revision)>, LogError> {
        if self.failing.load(Ordering::SeqCst) && self.roll(12) == 0 {
            return Err(broken());
        }
        let all = self.entries.lock().unwrap();
        let done = all.get(&tenant).and_then(|own| own.requests.get(key));
        Ok(done.map(|done| (done.request.fingerprint.clone(), done.revision)))
    }

    async fn forget_requests(&self, _: Timestamp) -> Result<(), LogError> {
        Ok(())
    }
}

#[async_trait]
impl Snapshots for FaultyLog {
    async fn load_snapshot_up_to(
        &self,
        tenant: TenantId,
        revision: Revision,
    ) -> Result<Option<State>, LogError> {
        self.loaded.lock().unwrap().push(tenant);
        let loading = *self.loading.lock().unwrap();
        if !loading.is_zero() {
            tokio::time::sleep(loading).await;
        }
        let snapshots = self.snapshots.lock().unwrap();
        let of_it = snapshots.get(&tenant).into_iter().flatten();
        let usable = of_it.filter(|it| it.revision <= revision);
        let newest = usable.max_by_key(|it| it.revision);
        Ok(newest.and_then(|it| it.state().ok()))
    }

    async fn snapshot_revision(
        &self,
        tenant: TenantId,
        up_to: Revision,
    ) -> Result<Option<Revision>, LogError> {
        let snapshots = self.snapshots.lock().unwrap();
        let of_it = snapshots.get(&tenant).into_iter().flatten();
        let usable = of_it.map(|it| it.revision).filter(|it| *it <= up_to);
        Ok(usable.max())
    }

    async fn save_snapshot(&self, snapshot: &Snapshot) -> Result<(), LogError> {
        if self.failing.load(Ordering::SeqCst) && self.roll(4) == 0 {
            return Err(broken());
        }
        let all = self.entries.lock().unwrap();
        let entries = all.get(&snapshot.tenant).map(|own| &own.entries);
        let leads = entries.is_some_and(|entries| {
            let is_last = |entry: &Entry| entry.id == snapshot.last_entry;
            entries.iter().any(is_last)
        });
        if leads {
            let mut snapshots = self.snapshots.lock().unwrap();
            let of_it = snapshots.entry(snapshot.tenant).or_default();
            of_it.retain(|it| it.revision != snapshot.revision);
            of_it.push(snapshot.clone());
        }
        Ok(())
    }

    async fn remove_snapshot(&self, tenant: TenantId, revision: Revision) -> Result<(), LogError> {
        let mut snapshots = self.snapshots.lock().unwrap();
        let of_it = snapshots.entry(tenant).or_default();
        of_it.retain(|it| it.revision != revision);
        Ok(())
    }
}

#[async_trait]
impl TenantDirectory for FaultyLog {
    async fn tenants(&self) -> Result<Vec<TenantRow>, LogError> {
        if self.is_away() {
            return Err(broken());
        }
        Ok(self.tenants.lock().unwrap().clone())
    }

    /// The index lacks what entries named: only what was noted again is there.
    async fn issuers(&self) -> Result<Vec<IssuerRow>, LogError> {
        Ok(self.issuers.lock().unwrap().clone())
    }

    async fn note_issuers(&self, tenant: TenantId, issuers: &[String]) -> Result<(), LogError> {
        let row = |issuer: &String| IssuerRow {
            tenant,
            issuer: issuer.clone(),
        };
        self.issuers.lock().unwrap().extend(issuers.iter().map(row));
        Ok(())
    }

    async fn create_tenant(
        &self,
        tenant: TenantRow,
        first: Entry,
        _: Option<DoneRequest>,
    ) -> Result<(), DirectoryError> {
        let id = tenant.id;
        self.tenants.lock().unwrap().push(tenant);
        put(&self.entries, id, None, vec![first], Vec::new()).map_err(|_| DirectoryError::Unknown)
    }

    async fn change_tenant(&self, _: TenantRow, _: TenantRow) -> Result<(), DirectoryError> {
        Err(DirectoryError::Unknown)
    }
}

#[async_trait]
impl Holds for FaultyLog {
    async fn hold(&self, hold: &Hold) -> Result<(), LogError> {
        let mut holds = self.holds.lock().unwrap();
        holds.retain(|it| it.tenant != hold.tenant);
        holds.push(*hold);
        Ok(())
    }

    async fn release(&self, hold: &Hold) -> Result<(), LogError> {
        let is_it = |it: &Hold| (it.tenant, it.id) == (hold.tenant, hold.id);
        self.holds.lock().unwrap().retain(|it| !is_it(it));
        Ok(())
    }

    async fn holds(&self) -> Result<Vec<Hold>, LogError> {
        Ok(self.holds.lock().unwrap().clone())
    }
}

#[async_trait]
impl Installation for FaultyLog {
    async fn secret(&self, _: &str, fresh: &[u8]) -> Result<Vec<u8>, LogError> {
        if self.is_away() {
            return Err(broken());
        }
        Ok(fresh.to_vec())
    }
}
