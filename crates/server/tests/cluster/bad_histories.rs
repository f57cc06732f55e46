//! The check must be able to fail: histories that were made by hand, a good
//! one and what can be wrong with it.

use std::time::Duration;

use attache_core::catalogue::Catalogue;
use attache_core::id::{EntryId, Key, ResourceId, TenantId, UserId};
use attache_core::model::{Name, Profile, Status, UserFacts};
use attache_core::{Actor, Caller, Command, Draft, Entry, Locator, Ref, State};
use serde_json::json;
use uuid::Uuid;

use crate::check::{Reads, Wrong, check};
use crate::history::{Answer, Attempt, History, Instant, Read, Told, Write};
use crate::question::Question;
use crate::replay::Replay;
use crate::wish::{CUSTOMERS, Wish};

const LATEST: Reads = Reads::Latest;
const LOCAL: Reads = Reads::Local {
    silent: Duration::from_secs(1),
};
/// What the tenant begins with: itself and its customers.
const BEGINNING: u64 = 3;

fn seconds(tenths: u64) -> Instant {
    Duration::from_millis(100 * tenths)
}

/// A tenant and its log.
struct Tenant {
    state: State,
    entries: Vec<Entry>,
}

impl Tenant {
    fn new() -> Self {
        let state = State::empty(TenantId(Uuid::now_v7()));
        let entries = Vec::new();
        let mut tenant = Self { state, entries };
        let create = Command::CreateTenant {
            root: ResourceId(Uuid::now_v7()),
            name: Name::new("Lantern Talk").unwrap(),
            catalogue: Box::new(Catalogue::starting().unwrap()),
        };
        tenant.append("begin", &create);
        for customer in CUSTOMERS {
            let add = Command::AddResource {
                id: ResourceId(Uuid::now_v7()),
                kind: "customer".into(),
                parent: Locator::root(),
                number: None,
                key: Some(Key::new(customer).unwrap()),
                name: Name::new(customer).unwrap(),
            };
            tenant.append("begin", &add);
        }
        tenant
    }

    fn append(&mut self, name: &str, command: &Command) {
        let by = Caller {
            tenant: self.state.tenant(),
            actor: Actor::Operator,
        };
        let mut draft = Draft::new(self.state.clone(), by, self.state.at());
        draft.run(command).unwrap();
        let (changes, _, at) = draft.finish();
        let entry = Entry {
            id: EntryId(Uuid::now_v7()),
            revision: self.state.revision().next(),
            at,
            actor: by.actor,
            correlation_id: name.into(),
            head: attache_core::EntryHead::default(),
            changes,
        };
        let entry = entry.salted(&mut |bytes| bytes.fill(1));
        self.state.apply(&entry);
        self.entries.push(entry);
    }

    fn add(&mut self, name: &str, key: &str) {
        let command = Command::AddUser {
            id: UserId(Uuid::now_v7()),
            number: None,
            key: Some(Key::new(key).unwrap()),
            profile: Box::new(Profile {
                first_name: Some(Name::new(name).unwrap()),
                ..Profile::default()
            }),
            status: Status::Active,
            facts: UserFacts::default(),
        };
        self.append(name, &command);
    }

    fn remove(&mut self, name: &str, key: &str) {
        let user = Ref::text(key);
        self.append(name, &Command::RemoveUser { user });
    }

    fn replay(&self) -> Replay {
        Replay::of(self.state.tenant(), self.entries.clone())
    }
}

fn answer(status: u16, revision: u64, body: serde_json::Value) -> Answer {
    Answer {
        status,
        revision,
        replayed: false,
        body,
    }
}

fn write(name: &str, wish: Wish, sent: u64, told: Told) -> Write {
    let attempt = Attempt {
        sent: seconds(sent),
        answered: seconds(sent + 1),
        told,
    };
    Write {
        name: name.to_owned(),
        wish,
        attempts: vec![attempt],
    }
}

/// A read that is answered as the log says.
fn read(replay: &Replay, question: Question, revision: u64, sent: u64) -> Read {
    let (status, body) = question.on(replay.at(revision).unwrap());
    Read {
        question,
        at_least: None,
        sent: seconds(sent),
        answered: seconds(sent + 1),
        answer: answer(status, revision, body),
        server: (0, 0),
    }
}

/// Ada is added, then Ben, then Ada is refused since she is there, then
/// removed; and what was there is read after each.
fn good() -> (Tenant, History) {
    let mut tenant = Tenant::new();
    tenant.add("a", "ada");
    tenant.add("b", "ben");
    tenant.remove("d", "ada");
    let replay = tenant.replay();
    let body = |key, revision| Question::User(key).on(replay.at(revision).unwrap()).1;
    let done = |status, revision, body| Told::Answered(answer(status, revision, body));
    let (ada, ben) = (Wish::AddUser("ada"), Wish::AddUser("ben"));
    let nothing = json!(null);
    let writes = vec![
        write("a", ada, 10, done(201, 4, body("ada", 4))),
        write("b", ben, 20, done(201, 5, body("ben", 5))),
        write("c", ada, 30, done(409, 5, nothing.clone())),
        write("d", Wish::RemoveUser("ada"), 40, done(204, 6, nothing)),
    ];
    let reads = (0..4).map(|place| {
        let revision = BEGINNING + place - place / 3;
        read(&replay, Question::Users, revision, 2 + 10 * place)
    });
    let reads = reads.chain([read(&replay, Question::User("ada"), 6, 42)]);
    let reads = reads.collect();
    let begins_at = BEGINNING;
    let history = History {
        begins_at,
        writes,
        reads,
    };
    (tenant, history)
}

