//! Clients that write, each as fast as it is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use serde_json::json;
use tokio::task::JoinHandle;

use crate::Failure;
use crate::connection::{Answer, Caller, Connection};
use crate::records::Record;

/// Of so many answers one is read to the end.
const ONE_IN: u64 = 64;

/// Numbers for users, each given once.
static USERS: AtomicU64 = AtomicU64::new(1);

/// A user to be added.
#[derive(Debug)]
pub(crate) struct NewUser {
    number: u64,
    pub(crate) key: String,
}

impl NewUser {
    pub(crate) fn next() -> Self {
        let number = USERS.fetch_add(1, Ordering::Relaxed);
        let key = format!("person-{number:09}");
        Self { number, key }
    }

    /// Add it: one entry, whatever is there already.
    pub(crate) async fn add(
        &self,
        connection: &mut Connection,
        caller: &Caller,
    ) -> Result<Answer, Failure> {
        let body = json!({
            "key": self.key,
            "first_name": "Freya",
            "last_name": "Holm",
            "email": format!("{}@harbour-bakery.example", self.key),
        });
        let path = "/api/v1/users";
        connection.post(caller, path, body.to_string()).await
    }

    /// What does not fit in the answer, where it is read.
    fn check(&self, answer: &Answer) -> Result<(), Failure> {
        if answer.status != 201 || !self.number.is_multiple_of(ONE_IN) {
            return Ok(());
        }
        let user = answer.json()?;
        match user["key"] == self.key.as_str() && user["id"].is_string() {
            true => Ok(()),
            false => Err(format!("{} was to be added, and this was: {user}", self.key).into()),
        }
    }
}

/// Clients at work.
#[derive(Debug)]
pub(crate) struct Clients {
    stop: Arc<AtomicBool>,
    working: Vec<JoinHandle<Result<Vec<Record>, Failure>>>,
}

impl Clients {
    /// Let some begin. They are spread over the servers, and each goes round
    /// all tenants, beginning at a different one.
    pub(crate) fn start(count: usize, servers: &[SocketAddr], tenants: &Arc<Vec<Caller>>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |number: usize| {
            let server = number % servers.len();
            let first = number * tenants.len() / count;
            let connection = Connection::new(servers[server]);
            tokio::spawn(write(
                server,
                first,
                connection,
                tenants.clone(),
                stop.clone(),
            ))
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

async fn write(
    server: usize,
    first: usize,
    mut connection: Connection,
    tenants: Arc<Vec<Caller>>,
    stop: Arc<AtomicBool>,
) -> Result<Vec<Record>, Failure> {
    let mut records = Vec::new();
    let callers = tenants.iter().cycle().skip(first);
    for caller in callers {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let user = NewUser::next();
        let asked = Instant::now();
        let answer = user.add(&mut connection, caller).await;
        let answered = Instant::now();
        let status = match answer {
            Ok(answer) => {
                user.check(&answer)?;
                answer.status
            }
            // It is shown as an error with no status.
            Err(_) => 0,
        };
        records.push(Record {
            server,
            status,
            answered,
            took: answered - asked,
        });
    }
    Ok(records)
}
