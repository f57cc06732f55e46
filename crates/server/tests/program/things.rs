//! The commands that add, attach, list and remove, over a server and over the data folder.

use std::process::{Command, Output};

use serde_json::Value;

use crate::command_line::{begun, fails};
use crate::process::{self, Program};

/// A tenant, a server over it, and a token that may do everything.
fn served() -> (tempfile::TempDir, Program) {
    let folder = begun();
    let create = ["token", "create", "--service", "ops", "--grant", "admin"];
    let token = process::run(folder.path(), &create);
    let server = Program::start(folder.path(), &token);
    (folder, server)
}

fn over(server: &Program, arguments: &[&str]) -> Output {
    over_with(&server.url, &server.token, arguments)
}

fn over_with(url: &str, token: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attache"))
        .env_clear()
        .env("ATTACHE_TOKEN", token)
        .env("ATTACHE_URL", url)
        .args(arguments)
        .output()
        .unwrap()
}

/// Run a line of words over a server: its exit code and what it says on both outputs.
fn types(server: &Program, line: &str) -> (i32, String) {
    let words: Vec<&str> = line.split(' ').collect();
    let output = over(server, &words);
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap().trim().to_owned(),
    )
}

/// A line that goes well: what it says.
fn does(server: &Program, line: &str) -> String {
    let (code, said) = types(server, line);
    assert_eq!(code, 0, "{line}: {said}");
    said
}

fn json(server: &Program, line: &str) -> Value {
    let words: Vec<&str> = line.split(' ').chain(["--json"]).collect();
    let output = over(server, &words);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn an_afternoons_work_is_done_without_curl() {
    let (folder, server) = served();
    for (line, said) in [
        (
            "resource add customer:mill --name Mill",
            "added resource customer:mill (Mill)",
        ),
        (
            "user add bo --name Bo --email bo@mill.example",
            "added user bo (Bo)",
        ),
        ("user add cy --first-name Cy", "added user cy (Cy)"),
        ("attach bo customer:mill", "attached"),
        ("attach bo customer:mill", "it was attached already"),
        (
            "attach bo customer:mill --role viewer",
            "attached, with the roles",
        ),
        (
            "attach cy customer:mill --role owner --until 2999-12-31",
            "attached, with the roles",
        ),
        ("group add night --name Night", "added group night (Night)"),
        ("group users add night cy", "added"),
        ("group users add night cy", "it was in the group already"),
        ("service add rota", "added service rota"),
        ("user change bo --status inactive", "changed user bo (Bo)"),
        (
            "resource change customer:mill --name Mills",
            "changed resource customer:mill (Mills)",
        ),
    ] {
        let is = does(&server, line);
        assert!(is.starts_with(said), "{line}: {is}");
    }
    let members = json(&server, "members customer:mill");
    let roles: Vec<&Value> = members
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["roles"])
        .collect();
    assert_eq!(
        roles,
        [
            &serde_json::json!(["viewer"]),
            &serde_json::json!(["owner"])
        ]
    );
    assert_eq!(members[1]["expires_at"], "3000-01-01T00:00:00.000Z");
    // The same, whichever way it is asked.
    for line in [
        "user list",
        "user show bo",
        "user list --csv",
        "group users list night",
        "group users list night --json",
        "members customer:mill",
        "members customer:mill --csv",
        "resource list --kind customer --json",
        "grants --resource customer:mill",
        "grants --subject cy --csv",
        "can cy",
        "can cy customer:mill",
        "can cy customers.change customer:mill",
        "who-can customers.change customer:mill",
        "role show owner",
        "kind list --output json",
        "history --since 1h",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let there = over(&server, &words);
        let here = process::command(folder.path())
            .args(&words)
            .output()
            .unwrap();
        assert_eq!(there.status.code(), Some(0), "{line}");
        assert_eq!(
            String::from_utf8(there.stdout).unwrap(),
            String::from_utf8(here.stdout).unwrap(),
            "{line}"
        );
    }
    let csv = does(&server, "user list --csv");
    assert!(csv.starts_with("number,key,name,first_name,"), "{csv}");
    for (line, code, said) in [
        ("detach cy customer:mill", 0, "detached"),
        ("detach cy customer:mill", 1, "it was not attached"),
        ("group users remove night cy", 0, "removed"),
        ("group users remove night cy", 1, "it was not in the group"),
        ("detach nobody customer:mill", 2, "error: "),
        (
            "user remove cy",
            2,
            "error: The user cy (Cy) would be removed",
        ),
        ("user remove cy --yes", 0, "removed user cy (Cy)"),
        ("user show cy", 2, "error: No such user"),
        ("user change bo", 2, "error: say what to change"),
        (
            "role add owner --kind customer",
            2,
            "error: there is a role owner already",
        ),
    ] {
        let (is_code, is) = types(&server, line);
        assert!(
            is_code == code && is.starts_with(said),
            "{line}: {is_code} {is}"
        );
    }
}

