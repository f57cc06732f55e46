//! Turns for heavy work: few at once, fair among tenants, and never on the threads that
//! serve everybody.
//!
//! Work that is known to be small runs at once. All other work takes a turn. Waiting
//! tenants are served round robin, each in the order of its requests, and one tenant
//! never has more than half of the turns, rounded up.
//!
//! Some work cannot be cut into slices: a page of a very large list, the list of users in
//! a single command. If no turn ends for a while, tenants without a turn get extra turns,
//! at most as many as the ordinary ones, and all turns share the processors. So no tenant
//! waits for the end of another tenant's long turn.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use attache_core::id::TenantId;
use attache_log::aside;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

/// The length of a turn for interruptible work.
const SLICE: Duration = Duration::from_millis(20);

/// How long tenants without a turn wait before they get extra turns.
const PATIENCE: Duration = Duration::from_millis(50);

/// Too much heavy work of the tenant is queued. The work was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much heavy work of this tenant is waiting")]
pub struct Busy;

/// The turns of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queue: Mutex<Queue>,
    /// The number of turns.
    at_once: usize,
    /// The most turns of one tenant.
    of_one: usize,
    /// The most queued pieces of work of one tenant.
    waiting: usize,
    /// How long a turn may last before tenants without one get extra turns.
    patience: Duration,
}

#[derive(Debug)]
struct Queue {
    running: usize,
    /// When a turn last began or ended.
    since: Instant,
    lines: HashMap<TenantId, Line>,
    /// The waiting tenants, the next one first. Each is listed once.
    order: VecDeque<TenantId>,
}

#[derive(Debug, Default)]
struct Line {
    running: usize,
    waiting: VecDeque<oneshot::Sender<()>>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            running: 0,
            since: Instant::now(),
            lines: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl Turns {
    /// Makes `at_once` turns; 0 means one fewer than there are processors, and at least
    /// one. `waiting` bounds the queued pieces of work of one tenant.
    #[must_use]
    pub fn new(at_once: usize, waiting: usize) -> Self {
        Self::with_patience(at_once, waiting, PATIENCE)
    }

    fn with_patience(at_once: usize, waiting: usize, patience: Duration) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = match at_once {
            0 => processors.saturating_sub(1).max(1),
            some => some,
        };
        Self(Arc::new(Inner {
            queue: Mutex::default(),
            at_once,
            of_one: at_once.div_ceil(2),
            waiting,
            patience,
        }))
    }

    /// Runs a tenant's work in a turn. If the future is dropped earlier, the work does
    /// not start.
    ///
    /// # Errors
    /// [`Busy`] if too much work of the tenant is queued.
    pub async fn run<T>(&self, tenant: TenantId, work: impl FnOnce() -> T) -> Result<T, Busy> {
        let turn = self.take(tenant, Entry::New).await?;
        Ok(turn.run(work))
    }

    /// Runs a tenant's work in a turn, for a request that was admitted before. Never
    /// refused.
    pub async fn go_on<T>(&self, tenant: TenantId, work: impl FnOnce() -> T) -> T {
        match self.take(tenant, Entry::LetIn).await {
            Ok(turn) => turn.run(work),
            // Only new work is refused.
            Err(Busy) => aside(work),
        }
    }

    /// Runs interruptible work, one slice per turn, until it returns a result. Other work
    /// runs between the slices. Never refused, since the work was admitted before.
    pub async fn in_slices<T>(
        &self,
        tenant: TenantId,
        mut work: impl FnMut(&Slice) -> Option<T>,
    ) -> T {
        loop {
            let slice = || work(&Slice::new());
            if let Some(done) = self.go_on(tenant, slice).await {
                return done;
            }
            // A turn may be free at once, and deadlines must be polled all the same.
            tokio::task::yield_now().await;
        }
    }

    /// Runs work that cannot be cut into slices and calls [`Pace::rest`] regularly, where
    /// it may hand its turn on. Never refused, since the work was admitted before.
    pub async fn paced<T>(&self, tenant: TenantId, work: impl FnOnce(&mut Pace<'_>) -> T) -> T {
        // Only new work is refused.
        let turn = self.take(tenant, Entry::LetIn).await.ok();
        let mut pace = Pace {
            turns: self,
            tenant,
            turn,
            slice: Slice::new(),
            calls: 0,
        };
        aside(|| work(&mut pace))
    }

    async fn take(&self, tenant: TenantId, entry: Entry) -> Result<Turn, Busy> {
        let Some(granted) = self.0.ask(tenant, entry)? else {
            return Ok(self.turn(tenant));
        };
        let mut place = Place {
            turns: self,
            tenant,
            granted: Some(granted),
        };
        if let Some(granted) = &mut place.granted {
            // Cannot fail: the queue drops a sender only to grant a turn.
            while timeout(self.0.patience, &mut *granted).await.is_err() {
                self.0.grant_besides();
            }
        }
        place.granted = None;
        Ok(self.turn(tenant))
    }

    fn turn(&self, tenant: TenantId) -> Turn {
        Turn {
            turns: self.clone(),
            tenant,
        }
    }
}

/// Whether work may be refused when too much is queued.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    New,
    LetIn,
    /// Further slices of work. Queued work of others goes first.
    Again,
}

