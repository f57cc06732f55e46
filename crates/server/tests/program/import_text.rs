//! The text of files that are imported and exported: encodings, separators,
//! formulas, addresses, times, other files in the folder.

use std::fs;

use crate::command_line::{begun, fails};
use crate::import::folder;
use crate::process;

#[test]
fn files_are_read_as_spreadsheets_write_them() {
    let users = "key;first_name\r\n\r\nada;Zoë\r\n;;\r\nben;Ben;\r\n";
    let utf_16: Vec<u8> = "\u{feff}key\tfirst_name\nada\tZoë\nben\tBen\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        users.as_bytes().to_vec(),
        format!("\u{feff}{users}").into_bytes(),
        format!("sep=;\r\n{users}").into_bytes(),
        format!("\r\n;;\r\n{users}").into_bytes(),
        users.replace("\r\n", "\r").into_bytes(),
        users.replace(';', ",").into_bytes(),
        users.replace(';', "\t").into_bytes(),
        users.replace(';', "|").into_bytes(),
        utf_16,
    ] {
        let data = begun();
        let data = data.path();
        let files = folder(data, "files", &[]);
        fs::write(files.join("users.csv"), &bytes).unwrap();
        let said = process::run(
            data,
            &["import", files.to_str().unwrap(), "--tenant", "lantern"],
        );
        assert_eq!(said, "Changed: 2 × user added");
        let members = process::run(data, &["members", "tenant"]);
        assert!(
            members.contains("Zoë") && members.contains("Ben"),
            "{members}"
        );
    }
}

#[test]
fn faults_name_the_line_whichever_way_lines_end() {
    for end in ["\n", "\r\n", "\r"] {
        let data = begun();
        let data = data.path();
        let users = [
            "key,first_name,status",
            "ada,\"Zoë",
            "Ada\",active",
            "",
            "ben,Ben,asleep",
            "",
        ];
        let users = users.join(end);
        let files = folder(data, "files", &[("users.csv", &users)]);
        let (_, error) = fails(
            data,
            &["import", files.to_str().unwrap(), "--tenant", "lantern"],
        );
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(
            lines,
            [
                "users.csv, line 2, column first_name: must not contain control characters",
                "users.csv, line 5, column status: must be active, inactive or invited, is asleep",
                "error: 2 faults found; nothing was written",
            ],
            "{end:?}"
        );
    }
}

#[test]
fn what_is_no_text_is_a_fault_with_its_line() {
    let data = begun();
    let data = data.path();
    let files = folder(data, "files", &[]);
    fs::write(
        files.join("users.csv"),
        b"key,first_name\r\nada,Ada\r\nzoe,Zo\xeb\r\n",
    )
    .unwrap();
    fs::write(files.join("groups.csv"), b"key,name\nnight,Ni\0ght\n").unwrap();
    fs::write(files.join("catalogue.toml"), "kinds = [").unwrap();
    let (_, error) = fails(
        data,
        &["import", files.to_str().unwrap(), "--tenant", "lantern"],
    );
    for fault in [
        "users.csv, line 3: is not UTF-8",
        "groups.csv, line 2: holds a NUL character",
        "catalogue.toml: ",
    ] {
        assert!(error.contains(fault), "{error}");
    }
}

#[test]
fn other_files_in_the_folder_are_named() {
    let data = begun();
    let data = data.path();
    let files = folder(
        data,
        "files",
        &[("users.csv", "key\nada\n"), ("notes.txt", "x")],
    );
    let import = ["import", files.to_str().unwrap(), "--tenant", "lantern"];
    let output = process::command(data).args(import).output().unwrap();
    assert!(output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        error,
        "warning: notes.txt is passed over: an import does not read it\n"
    );
    fs::write(files.join("membership.csv"), "resource,user\n").unwrap();
    let (code, error) = fails(data, &import);
    assert_eq!(code, 2);
    assert!(
        error.contains("membership.csv: is none of the files that an import reads; the nearest is memberships.csv"),
        "{error}"
    );
}

#[test]
fn a_folder_with_only_a_file_that_was_meant_is_a_fault_with_the_nearest_name() {
    let data = begun();
    let data = data.path();
    for name in [
        "users.tsv",
        "Users.CSV",
        ".users.csv",
        "users.csv.txt",
        "users.xlsx",
    ] {
        let files = folder(data, &format!("with {name}"), &[(name, "key\nada\n")]);
        let (code, error) = fails(data, &["import", files.to_str().unwrap()]);
        assert_eq!(code, 2, "{error}");
        let fault =
            format!("{name}: is none of the files that an import reads; the nearest is users.csv");
        assert!(error.contains(&fault), "{error}");
    }
    let files = folder(data, "others", &[("notes.txt", ""), ("users.pdf", "")]);
    let (code, error) = fails(data, &["import", files.to_str().unwrap()]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("holds none of the files"), "{error}");
    assert!(error.contains("(there is notes.txt, users.pdf)"), "{error}");
}

