//! The real program under concurrent writes through HTTP, killed at random
//! moments and started again: every acknowledged write is there, and the state
//! is what its entries give.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::process::{self, Program};
use attache_core::{Locator, Ref, State};
use attache_log::{
    EntryReader as _, Installation as _, Location, Snapshots as _, SqlLog, TenantDirectory as _,
};
use serde_json::{Value, json};

/// How often the program is killed by default.
const KILLS: usize = 20;
/// How many clients write at the same time.
const CLIENTS: usize = 8;
/// How many users there are to add and remove.
const USERS: usize = 2_000;
/// How many acknowledged writes a life of the program has at most.
const MOST_WRITES: usize = 400;

/// What a client knows about a user: attached, or not, or not known since the
/// answer never came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Attached(bool),
    Unknown,
}

/// A client's own users, and what it knows about each.
struct Client {
    users: Vec<(String, Known)>,
    at: usize,
}

impl Client {
    /// Add and remove its users, one after the other, until the program is
    /// gone. Every answer is counted; the one that makes it `deadly` kills it.
    async fn write(
        mut self,
        program: Arc<Program>,
        answered: Arc<AtomicUsize>,
        deadly: usize,
    ) -> Self {
        let http = reqwest::Client::new();
        let url = format!("{}/v1/workspaces/desk/chatbots/bot/users", program.url);
        loop {
            let (user, known) = &mut self.users[self.at];
            let add = *known != Known::Attached(true);
            let request = if add {
                http.post(&url).json(&json!({"userId": user}))
            } else {
                http.delete(format!("{url}/{user}"))
            };
            *known = Known::Unknown;
            let Some(answer) = answer(request.bearer_auth(&program.token)).await else {
                return self;
            };
            // `false` says that it was so already: after a kill that is possible.
            let field = if add { "added" } else { "removed" };
            assert!(answer[field].is_boolean(), "{answer}");
            *known = Known::Attached(add);
            self.at = (self.at + 1) % self.users.len();
            if answered.fetch_add(1, Ordering::SeqCst) + 1 == deadly {
                program.kill();
            }
        }
    }
}

/// The answer, if it came whole.
async fn answer(request: reqwest::RequestBuilder) -> Option<Value> {
    let answer = request.send().await.ok()?;
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json().await.ok()
}

/// The members of the chatbot, as the program says.
async fn members(program: &Program) -> BTreeSet<String> {
    let url = format!("{}/v1/workspaces/desk/chatbots/bot/users", program.url);
    let request = reqwest::Client::new().get(url).bearer_auth(&program.token);
    let list = answer(request).await.unwrap();
    let ids = list["users"].as_array().unwrap().iter();
    ids.map(|user| user["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The members of the chatbot, as all entries from the first one on give them;
/// and whether the saved snapshot is on their way.
async fn replayed(data: &std::path::Path) -> BTreeSet<String> {
    let file = Location::Sqlite(data.join("attache.db"));
    let log = SqlLog::open(&file, Default::default()).await.unwrap();
    let tenant = log.tenants().await.unwrap().remove(0).id;
    let entries = log
        .read_after(tenant, Default::default(), usize::MAX)
        .await
        .unwrap();
    let snapshot = log.load_snapshot(tenant).await.unwrap();
    let mut state = State::empty(tenant);
    for entry in &entries {
        assert_eq!(entry.revision, state.revision().next(), "a gap in the log");
        state.apply(entry);
        if let Some(snapshot) = &snapshot
            && snapshot.revision() == state.revision()
        {
            assert!(
                *snapshot == state,
                "the snapshot is not what the entries give"
            );
        }
    }
    log.close().await;
    let bot = state
        .find(&Locator::of("chatbot", Ref::text("bot")))
        .unwrap();
    let members = state.view(state.at()).members(bot);
    members
        .map(|member| member.user().key.as_ref().unwrap().to_string())
        .collect()
}

fn prepare(data: &std::path::Path) -> String {
    process::run(
        data,
        &[
            "init",
            "--tenant",
            "lantern",
            "--admin-email",
            "ada@lantern.example",
        ],
    );
    let files = data.join("files");
    std::fs::create_dir(&files).unwrap();
    let users: Vec<String> = (0..USERS).map(|number| format!("user-{number}")).collect();
    let lines = |head: &str, line: &dyn Fn(&String) -> String| {
        users
            .iter()
            .fold(format!("{head}\n"), |text, user| text + &line(user) + "\n")
    };
    std::fs::write(
        files.join("resources.csv"),
        "kind,key,name,parent\nworkspace,desk,Desk,\nchatbot,bot,Bot,workspace:desk\n",
    )
    .unwrap();
    std::fs::write(files.join("users.csv"), lines("key", &String::clone)).unwrap();
    std::fs::write(
        files.join("memberships.csv"),
        lines("resource,user", &|user| format!("workspace:desk,{user}")),
    )
    .unwrap();
    process::run(
        data,
        &["import", files.to_str().unwrap(), "--tenant", "lantern"],
    );
    process::run(
        data,
        &[
            "token",
            "create",
            "--service",
            "test",
            "--grant",
            "chatbot-directory",
        ],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_being_killed() {
    let kills = std::env::var("ATTACHE_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(KILLS);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let token = prepare(&data);
    let mut clients: Vec<Client> = (0..CLIENTS)
        .map(|client| Client {
            users: (client..USERS)
                .step_by(CLIENTS)
                .map(|number| (format!("user-{number}"), Known::Attached(false)))
                .collect(),
            at: 0,
        })
        .collect();
    let (mut acknowledged, mut unknown) = (0, 0);
    for kill in 0..kills {
        let program = Arc::new(Program::start(&data, &token));
        let answered = Arc::new(AtomicUsize::new(0));
        // Some die young, some later: never at the same answer.
        let deadly = 1 + (kill * 7_919 + 31) % MOST_WRITES;
        let writing = clients
            .drain(..)
            .map(|client| tokio::spawn(client.write(program.clone(), answered.clone(), deadly)));
        let writing: Vec<_> = writing.collect();
        for client in writing {
            clients.push(client.await.unwrap());
        }
        program.wait();
        acknowledged += answered.load(Ordering::SeqCst);
        let again = Program::start(&data, &token);
        let members = members(&again).await;
        for (user, known) in clients.iter_mut().flat_map(|client| &mut client.users) {
            let is_there = members.contains(user);
            match known {
                Known::Attached(attached) => {
                    assert_eq!(
                        *attached, is_there,
                        "kill {kill}: {user} was acknowledged otherwise"
                    );
                }
                Known::Unknown => {
                    unknown += 1;
                    *known = Known::Attached(is_there);
                }
            }
        }
        assert!(again.terminate().success(), "it did not end well");
        assert_eq!(
            replayed(&data).await,
            members,
            "kill {kill}: the state is not what the entries give"
        );
    }
    println!(
        "{kills} kills, {acknowledged} acknowledged writes, {unknown} whose answer never came"
    );
    assert!(
        acknowledged > kills,
        "the program was killed before it did anything"
    );
}
