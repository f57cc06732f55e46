//! The lines that the demo prints and those of README run as they are printed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Deserializer, Value};

use super::examples::Demo;
use super::pages::{blocks, project};

/// Whether curl is there, and new enough for `--json`.
pub(super) fn has_curl() -> bool {
    let help = Command::new("curl").args(["--help", "all"]).output();
    help.is_ok_and(|it| String::from_utf8_lossy(&it.stdout).contains("--json"))
}

/// Variables of the environment.
pub(super) type Variables = BTreeMap<String, String>;

/// Runs a text as a shell would, with some variables and the program among the commands. An
/// answer of curl with an error's status is a failure: the lines leave that to `.curlrc`.
pub(super) fn run(text: &str, folder: &Path, variables: &Variables) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_attache")).parent().unwrap();
    std::fs::write(
        folder.join(".curlrc"),
        "silent\nshow-error\nfail-with-body\n",
    )
    .unwrap();
    Command::new("sh")
        .args(["-ec", text])
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
        .envs(variables)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The output of a text that has to end well: JSON values, one after another.
fn answers(text: &str, folder: &Path, demo: &Demo) -> Vec<Value> {
    let output = run(text, folder, &demo.variables);
    let said = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}: {said}{error}");
    let values = Deserializer::from_str(&said).into_iter();
    let values: Result<Vec<Value>, _> = values.collect();
    values.unwrap_or_else(|error| panic!("{text}: {error}: {said}"))
}

/// The keys of a JSON text, in their order.
pub(super) fn keys(text: &str) -> Vec<&str> {
    let mut quoted = text.split('"').skip(1);
    let mut keys = Vec::new();
    while let (Some(word), after) = (quoted.next(), quoted.next()) {
        if after.is_some_and(|after| after.starts_with(':')) {
            keys.push(word);
        }
    }
    keys
}

#[test]
fn every_line_that_the_demo_prints_runs_as_it_is_printed() {
    if !has_curl() {
        println!("skipped: curl is missing, or older than 7.82");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let (mut requests, mut commands) = (0, 0);
    for line in demo.printed.iter().filter_map(|it| it.strip_prefix("  ")) {
        if line.starts_with("curl ") {
            assert_eq!(answers(line, folder.path(), &demo).len(), 1, "{line}");
            requests += 1;
        } else if line.contains(" --data ") {
            let output = run(line, folder.path(), &demo.variables);
            let error = String::from_utf8_lossy(&output.stderr);
            // 1 is a command's own no.
            let code = output.status.code().unwrap();
            assert!(code == 0 || code == 1, "{line}: {code}: {error}");
            commands += 1;
        }
    }
    // At least one request of each API.
    assert!(requests >= attache_apis::all().len(), "{requests}");
    assert_eq!(commands, 3);
    for description in attache_apis::dialects() {
        let heading = format!("{}: ", description.title);
        let is_there = demo.printed.iter().any(|line| line.starts_with(&heading));
        assert!(is_there, "{heading}");
    }
}

#[test]
fn requests_of_the_readme_run_as_they_stand_and_are_answered_as_shown() {
    if !has_curl() {
        println!("skipped: curl is missing, or older than 7.82");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    let mut answered: Option<(String, String)> = None;
    let mut count = 0;
    for (form, block) in blocks(&readme) {
        match (form.as_deref(), answered.take()) {
            (Some("sh"), _) if block.contains("curl ") => {
                let values = answers(&block, folder.path(), &demo);
                let texts = values.iter().map(Value::to_string);
                answered = Some((block, texts.collect()));
            }
            (Some("json"), Some((asked, answer))) => {
                // README leaves out what is behind `…`: its keys are among those of the answer,
                // in any order, since a value here has sorted its own.
                let answer = keys(&answer);
                for key in keys(&block) {
                    assert!(answer.contains(&key), "{asked}: {key}: {answer:?}");
                }
                count += 1;
            }
            // Prose stands between a request and its answer.
            (None, answered_before) => answered = answered_before,
            _ => {}
        }
    }
    assert!(count >= attache_apis::all().len(), "{count}");
}
