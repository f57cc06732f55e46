//! Clients that write, each as fast as it is answered, or at a pace.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::Failure;
use crate::connection::{Caller, Connection};
use crate::records::Record;
use crate::work::Work;

/// Of so many answers to a client one is taken apart.
const ONE_IN: usize = 64;

/// Clients at work.
#[derive(Debug)]
pub(crate) struct Clients {
    stop: Arc<AtomicBool>,
    working: Vec<JoinHandle<Result<Vec<Record>, Failure>>>,
}

impl Clients {
    /// Let some begin, each as fast as it is answered. They are spread over the
    /// servers, and each goes round all tenants, beginning at a different one.
    pub(crate) fn start(
        count: usize,
        servers: &[SocketAddr],
        tenants: &Arc<Vec<Caller>>,
        work: &Arc<dyn Work>,
    ) -> Self {
        Self::begin(count, servers, tenants, work, None)
    }

    /// The same, all of them together asking so often a second.
    pub(crate) fn start_at_a_pace(
        count: usize,
        server: SocketAddr,
        tenants: &Arc<Vec<Caller>>,
        work: &Arc<dyn Work>,
        per_second: f64,
    ) -> Self {
        let every = Duration::from_secs_f64(count as f64 / per_second.max(1.0));
        Self::begin(count, &[server], tenants, work, Some(every))
    }

    fn begin(
        count: usize,
        servers: &[SocketAddr],
        tenants: &Arc<Vec<Caller>>,
        work: &Arc<dyn Work>,
        every: Option<Duration>,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |number: usize| {
            let client = Client {
                server: number % servers.len(),
                connection: Connection::new(servers[number % servers.len()]),
                tenants: tenants.clone(),
                next: number * tenants.len() / count,
                work: work.clone(),
                // So that they are out of step.
                pace: every.map(|every| (every * number as u32 / count as u32, every)),
                stop: stop.clone(),
            };
            tokio::spawn(client.write())
        };
        Self {
            working: (0..count).map(client).collect(),
            stop,
        }
    }

    /// Let each finish what it asked for. All that was asked.
    pub(crate) async fn stop(self) -> Result<Vec<Record>, Failure> {
        self.stop.store(true, Ordering::Relaxed);
        let mut records = Vec::new();
        for client in self.working {
            records.extend(client.await??);
        }
        Ok(records)
    }
}

struct Client {
    server: usize,
    connection: Connection,
    tenants: Arc<Vec<Caller>>,
    /// The tenant that is written to next.
    next: usize,
    work: Arc<dyn Work>,
    /// After how long it begins, and how long it is from one to the next.
    pace: Option<(Duration, Duration)>,
    stop: Arc<AtomicBool>,
}

impl Client {
    async fn write(mut self) -> Result<Vec<Record>, Failure> {
        let mut records = Vec::new();
        let mut ticks = self.pace.map(|(first, every)| {
            let first = tokio::time::Instant::now() + first;
            tokio::time::interval_at(first, every)
        });
        loop {
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            if self.stop.load(Ordering::Relaxed) {
                return Ok(records);
            }
            let is_read = records.len().is_multiple_of(ONE_IN);
            records.push(self.write_one(is_read).await?);
        }
    }

    async fn write_one(&mut self, is_read: bool) -> Result<Record, Failure> {
        let wish = self.work.next(self.next);
        let caller = &self.tenants[self.next];
        let asked = Instant::now();
        let body = wish.body.clone();
        let answer = self
            .connection
            .ask(wish.method, caller, &wish.path, body)
            .await;
        let answered = Instant::now();
        self.next = (self.next + 1) % self.tenants.len();
        let record = Record {
            server: self.server,
            // An error is shown as one with no status.
            status: answer.as_ref().map_or(0, |answer| answer.status),
            answered,
            took: answered - asked,
        };
        if let (true, true, Ok(answer)) = (is_read, record.is_done(), &answer) {
            wish.check(answer)?;
        }
        Ok(record)
    }
}