impl Inner {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No holder of the lock panics halfway through a change.
        self.queue.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    /// Takes a free turn, or returns a receiver that a granted turn resolves.
    fn ask(&self, tenant: TenantId, entry: Entry) -> Result<Option<oneshot::Receiver<()>>, Busy> {
        let mut queue = self.queue();
        let queue = &mut *queue;
        let line = queue.lines.entry(tenant).or_default();
        let is_free = queue.running < self.at_once && line.running < self.of_one;
        if is_free && line.waiting.is_empty() {
            queue.running += 1;
            line.running += 1;
            queue.since = Instant::now();
            return Ok(None);
        }
        if entry == Entry::New && line.waiting.len() >= self.waiting {
            // Callers who have gone away no longer wait.
            line.waiting.retain(|waiting| !waiting.is_closed());
            if line.waiting.len() >= self.waiting {
                return Err(Busy);
            }
        }
        if line.waiting.is_empty() && !queue.order.contains(&tenant) {
            queue.order.push_back(tenant);
        }
        let (grant, granted) = oneshot::channel();
        match entry {
            Entry::New | Entry::Again => line.waiting.push_back(grant),
            // Admitted work ends before new work starts.
            Entry::LetIn => line.waiting.push_front(grant),
        }
        Ok(Some(granted))
    }

    /// Returns a turn, and grants the free ones.
    fn release(&self, tenant: TenantId) {
        let mut queue = self.queue();
        queue.since = Instant::now();
        queue.running = queue.running.saturating_sub(1);
        if let Some(line) = queue.lines.get_mut(&tenant) {
            line.running = line.running.saturating_sub(1);
            if line.running == 0 && line.waiting.is_empty() {
                queue.lines.remove(&tenant);
            }
        }
        while queue.running < self.at_once && queue.grant(self.of_one) {}
    }

    /// Grants an extra turn to the next tenant without one, if no turn began or ended for
    /// [`PATIENCE`].
    fn grant_besides(&self) {
        let mut queue = self.queue();
        let is_stuck = queue.since.elapsed() >= self.patience;
        if is_stuck && queue.running < 2 * self.at_once {
            // A tenant with a turn waits for the end of its own.
            while queue.grant(1) && queue.since.elapsed() >= self.patience {}
        }
    }
}

impl Queue {
    /// Grants a turn to the first waiting tenant that may have one more. Returns false if
    /// there is none.
    fn grant(&mut self, of_one: usize) -> bool {
        let lines = &self.lines;
        let running = |tenant: &TenantId| lines.get(tenant).map_or(0, |line| line.running);
        let place = self.order.iter().position(|it| running(it) < of_one);
        let Some(tenant) = place.and_then(|place| self.order.remove(place)) else {
            return false;
        };
        let Some(line) = self.lines.get_mut(&tenant) else {
            return true;
        };
        let next = line.waiting.pop_front();
        if next.is_some_and(|next| next.send(()).is_ok()) {
            line.running += 1;
            self.running += 1;
            self.since = Instant::now();
        }
        match (line.waiting.is_empty(), line.running) {
            (false, _) => self.order.push_back(tenant),
            (true, 0) => drop(self.lines.remove(&tenant)),
            (true, _) => {}
        }
        true
    }
}

/// A place in the queue. Dropping it after a turn was granted returns the turn.
struct Place<'a> {
    turns: &'a Turns,
    tenant: TenantId,
    granted: Option<oneshot::Receiver<()>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(granted) = &mut self.granted {
            granted.close();
            if granted.try_recv().is_ok() {
                self.turns.0.release(self.tenant);
            }
        }
    }
}

/// A turn, released when it is dropped.
#[derive(Debug)]
struct Turn {
    turns: Turns,
    tenant: TenantId,
}

impl Turn {
    fn run<T>(self, work: impl FnOnce() -> T) -> T {
        aside(work)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.0.release(self.tenant);
    }
}

/// The time used of a turn's slice.
#[derive(Debug)]
pub struct Slice(Instant);

impl Slice {
    fn new() -> Self {
        Self(Instant::now())
    }

    /// Returns whether the work should let others have their turn.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.elapsed() >= SLICE
    }
}

