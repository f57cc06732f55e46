//! `--reason`, `--on-behalf-of`, `--approved-by`: what a command says of what it writes.

use serde_json::Value;

use crate::command_line::{begun, fails};
use crate::process::run as does;

fn entries(data: &std::path::Path, filter: &[&str]) -> Vec<Value> {
    let arguments = [&["entries", "--json"], filter].concat();
    let said = does(data, &arguments);
    let entries: Value = serde_json::from_str(&said).unwrap();
    entries.as_array().cloned().unwrap()
}

#[test]
fn what_a_command_says_of_its_entry_stands_in_the_history() {
    let data = begun();
    let data = data.path();
    does(data, &["user", "add", "kim", "--name", "Kim Ode"]);
    does(
        data,
        &["resource", "add", "customer:mill", "--name", "Mill"],
    );
    let said = ["--reason", "Zoë asked: 100 %", "--on-behalf-of", "kim"];
    let attach = ["attach", "kim", "customer:mill", "--approved-by", "#1"];
    does(data, &[&attach[..], &said[..]].concat());
    let found = entries(data, &["--on-behalf-of", "kim"]);
    let [entry] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(entry["reason"], "Zoë asked: 100 %");
    assert_eq!(entry["origin"], "cli");
    assert!(entry["approved_by"].is_string());
    assert_eq!(entries(data, &["--approved-by", "#1"]), found);
    assert_eq!(entries(data, &["--origin", "voicebot"]), [] as [Value; 0]);
    let all = entries(data, &[]).len();
    assert_eq!(entries(data, &["--origin", "cli"]).len(), all);
    assert_eq!(entries(data, &["--on-behalf-of", "user:kim"]), found);
    let history = does(data, &["history", "--on-behalf-of", "user:kim"]);
    assert!(history.contains("for Kim Ode"), "{history}");
    let history = does(data, &["history", "--on-behalf-of", "kim"]);
    assert!(history.contains("reason: Zoë asked: 100 %"), "{history}");
    assert!(history.contains("for Kim Ode"), "{history}");
}

#[test]
fn what_cannot_be_said_is_refused_and_nothing_is_written() {
    let data = begun();
    let data = data.path();
    let before = entries(data, &[]);
    let add = ["user", "add", "kim", "--name", "Kim"];
    for (flag, value, error) in [
        (
            "--reason",
            "a\nb",
            "--reason must not contain control characters",
        ),
        ("--reason", "", "--reason must not be empty"),
        ("--on-behalf-of", "nobody", "--on-behalf-of is no user"),
        ("--approved-by", "#999", "--approved-by is no user"),
        ("--approved-by", "", "--approved-by must not be empty"),
    ] {
        let (code, said) = fails(data, &[&add[..], &[flag, value]].concat());
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(error), "{flag}: {said}");
    }
    for (command, flag, name) in [
        ("history", "--on-behalf-of", "nobody"),
        ("entries", "--on-behalf-of", "group:staff"),
        ("entries", "--approved-by", "user:nobody"),
    ] {
        let (code, said) = fails(data, &[command, flag, name]);
        assert_eq!(code, 2, "{said}");
        let error = format!("error: {flag} is no user");
        assert!(said.starts_with(&error), "{command} {flag} {name}: {said}");
    }
    for reads in [
        &["members", "tenant"][..],
        &["user", "list"],
        &["group", "show", "kim"],
        &["token", "list"],
        &["tenant", "list"],
        &["group", "users", "list", "kim"],
        &["issuer", "keys", "0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34"],
    ] {
        let (code, said) = fails(data, &[reads, &["--reason", "x"]].concat());
        assert_eq!(code, 2, "{reads:?}: {said}");
        assert!(
            said.contains("writes nothing: it takes no --reason"),
            "{reads:?}: {said}"
        );
    }
    for (command, error) in [
        (
            &[
                "tenant",
                "change",
                "acme",
                "--domain",
                "acme.example",
                "--reason",
                "x",
            ][..],
            "this command writes no entry: it takes no --reason",
        ),
        (
            &["tenant", "create", "globex", "--on-behalf-of", "#1"],
            "a new tenant has no users yet: it takes no --on-behalf-of",
        ),
        (
            &[
                "init",
                "--tenant",
                "b",
                "--admin-email",
                "a@b.example",
                "--approved-by",
                "#1",
            ],
            "a new tenant has no users yet: it takes no --approved-by",
        ),
        (
            &["history", "--reason", "x"],
            "this command writes nothing: it takes no --reason",
        ),
    ] {
        let (code, said) = fails(data, command);
        assert_eq!(code, 2, "{command:?}: {said}");
        assert!(said.contains(error), "{command:?}: {said}");
    }
    assert_eq!(entries(data, &[]), before);
}

#[test]
fn the_first_entry_of_a_tenant_says_why_it_was_created() {
    let data = begun();
    let data = data.path();
    let create = ["tenant", "create", "globex", "--reason", "a new contract"];
    does(data, &create);
    let found = entries(data, &["--tenant", "globex"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["reason"], "a new contract");
}

#[test]
fn an_import_says_why_and_for_whom_too() {
    let data = begun();
    let data = data.path();
    let files = crate::import::folder(data, "files", &[("users.csv", "key\nkim\n")]);
    let import = ["import", files.to_str().unwrap(), "--reason", "moving in"];
    does(data, &[&import[..], &["--on-behalf-of", "#1"]].concat());
    let found = entries(data, &["--origin", "import"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["reason"], "moving in");
    assert!(found[0]["on_behalf_of"].is_string());
    let (code, said) = fails(data, &[&import[..], &["--on-behalf-of", "nobody"]].concat());
    assert_eq!(code, 2);
    let error = "error: --on-behalf-of is no user; nothing was written";
    assert!(said.starts_with(error), "{said}");
}
