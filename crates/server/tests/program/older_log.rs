//! A log that the version before wrote: opened as it is, rewritten while a server runs, and
//! interrupted while it is rewritten.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::process::{self, Program};

/// A database of the version before, with its demo and a change of each kind.
const BEFORE: &[u8] = include_bytes!("../../../log/tests/golden/version-before.db");

fn before() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("attache.db"), BEFORE).unwrap();
    folder
}

/// What the program says of everything, without a snapshot.
fn all_that_is_said(data: &Path) -> Vec<String> {
    let _ = std::fs::remove_dir_all(data.join("attache.db-snapshots"));
    let export = data.join("export");
    let _ = std::fs::remove_dir_all(&export);
    process::run(data, &["export", export.to_str().unwrap()]);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&export)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let files = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap());
    let questions = [
        &["entries", "--json"][..],
        &["history", "--json", "--limit", "100"],
        &["history", "--json", "--subject", "freya.holm"],
        &["history", "--json", "--resource", "customer:night-ferry"],
        &["entries", "--json", "--resource", "customer:harbour-bakery"],
        &["user", "list", "--json"],
        &["resource", "list", "--json"],
        &["group", "list", "--json"],
        &["service", "list", "--json"],
        &["issuer", "list", "--json"],
        &["grants", "--json"],
        &["members", "customer:harbour-bakery", "--json"],
        &[
            "members",
            "customer:harbour-bakery",
            "--json",
            "--at",
            "2026-11-20",
        ],
        &[
            "can",
            "freya.holm",
            "customers.users.add",
            "customer:harbour-bakery",
            "--explain",
        ],
    ];
    let said = questions
        .iter()
        .map(|question| process::run(data, question));
    said.chain(files).collect()
}

#[test]
fn a_log_of_the_version_before_says_the_same_before_during_and_after_it_is_rewritten() {
    let folder = before();
    let data = folder.path();
    // The tables are brought up to date, the entries are not.
    let said = all_that_is_said(data);
    assert!(said[0].contains("Guest29") && said[5].contains("many299@many.example"));
    let shown = process::run(data, &["migrate", "--dry-run"]);
    assert!(
        shown.contains("lantern  91") && shown.contains("91 to be looked at"),
        "{shown}"
    );
    let shown = process::run(data, &["migrate", "--tables"]);
    assert!(!shown.contains("lantern"), "{shown}");
    // A server serves meanwhile.
    let token = process::run(
        data,
        &["token", "create", "--service", "reader", "--grant", "admin"],
    );
    let token = token
        .split_whitespace()
        .find(|word| word.starts_with("attache_"))
        .unwrap();
    let said = all_that_is_said(data);
    let server = Program::start(data, token);
    let asked = |server: &Program| {
        let ask = std::process::Command::new(env!("CARGO_BIN_EXE_attache"))
            .env_clear()
            .args([
                "--url",
                &server.url,
                "--token",
                token,
                "entries",
                "--json",
                "--limit",
                "100",
            ])
            .output()
            .unwrap();
        assert!(
            ask.status.success(),
            "{}",
            String::from_utf8_lossy(&ask.stderr)
        );
        String::from_utf8(ask.stdout).unwrap()
    };
    let served = asked(&server);
    assert!(served.contains("Guest7"));
    let shown = process::run(data, &["migrate"]);
    assert!(shown.contains("rewritten now"), "{shown}");
    assert_eq!(asked(&server), served);
    server.terminate();
    assert_eq!(all_that_is_said(data), said);
    assert!(!process::run(data, &["migrate"]).contains("lantern"));
    // What nothing holds any more is not in the file: names stand in their rows once.
    let file = std::fs::read(data.join("attache.db")).unwrap();
    let count = file.windows(6).filter(|it| it == b"Guest7").count();
    assert_eq!(count, 1);
}

#[test]
fn a_rewriting_that_is_killed_leaves_a_log_that_says_the_same() {
    let folder = before();
    let data = folder.path();
    let said = all_that_is_said(data);
    for millis in [5, 15, 25, 40, 60] {
        let mut migrate = process::command(data)
            .arg("migrate")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // However far it is then.
        std::thread::sleep(Duration::from_millis(millis));
        let _ = migrate.kill();
        migrate.wait().unwrap();
        assert_eq!(all_that_is_said(data), said);
    }
    process::run(data, &["migrate"]);
    assert_eq!(all_that_is_said(data), said);
    assert!(!process::run(data, &["migrate"]).contains("lantern"));
}