/// The turns of work that needs many.
#[derive(Debug)]
pub struct Pace<'a> {
    turns: &'a Turns,
    tenant: TenantId,
    turn: Option<Turn>,
    slice: Slice,
    calls: u32,
}

impl Pace<'_> {
    /// The clock is read once in this many calls.
    const LOOK_EVERY: u32 = 64;

    /// Lets others have their turn if this work has used up its slice, and then waits for
    /// its next turn. Otherwise almost free.
    pub fn rest(&mut self) {
        self.calls = self.calls.wrapping_add(1);
        if !self.calls.is_multiple_of(Self::LOOK_EVERY) || !self.slice.is_over() {
            return;
        }
        if let Some(runtime) = runtime_that_waits() {
            self.turn = None;
            let turn = self.turns.take(self.tenant, Entry::Again);
            // Only new work is refused.
            self.turn = runtime.block_on(turn).ok();
        }
        self.slice = Slice::new();
    }
}

/// Returns the runtime, if work on this thread may block on it.
fn runtime_that_waits() -> Option<Handle> {
    let runtime = Handle::try_current().ok()?;
    (runtime.runtime_flavor() == RuntimeFlavor::MultiThread).then_some(runtime)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::task::JoinHandle;
    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    /// Turns for which nobody loses patience.
    fn patient(at_once: usize, waiting: usize) -> Turns {
        Turns::with_patience(at_once, waiting, Duration::from_secs(3_600))
    }

    /// Lets tasks run until none of them can go on.
    async fn settle() {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    /// Work that notes its name when it is its turn.
    fn note(turns: &Turns, of: u128, name: &str, notes: &mpsc::Sender<String>) -> JoinHandle<()> {
        let (turns, name, notes) = (turns.clone(), name.to_owned(), notes.clone());
        tokio::spawn(async move {
            let done = turns.run(tenant(of), || notes.send(name)).await;
            if let Ok(sent) = done {
                sent.unwrap();
            }
        })
    }

    #[tokio::test]
    async fn tenants_take_turns_however_much_one_of_them_asks() {
        let turns = patient(1, 64);
        let (notes, read) = mpsc::channel();
        let busy = turns.take(tenant(9), Entry::New).await.unwrap();
        let mut all = Vec::new();
        for name in ["a1", "a2", "a3"] {
            all.push(note(&turns, 1, name, &notes));
            settle().await;
        }
        for name in ["b1", "b2"] {
            all.push(note(&turns, 2, name, &notes));
            settle().await;
        }
        assert!(read.try_recv().is_err());
        drop(busy);
        for done in all {
            done.await.unwrap();
        }
        let order: Vec<String> = read.try_iter().collect();
        assert_eq!(order, ["a1", "b1", "a2", "b2", "a3"]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn paced_work_lets_others_go_first_also_of_its_own_tenant() {
        for other in [1, 2] {
            let turns = patient(1, 64);
            let (notes, read) = mpsc::channel();
            let (begun, begins) = oneshot::channel();
            let paced = {
                let turns = turns.clone();
                tokio::spawn(async move {
                    let work = move |pace: &mut Pace<'_>| {
                        let _ = begun.send(());
                        // It ends only where the other has had its turn.
                        while read.try_recv().is_err() {
                            pace.rest();
                        }
                    };
                    turns.paced(tenant(1), work).await;
                })
            };
            begins.await.unwrap();
            note(&turns, other, "other", &notes).await.unwrap();
            paced.await.unwrap();
            assert_eq!(turns.0.queue().running, 0);
        }
    }

    #[tokio::test]
    async fn one_tenant_holds_at_most_half_of_the_turns() {
        let turns = patient(4, 64);
        let one = turns.take(tenant(1), Entry::New).await.unwrap();
        let _two = turns.take(tenant(1), Entry::New).await.unwrap();
        let (notes, read) = mpsc::channel();
        let third = note(&turns, 1, "third", &notes);
        settle().await;
        note(&turns, 2, "other", &notes).await.unwrap();
        assert_eq!(read.try_iter().collect::<Vec<_>>(), ["other"]);
        drop(one);
        third.await.unwrap();
        assert_eq!(read.try_iter().collect::<Vec<_>>(), ["third"]);
    }

    #[tokio::test]
    async fn work_is_refused_where_too_much_of_a_tenant_waits() {
        let turns = patient(1, 2);
        let (notes, read) = mpsc::channel();
        let busy = turns.take(tenant(1), Entry::New).await.unwrap();
        let waiting = [
            note(&turns, 1, "first", &notes),
            note(&turns, 1, "second", &notes),
        ];
        settle().await;
        assert_eq!(turns.run(tenant(1), || ()).await, Err(Busy));
        // What was let in before is not refused, and comes first.
        let under_way = turns.clone();
        let own = notes.clone();
        let under_way = tokio::spawn(async move {
            let go_on = || own.send("under way".to_owned());
            under_way.go_on(tenant(1), go_on).await.unwrap();
        });
        settle().await;
        drop(busy);
        for done in waiting {
            done.await.unwrap();
        }
        under_way.await.unwrap();
        let order: Vec<String> = read.try_iter().collect();
        assert_eq!(order, ["under way", "first", "second"]);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_not_begun() {
        let turns = patient(1, 1);
        let (notes, read) = mpsc::channel();
        let busy = turns.take(tenant(1), Entry::New).await.unwrap();
        let gone = note(&turns, 1, "gone", &notes);
        settle().await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        // It takes no place in the line either.
        let next = note(&turns, 1, "next", &notes);
        settle().await;
        drop(busy);
        next.await.unwrap();
        assert_eq!(read.try_iter().collect::<Vec<_>>(), ["next"]);
        assert!(turns.0.queue().lines.is_empty());
    }

    #[tokio::test]
    async fn a_turn_that_is_granted_to_nobody_comes_back() {
        let turns = patient(1, 8);
        let busy = turns.take(tenant(1), Entry::New).await.unwrap();
        let waiting = turns.take(tenant(1), Entry::New);
        let mut waiting = Box::pin(waiting);
        assert!(still_waits(&mut waiting).await);
        drop(busy);
        // Granted, and dropped before it was looked at.
        drop(waiting);
        assert_eq!(turns.run(tenant(2), || 7).await, Ok(7));
    }

    /// Polls once. Returns whether the future still waits.
    async fn still_waits<F: Future + Unpin>(future: &mut F) -> bool {
        std::future::poll_fn(|context| {
            let polled = std::pin::Pin::new(&mut *future).poll(context);
            std::task::Poll::Ready(polled.is_pending())
        })
        .await
    }

    #[tokio::test]
    async fn slices_go_on_until_the_work_is_done() {
        let turns = patient(1, 1);
        let mut left = 3;
        let done = turns.in_slices(tenant(1), |_| {
            left -= 1;
            (left == 0).then_some("done")
        });
        assert_eq!(done.await, "done");
    }

    /// The server's workers serve others while a turn is occupied.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_long_turn_occupies_no_worker() {
        let turns = patient(1, 1);
        let (stop, stopped) = mpsc::channel::<()>();
        let heavy = turns.clone();
        let heavy = tokio::spawn(async move { heavy.run(tenant(1), move || stopped.recv()).await });
        // With the only worker blocked, this would never run.
        let answered = tokio::spawn(async move { stop.send(()) });
        answered.await.unwrap().unwrap();
        assert!(heavy.await.unwrap().unwrap().is_ok());
    }

    #[tokio::test]
    async fn a_tenant_does_not_wait_for_the_end_of_anothers_long_turn() {
        let turns = Turns::with_patience(1, 8, Duration::from_millis(1));
        let long = turns.take(tenant(1), Entry::New).await.unwrap();
        assert_eq!(turns.run(tenant(2), || 7).await, Ok(7));
        let paced = turns.paced(tenant(3), |pace| pace.rest());
        paced.await;
        // The other's next work does, and so does a third where as many run besides.
        let own = turns.take(tenant(1), Entry::New);
        let mut own = Box::pin(own);
        let besides = turns.take(tenant(2), Entry::New).await.unwrap();
        let third = turns.take(tenant(3), Entry::New);
        let mut third = Box::pin(third);
        let moment = Duration::from_millis(20);
        assert!(timeout(moment, &mut own).await.is_err());
        assert!(timeout(moment, &mut third).await.is_err());
        assert_eq!(turns.0.queue().running, 2);
        drop(besides);
        drop(third.await.unwrap());
        assert!(timeout(moment, &mut own).await.is_err());
        drop(long);
        drop(own.await.unwrap());
        assert_eq!(turns.0.queue().running, 0);
        assert!(turns.0.queue().lines.is_empty());
    }

    #[tokio::test]
    async fn short_turns_of_many_tenants_are_no_long_turn() {
        let turns = Turns::with_patience(1, 64, Duration::from_secs(3_600));
        let busy = turns.take(tenant(9), Entry::New).await.unwrap();
        let waiting = turns.take(tenant(1), Entry::New);
        let mut waiting = Box::pin(waiting);
        assert!(still_waits(&mut waiting).await);
        turns.0.grant_besides();
        assert!(still_waits(&mut waiting).await);
        drop(busy);
        drop(waiting.await.unwrap());
    }
}