/// What is found, each once.
fn wrong(tenant: &Tenant, history: &History, reads: Reads) -> Vec<Wrong> {
    let faults = check(history, &tenant.replay(), reads);
    let mut wrong: Vec<Wrong> = faults.iter().map(|fault| fault.wrong).collect();
    wrong.sort_unstable();
    wrong.dedup();
    wrong
}

#[test]
fn a_good_history_is_good() {
    let (tenant, history) = good();
    for reads in [LATEST, LOCAL] {
        let faults = check(&history, &tenant.replay(), reads);
        assert!(faults.is_empty(), "{}", faults[0]);
    }
}

#[test]
fn a_lost_write_is_found() {
    let (mut tenant, history) = good();
    // Ben was acknowledged, and another has his place.
    tenant.entries[4].correlation_id = "somebody".into();
    assert!(wrong(&tenant, &history, LATEST).contains(&Wrong::Lost));
    // Nobody has: the log ends before him.
    tenant.entries.truncate(4);
    let found = wrong(&tenant, &history, LATEST);
    assert!(found.contains(&Wrong::Lost), "{found:?}");
    assert!(found.contains(&Wrong::Early), "{found:?}");
}

#[test]
fn a_doubled_write_is_found() {
    let (mut tenant, history) = good();
    tenant.add("a", "ada");
    assert_eq!(wrong(&tenant, &history, LATEST), [Wrong::Doubled]);
}

#[test]
fn a_write_that_was_refused_or_not_done_and_is_there_is_found() {
    let (mut tenant, mut history) = good();
    tenant.add("c", "ada");
    assert_eq!(wrong(&tenant, &history, LATEST), [Wrong::Appeared]);
    // Nothing was to be done, and nothing is known: only then it may.
    history.writes[2].attempts[0].told = Told::Nothing;
    assert_eq!(wrong(&tenant, &history, LATEST), [Wrong::Appeared]);
    history.writes[2].attempts[0].told = Told::Unknown;
    assert_eq!(wrong(&tenant, &history, LATEST), []);
}

#[test]
fn writes_in_another_order_than_they_were_answered_in_are_found() {
    let (tenant, mut history) = good();
    // Ben was sent before Ada, and answered.
    history.writes[1].attempts[0].sent = seconds(6);
    history.writes[1].attempts[0].answered = seconds(7);
    let found = wrong(&tenant, &history, LATEST);
    assert!(found.contains(&Wrong::Reordered), "{found:?}");
}

#[test]
fn a_write_whose_answer_does_not_fit_the_log_is_found() {
    let (tenant, history) = good();
    let mut other = history.clone();
    // Another Ada is shown than was added.
    other.writes[0].attempts[0].told = history.writes[1].attempts[0].told.clone();
    assert!(wrong(&tenant, &other, LATEST).contains(&Wrong::Untrue));
    // A refusal of what was free at the time.
    let mut other = history.clone();
    other.writes[2].attempts[0].sent = seconds(50);
    other.writes[2].attempts[0].answered = seconds(51);
    assert_eq!(wrong(&tenant, &other, LATEST), [Wrong::Untrue]);
    // It says that it is gone, and it was not.
    let mut other = history;
    let detail = "This request was done before, at revision 4. Its result no longer exists.";
    let told = Told::Answered(answer(410, 5, json!({"detail": detail})));
    other.writes[0].attempts[0].told = told;
    assert!(wrong(&tenant, &other, LATEST).contains(&Wrong::Untrue));
}

#[test]
fn a_read_of_what_never_was_is_found() {
    let (tenant, mut history) = good();
    history.reads[1].answer.body["total"] = json!(2);
    assert_eq!(wrong(&tenant, &history, LATEST), [Wrong::Untrue]);
    history.reads[1].answer.revision = 5;
    let found = wrong(&tenant, &history, LATEST);
    assert!(found.contains(&Wrong::Early), "{found:?}");
}

#[test]
fn a_stale_read_is_found() {
    let (tenant, mut history) = good();
    let replay = tenant.replay();
    let server = (1, 0);
    let late = |revision, sent| Read {
        server,
        ..read(&replay, Question::Users, revision, sent)
    };
    // Ben was acknowledged at 2.1 s: a local read may lack him for a second.
    history.reads.push(late(4, 30));
    assert_eq!(wrong(&tenant, &history, LATEST), [Wrong::Stale]);
    assert_eq!(wrong(&tenant, &history, LOCAL), []);
    history.reads.push(late(4, 33));
    assert_eq!(wrong(&tenant, &history, LOCAL), [Wrong::Stale]);
}

#[test]
fn a_read_below_what_it_asked_for_is_found() {
    let (tenant, mut history) = good();
    history.reads[1].at_least = Some(5);
    assert_eq!(wrong(&tenant, &history, LOCAL), [Wrong::Stale]);
}

#[test]
fn a_server_that_forgets_is_found() {
    let (tenant, mut history) = good();
    let again = read(&tenant.replay(), Question::Users, 4, 25);
    history.reads.push(again.clone());
    assert_eq!(wrong(&tenant, &history, LOCAL), [Wrong::BackInTime]);
    // Another life of it may.
    let server = (0, 1);
    *history.reads.last_mut().unwrap() = Read { server, ..again };
    assert_eq!(wrong(&tenant, &history, LOCAL), []);
}
