//! The program over a snapshot that is not as it was written.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::command_line::begun;
use crate::process::{self, Program};
use serde_json::Value;

/// Serve until the tenants are open, and stop: that saves a snapshot of what has none.
async fn serve_and_stop(data: &Path) {
    let server = Program::start(data, "");
    let opening = loop {
        let answer = reqwest::get(format!("{}/readyz", server.url))
            .await
            .unwrap();
        let is_ready = answer.status() == 200;
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["ready"], is_ready, "{body}");
        if is_ready {
            break body["opening"].clone();
        }
    };
    let all = serde_json::json!({"done": true, "opened": 1, "of": 1, "failed": 0});
    assert_eq!(opening, all);
    assert!(server.terminate().success());
}

fn snapshots(data: &Path) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(data.join("attache.db-snapshots")).unwrap();
    let tenants = folder.map(|tenant| tenant.unwrap().path());
    let files = tenants.flat_map(|tenant| std::fs::read_dir(tenant).unwrap());
    files.map(|file| file.unwrap().path()).collect()
}

fn members(data: &Path) -> Output {
    let mut command = process::command(data);
    let output = command.args(["members", "tenant"]).output().unwrap();
    assert!(output.status.success());
    output
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_snapshot_is_said_thrown_away_and_made_anew() {
    let folder = begun();
    let data = folder.path();
    let before = members(data);
    serve_and_stop(data).await;
    let files = snapshots(data);
    let [file] = files.as_slice() else {
        panic!("{files:?}")
    };
    let whole = std::fs::read(file).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() - 9] ^= 4;
    std::fs::write(file, damaged).unwrap();
    let after = members(data);
    assert_eq!(after.stdout, before.stdout);
    let said = String::from_utf8(after.stderr).unwrap();
    let tenant = file.parent().unwrap().file_name().unwrap();
    let tenant = tenant.to_str().unwrap();
    for part in ["WARN", "a snapshot was thrown away", "checksum", tenant] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(snapshots(data), Vec::<PathBuf>::new());
    serve_and_stop(data).await;
    assert_eq!(snapshots(data), files);
    assert!(std::fs::read(file).unwrap() == whole);
    let said = String::from_utf8(members(data).stderr).unwrap();
    assert!(!said.contains("WARN"), "{said}");
}
