//! `show` tells people all that the API tells programs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::command_line::begun;
use crate::import::folder;
use crate::process;

#[test]
fn show_has_every_field_of_the_api() {
    let data = begun();
    let data = data.path();
    let files = folder(
        data,
        "files",
        &[
            ("resources.csv", "kind,key,name\ncustomer,mill,Mill\n"),
            ("users.csv", "key,first_name\nada,Ada\n"),
            ("groups.csv", "key,name\nnight,Night shift\n"),
            ("services.csv", "key,name\nportal,Portal\n"),
        ],
    );
    process::run(data, &["import", files.to_str().unwrap()]);
    let keys = data.join("keys.json");
    std::fs::write(&keys, r#"{"keys":[{"kty":"OKP","kid":"one"}]}"#).unwrap();
    let made = process::run(
        data,
        &[
            "issuer",
            "add",
            "https://login.mill.example",
            "--audience",
            "attache",
            "--jwks-file",
            keys.to_str().unwrap(),
        ],
    );
    let issuer = made.lines().next().unwrap();
    for show in [
        ["user", "ada"],
        ["group", "night"],
        ["service", "portal"],
        ["resource", "customer:mill"],
        ["role", "owner"],
        ["kind", "customer"],
        ["issuer", issuer],
        ["tenant", "lantern"],
    ] {
        let command = [show[0], "show", show[1]];
        let table = process::run(data, &command);
        let lines = table
            .lines()
            .filter_map(|line| line.split_whitespace().next());
        let lines: BTreeSet<&str> = lines
            .map(|name| name.split_once('.').map_or(name, |(first, _)| first))
            .collect();
        let json = process::run(data, &[&command[..], &["--json"]].concat());
        let json: Value = serde_json::from_str(&json).unwrap();
        let missing: Vec<&String> = json
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| !lines.contains(name.as_str()))
            .collect();
        assert!(
            missing.is_empty(),
            "{command:?} lacks {missing:?}:\n{table}"
        );
    }
}