#[test]
fn lists_say_who_gave_what() {
    let (_folder, server) = served();
    for line in [
        "resource add customer:mill --name Mill",
        "user add bo --name Bo",
        "attach bo customer:mill --role viewer",
        "group add night --name Night",
        "group users add night bo",
    ] {
        does(&server, line);
    }
    let ops = json(&server, "service show ops")["id"].clone();
    let by = format!("service:{}", ops.as_str().unwrap());
    for (line, field) in [
        ("members customer:mill", "added_by"),
        ("grants --resource customer:mill", "granted_by"),
        ("group users list night", "added_by"),
    ] {
        let one = json(&server, line)[0].clone();
        assert_eq!(
            (&one[field], &one["named"][field]),
            (&by.clone().into(), &"service:ops".into())
        );
        let table = does(&server, line);
        assert!(
            table.contains("service:ops") && !table.contains(&by),
            "{table}"
        );
        let csv = does(&server, &format!("{line} --csv"));
        assert!(
            csv.lines().next().unwrap().contains(field) && csv.contains(&by),
            "{csv}"
        );
    }
    // What began with the tenant was the operator's.
    let admin = json(&server, "members tenant --sort added_at")[0].clone();
    assert_eq!(
        (&admin["added_by"], &admin["named"]["added_by"]),
        (&"operator".into(), &"operator".into())
    );
}

#[test]
fn a_list_of_tokens_says_when_each_was_last_used() {
    let (folder, server) = served();
    does(&server, "token create --service idle");
    let used = |tokens: &Value| {
        let mut used: Vec<(String, bool)> = tokens
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                (
                    it["service"].as_str().unwrap().to_owned(),
                    it["last_used_at"].is_string(),
                )
            })
            .collect();
        used.sort();
        used.retain(|(service, _)| ["idle", "ops"].contains(&service.as_str()));
        used
    };
    let expected = [("idle".to_owned(), false), ("ops".to_owned(), true)];
    assert_eq!(used(&json(&server, "token list")), expected);
    let table = does(&server, "token list");
    assert!(
        table.lines().next().unwrap().contains("LAST USED"),
        "{table}"
    );
    // A server that stops writes what it has seen.
    assert!(server.terminate().success());
    let tokens = process::run(folder.path(), &["token", "list", "--json"]);
    assert_eq!(used(&serde_json::from_str(&tokens).unwrap()), expected);
}