#[test]
fn address_outside_the_grammar_is_taken_with_a_warning_where_that_is_asked_for() {
    let data = begun();
    let data = data.path();
    let users = "key,email,email_verified\ntaro,taro..y@docomo.example,true\n";
    let files = folder(data, "files", &[("users.csv", users)]);
    let import = ["import", files.to_str().unwrap(), "--tenant", "lantern"];
    let (code, error) = fails(data, &import);
    assert_eq!(code, 2);
    assert!(
        error.contains("users.csv, line 2, column email: must be an e-mail address, and taro..y@docomo.example is none by RFC 5321; --any-address takes it"),
        "{error}"
    );
    let output = process::command(data)
        .args(import)
        .arg("--any-address")
        .output()
        .unwrap();
    assert!(output.status.success());
    let warning = String::from_utf8(output.stderr).unwrap();
    assert!(
        warning.contains("warning: users.csv, line 2, column email: taro..y@docomo.example is no e-mail address by RFC 5321, and is taken as it is"),
        "{warning}"
    );
    // It stands already: nothing is asked again, in whichever case its domain is written.
    for users in [
        users.to_owned(),
        users.replace("docomo", "DOCOMO"),
        users.replace("true", ""),
    ] {
        fs::write(files.join("users.csv"), users).unwrap();
        let again = process::command(data).args(import).output().unwrap();
        assert!(again.status.success(), "{again:?}");
        let said = String::from_utf8(again.stdout).unwrap();
        assert!(said.starts_with("It is all so already"), "{said}");
    }
    // Another one is asked for, and so is one of a new user.
    for users in [
        "key,email\ntaro,hana..y@docomo.example\n",
        "key,email\nhana,hana..y@docomo.example\n",
    ] {
        fs::write(files.join("users.csv"), users).unwrap();
        let (code, error) = fails(data, &import);
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("--any-address takes it"), "{error}");
    }
    // What was stored is exported so that it can be imported without the option.
    let out = data.join("out");
    process::run(
        data,
        &["export", out.to_str().unwrap(), "--tenant", "lantern"],
    );
    process::run(data, &["tenant", "create", "other"]);
    process::run(
        data,
        &["import", out.to_str().unwrap(), "--tenant", "other"],
    );
    let members = process::run(data, &["members", "tenant", "--tenant", "other"]);
    assert!(members.contains("taro..y@docomo.example"), "{members}");
    // What no mail can reach is taken by no option.
    let wrong = folder(
        data,
        "wrong",
        &[("users.csv", "key,email\nx,not an address\n")],
    );
    let import = [
        "import",
        wrong.to_str().unwrap(),
        "--tenant",
        "lantern",
        "--any-address",
    ];
    assert!(fails(data, &import).1.contains("must be an e-mail address"));
}

