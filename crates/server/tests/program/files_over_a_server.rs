//! `attache import` and `attache export` over a server say what they say over the data
//! folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::command_line::begun;
use crate::import::folder;
use crate::process::{self, Program};

fn served(more: &str) -> (tempfile::TempDir, Program) {
    let folder = begun();
    let data = folder.path();
    let token = process::run(
        data,
        &["token", "create", "--service", "ops", "--grant", "admin"],
    );
    let server = Program::start_with(data, &token, more);
    (folder, server)
}

/// A command over a server that the environment names.
fn over(server: &Program, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attache"))
        .env_clear()
        .env("ATTACHE_TOKEN", &server.token)
        .env("ATTACHE_URL", &server.url)
        .args(arguments)
        .output()
        .unwrap()
}

fn says(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.trim().to_owned()
}

fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

const FILES: &[(&str, &str)] = &[
    (
        "resources.csv",
        "kind,key,name\ncustomer,c3,\"Bäckerei \"\"Zum Löwen\"\"\"\ncustomer,\"c,4\",=1+1\n",
    ),
    (
        "users.csv",
        "key,first_name,last_name\nu17,Ana,Sá\nauth0|5f,\"O'Hara, Jr.\",\n",
    ),
    (
        "memberships.csv",
        "resource,user\ncustomer:c3,u17\n\"customer:c,4\",auth0|5f\n",
    ),
    (
        "grants.csv",
        "subject,role,resource\nuser:u17,owner,customer:c3\n",
    ),
];

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap();
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    entries.map(read).collect()
}

#[test]
fn an_import_and_an_export_over_a_server_are_those_over_the_data_folder() {
    let (temporary, server) = served("");
    let data = temporary.path();
    let from = folder(data, "from", FILES);
    let from = from.to_str().unwrap();
    // The same preview both ways.
    let preview = says(&over(&server, &["import", from, "--dry-run"]));
    assert_eq!(preview, process::run(data, &["import", from, "--dry-run"]));
    assert!(
        preview.contains("user u17 Ana Sá: gets role owner on customer:c3"),
        "{preview}"
    );
    let done = says(&over(&server, &["import", from]));
    assert!(done.starts_with("Changed: "), "{done}");
    let again = says(&over(&server, &["import", from]));
    assert!(again.starts_with("It is all so already"), "{again}");
    for flags in [&[][..], &["--for-spreadsheets"]] {
        let (there, here) = (data.join("there"), data.join("here"));
        let _ = (fs::remove_dir_all(&there), fs::remove_dir_all(&here));
        let there_is = there.to_str().unwrap();
        says(&over(&server, &[&["export", there_is], flags].concat()));
        process::run(data, &[&["export", here.to_str().unwrap()], flags].concat());
        assert_eq!(files(&there), files(&here));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&there), 0o700);
            assert_eq!(mode(&there.join("users.csv")), 0o600);
        }
        let taken = error(&over(&server, &["export", there_is]));
        assert!(
            taken.contains("is there already; --force writes over it"),
            "{taken}"
        );
        // What came is what an import reads, and changes nothing.
        let flags = ["--replace", "memberships,grants,group_users"];
        let back = says(&over(
            &server,
            &[&["import", there_is], &flags[..]].concat(),
        ));
        assert!(back.starts_with("It is all so already"), "{back}");
    }
}

#[test]
fn a_demotion_by_file_is_the_same_over_a_server() {
    let (temporary, server) = served("");
    let data = temporary.path();
    let from = folder(data, "from", FILES);
    says(&over(&server, &["import", from.to_str().unwrap()]));
    let demoted = folder(
        data,
        "demoted",
        &[(
            "grants.csv",
            "subject,role,resource\nuser:u17,viewer,customer:c3\n",
        )],
    );
    let demoted = demoted.to_str().unwrap();
    let warned = over(&server, &["import", demoted, "--dry-run"]);
    assert!(says(&warned).contains("keeps role owner on customer:c3, gets viewer too"));
    let said = says(&over(&server, &["import", demoted, "--replace", "grants"]));
    assert_eq!(
        said,
        "user u17 Ana Sá: role owner → viewer on customer:c3\n\
         Changed: 1 × role granted, 1 × role revoked"
    );
}

