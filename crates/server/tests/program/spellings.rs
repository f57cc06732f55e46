//! Names in other spellings: imports and commands take a UUID in any form (RFC 9562, section 4)
//! and a text in any normal form, as the APIs do.

use std::path::Path;

use crate::command_line::begun;
use crate::import::folder;
use crate::process;

/// The names of the files, and others of the same things. No name is a part of another.
const NAMES: [(&str, &[&str]); 7] = [
    (
        "6F9619FF-8B86-D011-B42D-00C04FC964A1",
        &[
            "6f9619ff-8b86-d011-b42d-00c04fc964a1",
            "6f9619ff8b86d011b42d00c04fc964a1",
            "{6F9619FF-8B86-D011-B42D-00C04FC964A1}",
            "urn:uuid:6f9619ff-8b86-d011-b42d-00c04fc964a1",
        ],
    ),
    (
        "6F9619FF-8B86-D011-B42D-00C04FC964A2",
        &[
            "6f9619ff-8b86-d011-b42d-00c04fc964a2",
            "6F9619FF8B86D011B42D00C04FC964A2",
            "{6f9619ff-8b86-d011-b42d-00c04fc964a2}",
            "urn:uuid:6F9619FF-8B86-D011-B42D-00C04FC964A2",
        ],
    ),
    ("zo\u{eb}", &["zoe\u{308}"]),
    ("fr\u{fc}h", &["fru\u{308}h"]),
    ("b\u{fc}ro", &["bu\u{308}ro"]),
    ("m\u{fc}hle", &["mu\u{308}hle"]),
    ("\u{c5}ngstr\u{f6}m", &["A\u{30a}ngstro\u{308}m"]),
];

const FILES: &[(&str, &str)] = &[
    (
        "resources.csv",
        "kind,key,name,parent\n\
         customer,mühle,Mühle Ångström,\n\
         workspace,6F9619FF-8B86-D011-B42D-00C04FC964A2,Büro,customer:mühle\n\
         chatbot,büro,Bot,workspace:6F9619FF-8B86-D011-B42D-00C04FC964A2\n",
    ),
    (
        "users.csv",
        "key,first_name,last_name,email,external_auth_id\n\
         zoë,Zoë,Ångström,zoë@mühle.example,zoë|1\n\
         6F9619FF-8B86-D011-B42D-00C04FC964A1,Bo,,,6F9619FF-8B86-D011-B42D-00C04FC964A2\n",
    ),
    ("groups.csv", "key,name\nfrüh,Frühschicht\n"),
    ("services.csv", "key,name\nbüro,Büro\n"),
    (
        "group_users.csv",
        "group,user\nfrüh,zoë\nfrüh,6F9619FF-8B86-D011-B42D-00C04FC964A1\n",
    ),
    (
        "memberships.csv",
        "resource,user\n\
         customer:mühle,zoë\n\
         workspace:6F9619FF-8B86-D011-B42D-00C04FC964A2,zoë\n\
         workspace:6F9619FF-8B86-D011-B42D-00C04FC964A2,6F9619FF-8B86-D011-B42D-00C04FC964A1\n\
         chatbot:büro,zoë\n",
    ),
    (
        "grants.csv",
        "subject,role,resource,parameters\n\
         user:zoë,owner,customer:mühle,\n\
         group:früh,viewer,customer:mühle,\n\
         service:büro,viewer,customer:mühle,\n\
         user:zoë,InboxUser,chatbot:büro,inboxId=früh\n\
         user:6F9619FF-8B86-D011-B42D-00C04FC964A1,workspace-member,workspace:6F9619FF-8B86-D011-B42D-00C04FC964A2,\n",
    ),
];

/// A text with each name in the spelling of that place, or the last that it has.
fn spelled(text: &str, which: usize) -> String {
    let mut text = text.to_owned();
    for (name, others) in NAMES {
        let other = others[which.min(others.len() - 1)];
        text = text.replace(name, other);
    }
    text
}

fn import(data: &Path, name: &str, files: &[(&str, &str)], flags: &[&str]) -> String {
    let files = folder(data, name, files);
    let import = ["import", files.to_str().unwrap()];
    process::run(data, &[&import[..], flags].concat())
}

