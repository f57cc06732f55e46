//! A server whose disk is full, or can only be read: nothing is written and that is
//! said at once, reads go on, and it recovers by itself.

#![cfg(unix)]

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use serde_json::{Value, json};

use crate::command_line::{begun, fails};
use crate::process::{self, Program};

/// How long until something comes that takes a moment.
const SOON: Duration = Duration::from_secs(30);

/// A write that is larger than what a write-ahead log may hold free.
async fn write(program: &Program) -> (u16, Value, Duration) {
    let began = Instant::now();
    let add = |at: usize| json!({"op": "add_group", "name": format!("night {at}")});
    let operations: Vec<Value> = (0..1_000).map(add).collect();
    let url = format!("{}/api/v1/bulk", program.url);
    let request = reqwest::Client::new().post(url);
    let request = request.json(&json!({"operations": operations}));
    let answer = request.bearer_auth(&program.token).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap(), began.elapsed())
}

async fn get(program: &Program, path: &str) -> (u16, String) {
    let request = reqwest::Client::new().get(format!("{}{path}", program.url));
    let answer = request.bearer_auth(&program.token).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Its disk takes nothing: nothing is written, which is said at once with the reason in
/// the log; what is there is read.
async fn refuses(program: &Program, fault: &str, reason: &str) {
    for _ in 0..3 {
        let (status, problem, took) = write(program).await;
        assert_eq!(status, 503, "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("Nothing was changed"), "{problem}");
        assert!(took < Duration::from_secs(6), "{took:?}");
    }
    let (status, ready) = get(program, "/readyz").await;
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!(status, 503, "{ready}");
    assert_eq!(ready["reads"], true);
    assert_eq!(ready["writes"]["fault"], fault, "{ready}");
    assert_eq!(get(program, "/readyz/reads").await.0, 200);
    assert_eq!(get(program, "/api/v1/groups?page_size=1").await.0, 200);
    let (_, metrics) = get(program, "/metrics").await;
    assert!(metrics.contains("attache_writes_failing 1"), "{metrics}");
    let failed = format!("attache_writes_failed_total{{fault=\"{fault}\"}} 0");
    assert!(!metrics.contains(&failed), "{metrics}");
    let log: Vec<Value> = program
        .log()
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let failures: Vec<&Value> = log.iter().filter(|line| line["status"] == 503).collect();
    assert!(failures.len() >= 4, "{log:?}");
    for failure in &failures {
        let why = failure["reason"].as_str().unwrap();
        let is_readiness = failure["route"] == "/readyz";
        assert!(is_readiness || why.contains(reason), "{failure}");
    }
}

/// It takes writes again, and says so though nobody wrote meanwhile.
async fn recovers(program: &Program) {
    let end = Instant::now() + SOON;
    while get(program, "/readyz").await.0 != 200 {
        assert!(Instant::now() < end, "{}", get(program, "/readyz").await.1);
    }
    let (status, body, _) = write(program).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_grow_takes_no_writes_until_it_may() {
    let folder = begun();
    let token = process::run(
        folder.path(),
        &["token", "create", "--service", "p", "--grant", "admin"],
    );
    let server = Program::start(folder.path(), &token);
    assert_eq!(write(&server).await.0, 200);
    let limit = |most: Option<u64>| {
        let known = getrlimit(Resource::Fsize);
        let pid = Pid::from_raw(i32::try_from(server.id()).unwrap());
        let limit = Rlimit {
            current: most.or(known.maximum),
            maximum: known.maximum,
        };
        prlimit(pid, Resource::Fsize, limit).unwrap();
    };
    limit(Some(64));
    refuses(&server, "io", "disk I/O error").await;
    limit(None);
    recovers(&server).await;
    assert!(server.terminate().success());
    whole(folder.path());
}

/// After it has ended well, the file alone holds everything.
fn whole(data: &Path) {
    let log = std::fs::metadata(data.join("attache.db-wal"));
    assert_eq!(
        log.map_or(0, |log| log.len()),
        0,
        "a write-ahead log is left"
    );
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(data.join("attache.db"), copy.path().join("attache.db")).unwrap();
    let question = &["entries", "--json"];
    let [one, other] = [data, copy.path()].map(|data| process::run(data, question));
    assert_eq!(one, other);
}

/// A small disk in memory. `None` where this may not mount one, which is said.
struct Disk(tempfile::TempDir);

impl Disk {
    fn of(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=700");
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]);
        let mounted = mount.arg(folder.path()).output();
        let mounted = mounted.is_ok_and(|output| output.status.success());
        if !mounted {
            println!("SKIPPED: no disk can be mounted here");
        }
        mounted.then(|| Self(folder))
    }

    fn again(&self, options: &str) {
        let mut mount = std::process::Command::new("mount");
        let mounted = mount.args(["-o", options]).arg(self.0.path()).status();
        assert!(mounted.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut umount = std::process::Command::new("umount");
        let _ = umount.arg("-l").arg(self.0.path()).status();
    }
}

/// Takes what is left of a disk.
fn fill(filler: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_takes_no_writes_until_there_is_space() {
    let Some(disk) = Disk::of("16m") else { return };
    let data = disk.0.path();
    let init = [
        "init",
        "--tenant",
        "lantern",
        "--admin-email",
        "ada@lantern.example",
    ];
    let token = process::run(data, &init);
    let server = Program::start(data, &token);
    assert_eq!(write(&server).await.0, 200);
    let filler = data.join("filler");
    fill(&filler);
    // What of the log is there already may be written over.
    let end = Instant::now() + SOON;
    while write(&server).await.0 == 200 {
        assert!(Instant::now() < end);
    }
    refuses(&server, "disk_full", "full").await;
    std::fs::remove_file(&filler).unwrap();
    recovers(&server).await;
    assert!(server.terminate().success());
    whole(data);
}

#[test]
fn a_disk_that_can_only_be_read_is_named_as_the_reason() {
    let Some(disk) = Disk::of("16m") else { return };
    let data = disk.0.path();
    let init = [
        "init",
        "--tenant",
        "lantern",
        "--admin-email",
        "ada@lantern.example",
    ];
    process::run(data, &init);
    disk.again("remount,ro");
    let (code, said) = fails(data, &["token", "create", "--service", "x"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
    let (_, said) = fails(data, &["serve"]);
    assert!(
        said.contains("the disk can only be read: make it writable"),
        "{said}"
    );
}