#[test]
fn what_is_wrong_is_told_as_over_the_data_folder() {
    let (temporary, server) = served("[imports]\nsize = \"2000B\"\nreport_lines = 2\n");
    let data = temporary.path();
    let wrong = [(
        "users.csv",
        "key,email_verified\nada,WAHR\nben,true\ncleo,FALSCH\n",
    )];
    let files = folder(data, "wrong", &wrong);
    let said = error(&over(&server, &["import", files.to_str().unwrap()]));
    assert_eq!(
        said,
        "users.csv, line 2, column email_verified: must be true or false, is WAHR\n\
         users.csv, line 4, column email_verified: must be true or false, is FALSCH\n\
         error: 2 faults found; nothing was written\n"
    );
    let stranger = folder(data, "stranger", &[("user.csv", "")]);
    let said = error(&over(&server, &["import", stranger.to_str().unwrap()]));
    assert!(said.contains("the nearest is users.csv"), "{said}");
    let none = folder(data, "none", &[("readme.md", "")]);
    let said = error(&over(&server, &["import", none.to_str().unwrap()]));
    assert!(said.contains("holds none of the files"), "{said}");
    // Names that do not repeat are not packed well.
    let mut many = "key\n".to_owned();
    for number in 0..2_000u32 {
        many.push_str(&format!("{:x}\n", number.wrapping_mul(2_654_435_761)));
    }
    let large = folder(data, "large", &[("users.csv", &many)]);
    let said = error(&over(&server, &["import", large.to_str().unwrap()]));
    assert!(said.contains("at most 2000 bytes"), "{said}");
    let at = ["export", "x", "--at", "2020-03-03"];
    let said = error(&over(&server, &at));
    assert!(said.contains("--at is before the tenant began"), "{said}");
}

#[test]
fn it_takes_a_token_that_may_do_everything() {
    let temporary = begun();
    let data = temporary.path();
    let token = |service: &str, role: &str| {
        let create = ["token", "create", "--service", service, "--grant", role];
        process::run(data, &create)
    };
    // Before the server starts: it hears of others a moment later.
    let weak = token("portal", "customer-reader");
    let server = Program::start(data, &token("ops", "admin"));
    let weak = ["--token", weak.as_str()];
    let from = folder(data, "from", FILES);
    let import = ["import", from.to_str().unwrap()];
    let said = error(&over(&server, &[&import[..], &weak].concat()));
    assert!(said.contains('*'), "{said}");
    let out = data.join("out");
    let export = ["export", out.to_str().unwrap()];
    let said = error(&over(&server, &[&export[..], &weak].concat()));
    assert!(said.contains('*'), "{said}");
}

/// However far an import is when the server stops: all of it was written, or nothing.
#[tokio::test]
async fn an_import_under_way_when_the_server_stops_is_written_whole_or_not_at_all() {
    const USERS: usize = 20_000;
    let mut users = "key,first_name\n".to_owned();
    for number in 0..USERS {
        users.push_str(&format!("u{number},Name {number}\n"));
    }
    let (temporary, server) = served("");
    let data = temporary.path();
    let from = folder(data, "from", &[("users.csv", &users)]);
    let packed = attache_files::archive::pack(&from).unwrap();
    let before = process::run(data, &["user", "list", "--csv"])
        .lines()
        .count();
    let begun = reqwest::Client::new()
        .post(format!("{}/api/v1/import", server.url))
        .bearer_auth(&server.token)
        .header("content-type", "application/zip")
        .body(packed)
        .send()
        .await
        .unwrap();
    assert_eq!(begun.status(), 202);
    assert!(server.terminate().success());
    let after = process::run(data, &["user", "list", "--csv"])
        .lines()
        .count();
    assert!(
        [before, before + USERS].contains(&after),
        "{before} {after}"
    );
    // It is imported again, as the docs say.
    process::run(data, &["import", from.to_str().unwrap()]);
    let after = process::run(data, &["user", "list", "--csv"])
        .lines()
        .count();
    assert_eq!(after, before + USERS);
}