#[test]
fn second_verified_address_is_told_by_the_dry_run() {
    let data = begun();
    let data = data.path();
    let users = "key,email,email_verified\n\
                 ben,ada@lantern.example,true\n\
                 cy,CY@mill.example,true\n\
                 dee,cy@mill.example,true\n\
                 eve,cy@mill.example,false\n";
    let files = folder(data, "files", &[("users.csv", users)]);
    let said = process::run(
        data,
        &[
            "import",
            files.to_str().unwrap(),
            "--tenant",
            "lantern",
            "--dry-run",
        ],
    );
    let warnings: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("warning: "))
        .collect();
    insta::assert_snapshot!(warnings.join("\n"), @r#"
    warning: users.csv, line 2, column email: is verified for user Ada Okafor (#1, ada@lantern.example) with a role at the root too: a token that finds its user by this address finds nobody
    warning: users.csv, line 3, column email: is verified for user (key dee, #4, cy@mill.example) too: a token that finds its user by this address finds nobody
    warning: users.csv, line 4, column email: is verified for user (key cy, #3, CY@mill.example) too: a token that finds its user by this address finds nobody
    "#);
}

#[test]
fn changed_address_is_not_proven_by_the_proof_of_the_old_one() {
    let data = begun();
    let data = data.path();
    let users = [
        (
            "first",
            "key,email,email_verified\nben,ben@mill.example,true\ncy,cy@mill.example,true\n",
        ),
        (
            "second",
            "key,email,email_verified\nben,new@mill.example,\ncy,cy@bakery.example,true\n",
        ),
    ];
    for (name, text) in users {
        let files = folder(data, name, &[("users.csv", text)]);
        process::run(
            data,
            &["import", files.to_str().unwrap(), "--tenant", "lantern"],
        );
    }
    let out = data.join("out");
    process::run(
        data,
        &["export", out.to_str().unwrap(), "--tenant", "lantern"],
    );
    let users = fs::read_to_string(out.join("users.csv")).unwrap();
    assert!(users.contains("new@mill.example,,active,false,"), "{users}");
    assert!(users.contains("cy@bakery.example,,active,true,"), "{users}");
}

#[test]
fn days_count_through_and_days_that_are_none_are_faults() {
    let data = begun();
    let data = data.path();
    let files = folder(
        data,
        "files",
        &[
            ("users.csv", "key\nada\nben\n"),
            ("resources.csv", "kind,key,name\ncustomer,mill,Mill\n"),
            (
                "memberships.csv",
                "resource,user,expires_at\ncustomer:mill,ada,2999-03-31\ntenant,ben,\n",
            ),
            (
                "grants.csv",
                "subject,role,resource,expires_at\nuser:ada,owner,customer:mill,2999-12-31\n",
            ),
        ],
    );
    process::run(
        data,
        &["import", files.to_str().unwrap(), "--tenant", "lantern"],
    );
    let out = data.join("out");
    process::run(
        data,
        &["export", out.to_str().unwrap(), "--tenant", "lantern"],
    );
    let read = |file: &str| fs::read_to_string(out.join(file)).unwrap();
    let members = read("memberships.csv");
    assert!(
        members.contains("customer:mill,ada,2999-04-01T00:00:00.000Z"),
        "{members}"
    );
    let grants = read("grants.csv");
    assert!(
        grants.contains("user:ada,owner,customer:mill,,3000-01-01T00:00:00.000Z"),
        "{grants}"
    );
    let wrong = folder(
        data,
        "wrong",
        &[(
            "memberships.csv",
            "resource,user,expires_at\ncustomer:mill,ada,2999-02-29\ncustomer:mill,ben,31.12.2999\ntenant,ben,2999-01-01\n",
        )],
    );
    let (_, error) = fails(
        data,
        &["import", wrong.to_str().unwrap(), "--tenant", "lantern"],
    );
    insta::assert_snapshot!(error, @r#"
    memberships.csv, line 2, column expires_at: 2999-02-29 is no day of the calendar
    memberships.csv, line 3, column expires_at: must be a day such as 2026-03-03, which counts through in UTC, or a time such as 2026-03-03T09:30:00Z, is 31.12.2999
    memberships.csv, line 4, column resource: is the root, to which every user is attached as long as it exists
    error: 3 faults found; nothing was written
    "#);
}

#[test]
fn end_of_a_grant_on_the_command_line_counts_through_its_day() {
    let data = begun();
    let data = data.path();
    process::run(
        data,
        &[
            "grant",
            "auditor",
            "service:first",
            "tenant",
            "--until",
            "2999-12-31",
        ],
    );
    process::run(
        data,
        &[
            "token",
            "create",
            "--service",
            "portal",
            "--until",
            "2999-12-31",
        ],
    );
    let out = data.join("out");
    process::run(
        data,
        &["export", out.to_str().unwrap(), "--tenant", "lantern"],
    );
    let grants = fs::read_to_string(out.join("grants.csv")).unwrap();
    assert!(
        grants.contains("service:first,auditor,tenant,,3000-01-01T00:00:00.000Z"),
        "{grants}"
    );
    let tokens = process::run(data, &["token", "list"]);
    assert!(tokens.contains("3000-01-01T00:00:00.000Z"), "{tokens}");
}

#[test]
fn export_for_spreadsheets_guards_formulas_and_is_imported_again() {
    let data = begun();
    let data = data.path();
    let users = "key,first_name,last_name,phone\n\
                 @ada,\"=HYPERLINK(\"\"https://x.example\"\")\",+Ada,+49 30 5550\n\
                 -ben,''=x,a;=b,'s\n";
    let files = folder(
        data,
        "files",
        &[
            ("users.csv", users),
            ("groups.csv", "key,name\n=night,-Night\n"),
            ("group_users.csv", "group,user\n=night,@ada\n"),
        ],
    );
    process::run(
        data,
        &["import", files.to_str().unwrap(), "--tenant", "lantern"],
    );
    let guarded = data.join("guarded");
    let export = [
        "export",
        guarded.to_str().unwrap(),
        "--tenant",
        "lantern",
        "--for-spreadsheets",
    ];
    process::run(data, &export);
    for entry in fs::read_dir(&guarded).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "csv") {
            let text = fs::read_to_string(path).unwrap();
            let text = text.strip_prefix('\u{feff}').unwrap();
            for cell in text.split([',', ';', '\n']) {
                let cell = cell.trim_start_matches('"');
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{text}"
                );
            }
        }
    }
    process::run(data, &["tenant", "create", "other"]);
    process::run(
        data,
        &["import", guarded.to_str().unwrap(), "--tenant", "other"],
    );
    let exported = |tenant: &str| {
        let out = data.join(tenant);
        process::run(data, &["export", out.to_str().unwrap(), "--tenant", tenant]);
        ["users.csv", "groups.csv", "group_users.csv"]
            .map(|file| fs::read_to_string(out.join(file)).unwrap())
    };
    assert_eq!(exported("lantern"), exported("other"));
}

#[test]
fn services_are_changed_by_their_rows_too() {
    let data = begun();
    let data = data.path();
    let files = folder(
        data,
        "files",
        &[("services.csv", "key,name\nfirst,The very first\n")],
    );
    let import = ["import", files.to_str().unwrap(), "--tenant", "lantern"];
    assert_eq!(process::run(data, &import), "Changed: 1 × service changed");
    assert!(process::run(data, &import).starts_with("It is all so already"));
}