#[test]
fn history_names_what_is_gone() {
    let (_folder, server) = served();
    for line in [
        "resource add customer:mill --name Mill",
        "user add bo --name Bo",
        "attach bo customer:mill --role viewer",
        "user remove bo --yes",
        "resource remove customer:mill --yes",
    ] {
        does(&server, line);
    }
    let said = does(&server, "history --since -1h");
    for sentence in [
        "removed Mill (customer:mill)",
        "removed the user Bo (bo)",
        "granted viewer to Bo (bo) on Mill (customer:mill)",
        "attached Bo (bo) to Mill (customer:mill)",
        "added the user Bo (bo)",
    ] {
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
    let csv = does(&server, "history --csv --actor service:ops");
    assert!(
        csv.starts_with(
            "at,by,what,type,revision,correlation_id,origin,on_behalf_of,approved_by,reason\n"
        ),
        "{csv}"
    );
    let nothing = does(&server, "history --until 2020-01-01 --csv");
    assert_eq!(nothing.lines().count(), 1);
}

#[test]
fn a_file_says_who_is_attached_and_a_dry_run_names_them() {
    let (folder, server) = served();
    for line in [
        "resource add customer:mill --name Mill",
        "user add bo --name Bo",
        "user add cy --name Cy",
        "attach bo customer:mill",
    ] {
        does(&server, line);
    }
    let file = folder.path().join("members.txt");
    std::fs::write(&file, "cy\n").unwrap();
    let sync = format!("sync customer:mill {}", file.display());
    let dry = does(&server, &format!("{sync} --dry-run"));
    assert!(
        dry.contains("attached  cy    Cy") && dry.contains("detached  bo    Bo"),
        "{dry}"
    );
    assert!(dry.contains("Nothing was changed"), "{dry}");
    does(&server, &sync);
    let members = json(&server, "members customer:mill");
    assert_eq!(members[0]["key"], "cy");
    // In each of the forms that an import reads.
    let utf_16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let forms: [Vec<u8>; 5] = [
        b"sep=;\r\nname;user;\r\nBo;bo;\r\n;;\r\nCy;cy;\r\n".to_vec(),
        b"name\tuser\nBo\tbo\nCy\tcy\n".to_vec(),
        "\u{feff}\r\nuser|x\r\nbo|1\r\n\r\ncy|2\r\n"
            .as_bytes()
            .to_vec(),
        utf_16("\u{feff}user;name\r\nbo;Bo\r\ncy;Cy\r\n"),
        b"bo\rcy\r".to_vec(),
    ];
    for form in forms {
        std::fs::write(&file, "cy\n").unwrap();
        does(&server, &sync);
        std::fs::write(&file, &form).unwrap();
        does(&server, &sync);
        let members = json(&server, "members customer:mill");
        let keys: Vec<&str> = members.as_array().unwrap().iter().map(key).collect();
        assert_eq!(keys, ["bo", "cy"], "{form:?}");
    }
    // A line that is cut off detaches nobody.
    std::fs::write(&file, "name,user\nBo,bo\nCy\n").unwrap();
    let (code, said) = types(&server, &sync);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("line 3: has 1 cell,"), "{said}");
    assert_eq!(json(&server, "members customer:mill")[1]["key"], "cy");
    std::fs::write(&file, "cy\nnobody\n").unwrap();
    let (code, said) = types(&server, &sync);
    assert_eq!(code, 2, "{said}");
}

fn key(thing: &Value) -> &str {
    thing["key"].as_str().unwrap()
}