#[test]
fn an_import_that_spells_every_name_otherwise_changes_nothing() {
    let data = begun();
    let data = data.path();
    import(data, "files", FILES, &[]);
    let before = process::run(data, &["tenant", "show"]);
    for which in 0..4 {
        let texts: Vec<(&str, String)> = FILES
            .iter()
            .map(|(file, text)| (*file, spelled(text, which)))
            .collect();
        let files: Vec<(&str, &str)> = texts
            .iter()
            .map(|(file, text)| (*file, text.as_str()))
            .collect();
        assert!(files.iter().zip(FILES).all(|(one, other)| one != other));
        for (place, flags) in [
            ("added", &[][..]),
            (
                "replaced",
                &["--replace", "memberships,grants,group_users"][..],
            ),
        ] {
            let again = import(data, &format!("{place}{which}"), &files, flags);
            assert!(
                again.starts_with("It is all so already"),
                "{which} {place}: {again}"
            );
        }
    }
    assert_eq!(process::run(data, &["tenant", "show"]), before);
}

#[test]
fn rows_that_spell_one_name_in_two_ways_stand_twice() {
    let data = begun();
    let data = data.path();
    import(data, "files", FILES, &[]);
    for (number, (file, text)) in FILES.iter().enumerate() {
        let (head, rows) = text.split_once('\n').unwrap();
        for which in 0..4 {
            let twice = format!("{head}\n{rows}{}", spelled(rows, which));
            let name = format!("twice{number}-{which}");
            let files = folder(data, &name, &[(file, &twice)]);
            let output = process::command(data)
                .args(["import", files.to_str().unwrap()])
                .output()
                .unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{file} {which}: {error}");
            let faults = error.matches(": is repeated: line").count();
            assert!(faults >= rows.lines().count(), "{file} {which}: {error}");
        }
    }
}

#[test]
fn commands_take_names_in_every_spelling() {
    let data = begun();
    let data = data.path();
    import(data, "files", FILES, &[]);
    let commands = [
        "user show zoë",
        "user show 6F9619FF-8B86-D011-B42D-00C04FC964A1",
        "user list --key zoë",
        "group show früh",
        "service show büro",
        "resource show customer:mühle",
        "resource show workspace:6F9619FF-8B86-D011-B42D-00C04FC964A2",
        "members customer:mühle",
        "members workspace:6F9619FF-8B86-D011-B42D-00C04FC964A2",
        "grants --resource customer:mühle",
        "grants --subject user:zoë",
        "grants --subject group:früh",
        "grants --subject service:büro",
        "can zoë customers.view customer:mühle",
        "can 6F9619FF-8B86-D011-B42D-00C04FC964A1 workspaces.view workspace:6F9619FF-8B86-D011-B42D-00C04FC964A2 --explain",
        "can zoë",
        "who-can customers.view customer:mühle",
        "check zoë customers.view customer:mühle",
        "check group:früh customers.view customer:mühle",
        "check zoë chatbots.conversations.list chatbot:büro --param inboxId=früh",
        "who-can chatbots.conversations.list chatbot:büro --param inboxId=früh",
        "group users list früh",
        "group users add früh zoë",
        "user list --external-auth-id 6F9619FF-8B86-D011-B42D-00C04FC964A2",
        "user list --email zoë@mühle.example",
        "history --subject zoë",
        "history --subject 6F9619FF-8B86-D011-B42D-00C04FC964A1",
        "history --resource workspace:6F9619FF-8B86-D011-B42D-00C04FC964A2",
        "entries --subject group:früh",
        "entries --resource customer:mühle",
        "attach zoë customer:mühle --role owner",
        "grant InboxUser zoë chatbot:büro --param inboxId=früh",
    ];
    let run = |command: &str| {
        let arguments: Vec<&str> = command.split(' ').collect();
        let output = process::command(data).args(&arguments).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), said)
    };
    for command in commands {
        let (code, first) = run(command);
        assert_eq!(code, 0, "{command}: {first}");
        for which in 0..4 {
            let other = spelled(command, which);
            let (code, said) = run(&other);
            assert_eq!(code, 0, "{other}: {said}");
            // A command may repeat the name that it was given.
            let plain = |text: &str| spelled(text, 0);
            let said = NAMES.iter().fold(said, |said, (name, others)| {
                others
                    .iter()
                    .fold(said, |said, other| said.replace(other, name))
            });
            assert_eq!(plain(&said), plain(&first), "{other}");
        }
    }
}
