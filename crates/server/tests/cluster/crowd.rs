//! Writers and readers of all tenants, and what they were told in the end.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::check::{Reads, check};
use crate::client::Client;
use crate::dice::Dice;
use crate::history::{History, Read, Write};
use crate::installation::Installation;
use crate::question::Question;
use crate::replay::Replay;
use crate::traffic::{self, Counts, Person};

/// How many write and how many read in each tenant.
const WRITERS: usize = 3;
const READERS: usize = 2;
/// How long they wait for an answer: writers less than a server may have to,
/// so that what they wanted is done behind their back.
const WRITES_WAIT: Duration = Duration::from_millis(700);
const READS_WAIT: Duration = Duration::from_secs(4);
/// How long the servers may take to be well after the trouble.
const PATIENCE: Duration = Duration::from_secs(60);

/// Those who write and read one tenant.
struct Group {
    person: Person,
    writers: Vec<JoinHandle<Vec<Write>>>,
    readers: Vec<JoinHandle<(Vec<Read>, usize)>>,
}

/// All who write and read.
pub(crate) struct Crowd {
    installation: Arc<Installation>,
    groups: Vec<Group>,
    end: CancellationToken,
}

impl Crowd {
    /// Let them begin.
    pub(crate) fn begin(installation: &Arc<Installation>, dice: &mut Dice) -> Self {
        let began = Instant::now();
        let end = CancellationToken::new();
        let groups = (0..installation.tenants.len()).map(|tenant| {
            let person = |wait| Person {
                installation: installation.clone(),
                client: Client::new(began, wait),
                tenant,
                told: Arc::new(AtomicU64::new(0)),
                end: end.clone(),
            };
            let reader = person(READS_WAIT);
            let writer = Person {
                told: reader.told.clone(),
                ..person(WRITES_WAIT)
            };
            let writers = (0..WRITERS).map(|place| {
                let called = format!("write-{tenant}-{place}");
                tokio::spawn(writer.clone().write(dice.other(), called))
            });
            let writers = writers.collect();
            let readers = (0..READERS).map(|_| tokio::spawn(reader.clone().read(dice.other())));
            Group {
                writers,
                readers: readers.collect(),
                person: reader,
            }
        });
        Self {
            installation: installation.clone(),
            groups: groups.collect(),
            end,
        }
    }

    /// Let them end, now that all is well, and hold all that they were told
    /// against the log.
    pub(crate) async fn end(self, reads: Reads, counts: &mut Counts) {
        self.end.cancel();
        for group in self.groups {
            let tenant = group.person.tenant;
            let mut history = History {
                begins_at: self.installation.tenants[tenant].begins_at,
                writes: Vec::new(),
                reads: Vec::new(),
            };
            for writer in group.writers {
                history.writes.extend(writer.await.unwrap());
            }
            for reader in group.readers {
                let (reads, unanswered) = reader.await.unwrap();
                history.reads.extend(reads);
                *counts.entry("reads that were not answered").or_default() += unanswered;
            }
            let replay = settled(&self.installation, &group.person).await;
            let faults = check(&history, &replay, reads);
            for fault in faults.iter().take(10) {
                eprintln!("{fault}");
            }
            assert!(faults.is_empty(), "{} faults", faults.len());
            traffic::count(&history.writes, counts);
            *counts.entry("reads").or_default() += history.reads.len();
            *counts.entry("entries").or_default() += replay.last() as usize;
            *counts.entry("histories").or_default() += 1;
        }
    }
}

/// Once all is well, every server comes by itself to where the log is, and
/// says what the log says. Nothing, if the log went on in the meantime.
async fn all_agree(person: &Person, replay: &Replay) -> Option<()> {
    let end = Instant::now() + PATIENCE;
    for server in 0..person.installation.servers.len() {
        for question in Question::all() {
            let read = loop {
                let read = person.one_read(server, question, None).await;
                let read = read.filter(|read| read.answer.revision >= replay.last());
                match read {
                    Some(read) => break read,
                    None => assert!(Instant::now() < end, "server {server} is not well again"),
                }
            };
            // What nobody waited for any more can have arrived.
            let state = replay.at(read.answer.revision)?;
            let status = read.answer.status;
            let shown = (status, question.shown(status, &read.answer.body));
            assert_eq!(shown, question.on(state), "server {server} says otherwise");
        }
    }
    Some(())
}

/// The log, when all servers are where it is.
async fn settled(installation: &Installation, person: &Person) -> Replay {
    let tenant = installation.tenants[person.tenant].id;
    loop {
        let replay = installation.records.replay(tenant).await;
        if all_agree(person, &replay).await.is_some() {
            return replay;
        }
    }
}