#[test]
fn lists_are_read_whole_whatever_a_page_may_hold() {
    let (folder, server) = served();
    let limit = "[limits]\npage_size = 2\n";
    let small = Program::start_with(folder.path(), &server.token, limit);
    drop(server);
    for user in ["bo", "cy", "dee"] {
        does(
            &small,
            &format!("user add {user} --email {user}@lantern.example"),
        );
        does(&small, &format!("grant auditor {user} tenant"));
    }
    does(&small, "group add night --name Night");
    for user in ["bo", "cy", "dee"] {
        does(&small, &format!("group users add night {user}"));
    }
    for (line, count) in [
        ("user list", Some(4)),
        ("members tenant", Some(4)),
        ("group users list night", Some(3)),
        ("grants --subject dee", Some(1)),
        ("grants --resource tenant", Some(6)),
        ("user list --text lantern.EXAMPLE", Some(4)),
        ("history --since -1h", None),
        ("history --limit 5", None),
        ("entries --limit 7", Some(7)),
    ] {
        let listed = json(&small, line);
        let listed = listed.as_array().unwrap();
        assert_eq!(
            listed.len(),
            count.unwrap_or(listed.len()),
            "{line}: {listed:?}"
        );
        let here = process::run(folder.path(), &[&words(line)[..], &["--csv"]].concat());
        let here = here.lines().count();
        assert_eq!(here, listed.len() + 1, "{line}");
    }
    let help = process::run(folder.path(), &["user", "list", "--help"]);
    assert!(
        help.contains("name, e-mail address or key contains this text"),
        "{help}"
    );
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[test]
fn a_denial_says_what_stands_nearest() {
    let (_folder, server) = served();
    for line in [
        "resource add customer:mill --name Mill",
        "user add bo --name Bo",
        "attach bo customer:mill --role viewer",
    ] {
        does(&server, line);
    }
    let (code, said) = types(&server, "can bo customers.change customer:mill --explain");
    assert_eq!(code, 1, "{said}");
    for part in [
        "no: Bo is attached to customer:mill in the role viewer, which lacks customers.change.",
        "The role owner on customer:mill gives it.",
        "may grant that.",
        "├─ role viewer: lacks it",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let yes = does(&server, "can bo customers.users.list customer:mill");
    assert_eq!(
        yes,
        "yes: Bo may customers.users.list on customer:mill: role viewer on customer:mill."
    );
    assert_eq!(
        types(&server, "can nobody customers.view customer:mill").0,
        2
    );
    assert_eq!(
        types(
            &server,
            "who-can customers.nothing customer:mill --only user"
        )
        .0,
        0
    );
}

#[test]
fn a_grant_to_somebody_unattached_offers_the_command_that_attaches() {
    let (folder, server) = served();
    does(&server, "resource add customer:mill --name Mill");
    does(&server, "user add bo --name Bo");
    let (code, said) = types(&server, "grant owner bo customer:mill");
    assert_eq!(code, 2);
    let line = said.lines().last().unwrap().trim();
    assert_eq!(line, "attache attach bo customer:mill --role owner");
    assert_eq!(
        fails(folder.path(), &["grant", "owner", "bo", "customer:mill"])
            .1
            .trim(),
        said
    );
    does(&server, line.strip_prefix("attache ").unwrap());
}

#[test]
fn commands_on_the_database_refuse_a_server_in_the_environment() {
    let folder = begun();
    for command in [
        &["init", "--tenant", "x", "--admin-email", "a@x.example"][..],
        &["migrate"],
        &["copy", "--from", "sqlite:a.db", "--to", "sqlite:b.db"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_attache"))
            .current_dir(folder.path())
            .env_clear()
            .env("ATTACHE_URL", "https://access.acme.example")
            .args(command)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command:?}: {said}");
        assert!(
            said.contains("ATTACHE_URL names a server: https://access.acme.example"),
            "{command:?}: {said}"
        );
    }
    // The folder is typed: the server is not meant.
    let mut migrate = process::command(folder.path());
    migrate
        .env("ATTACHE_URL", "https://access.acme.example")
        .arg("migrate");
    assert!(migrate.output().unwrap().status.success());
}

#[test]
fn a_new_tenant_gets_an_admin_and_a_token_or_is_told_the_next_line() {
    let folder = begun();
    let bare = process::command(folder.path())
        .args(["tenant", "create", "bare"])
        .output()
        .unwrap();
    let next = String::from_utf8(bare.stderr).unwrap();
    assert!(
        next.contains("attache token create --tenant bare"),
        "{next}"
    );
    let made = process::run(folder.path(), &["operator-token"]);
    let (operator, line) = made.split_once('\n').unwrap();
    let server = Program::start_with(folder.path(), operator, line);
    let admin = "--admin-email eve@globex.example --admin-name Eve";
    for (slug, output) in [
        ("globex", {
            let line = format!("tenant create globex {admin}");
            let words: Vec<&str> = line.split(' ').collect();
            String::from_utf8(over(&server, &words).stdout).unwrap()
        }),
        ("initech", {
            let line = format!("tenant create initech {admin}");
            let words: Vec<&str> = line.split(' ').collect();
            process::run(folder.path(), &words)
        }),
    ] {
        // Standard output is the token and nothing else, as that of `init` is.
        let token = output.trim();
        assert!(
            token.starts_with("attache_") && !token.contains(char::is_whitespace),
            "{slug}: {output}"
        );
        let members = ["members", "tenant", "--json"];
        let members = over_with(&server.url, token, &members).stdout;
        let members: Value = serde_json::from_slice(&members).unwrap();
        assert_eq!(members[0]["name"], "Eve", "{slug}");
        assert_eq!(members[0]["roles"], serde_json::json!(["admin"]), "{slug}");
    }
}

#[test]
fn what_is_in_force_is_shown_with_where_it_is_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("attache.toml");
    std::fs::write(&file, "[limits]\npage_size = 7\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_attache"))
        .env_clear()
        .env("ATTACHE_LISTEN", "127.0.0.1:9000")
        .env("ATTACHE_TOKEN", "attache_secret")
        .args(["config", "show", "--csv", "--data", "here", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for line in [
        format!("limits.page_size,7,{}:2", file.display()),
        "listen,127.0.0.1:9000,environment variable ATTACHE_LISTEN".to_owned(),
        "data,here,flag --data".to_owned(),
        "limits.evaluations,1000,default".to_owned(),
        "(token),(set),environment variable ATTACHE_TOKEN".to_owned(),
    ] {
        assert!(said.contains(&line), "{line}: {said}");
    }
    assert!(!said.contains("attache_secret"));
}

#[test]
fn issuer_add_says_what_tokens_need_and_warns_of_keys_that_are_not_used() {
    let (folder, server) = served();
    let file = folder.path().join("keys.json");
    let rsa = format!(
        r#"{{"kty":"RSA","kid":"one","e":"AQAB","n":"w{}Q"}}"#,
        "A".repeat(340)
    );
    let unusable = r#"{"kty":"OKP","kid":"one"}"#.to_owned();
    let mut added = 0;
    let mut add = |key: &str, more: &[&str]| {
        std::fs::write(&file, format!(r#"{{"keys":[{key}]}}"#)).unwrap();
        added += 1;
        let audience = format!("attache-{added}");
        let start = [
            "issuer",
            "add",
            "https://login.lantern.example",
            "--audience",
        ];
        let keys = [&*audience, "--jwks-file", file.to_str().unwrap()];
        let arguments = [&start[..], &keys[..], more].concat();
        let output = over(&server, &arguments);
        assert!(output.status.success(), "{output:?}");
        (audience, String::from_utf8(output.stderr).unwrap())
    };
    const NONE_USED: &str = "warning: none of its keys is used: its tokens are refused";
    const NO_ALG: &str = "A key that says no alg is for the algorithm that stands beside it";
    const VERIFIED: &str = "They must say \"email_verified\": true, without quotes.";
    for (key, more, expected) in [
        (&unusable, &[][..], &[NONE_USED][..]),
        (&rsa, &[], &[NO_ALG]),
        (&rsa, &["--finds-by", "email"], &[NO_ALG, VERIFIED]),
    ] {
        let (audience, said) = add(key, more);
        let aud = format!("Its tokens must say \"aud\": \"{audience}\".");
        assert!(said.contains(&aud), "{said}");
        for text in [NONE_USED, NO_ALG, VERIFIED] {
            assert_eq!(
                said.contains(text),
                expected.contains(&text),
                "{text}: {said}"
            );
        }
    }
    // Keys that do not come are no reason not to add the issuer.
    let unreachable = ["--jwks-url", "http://127.0.0.1:1/keys"];
    let start = [
        "issuer",
        "add",
        "https://login.mill.example",
        "--audience",
        "attache",
    ];
    let output = over(&server, &[&start[..], &unreachable[..]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("warning: its keys are not to be had now"),
        "{said}"
    );
}
