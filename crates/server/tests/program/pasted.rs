//! The commands on the pages run as they are printed, and print what the pages show.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Deserializer, Value};

use super::command_line::begun;
use super::examples::Demo;
use super::import::folder;
use super::pages::{blocks, pages, project};
use super::printed::{Variables, has_curl, keys, run};
use super::process::Program;
use attache_own_postgres::Postgres;

/// Where a block of commands runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Against the demo.
    Demo,
    /// In a folder of its own: the test of the page.
    Own,
    /// In another test, or in none. Why.
    Elsewhere(&'static str),
}

use Place::{Demo as OnDemo, Elsewhere, Own};

const PRINTED: Place = Elsewhere("the tests of what is printed run it");
const SERVES: Place = Elsewhere("installs, or runs until it is stopped");
const OTHERS: Place = Elsewhere("needs what the page is about: another program, or a machine");

/// Every block of commands on the pages, in their order: the page, how the block begins, and
/// where it runs.
#[rustfmt::skip]
const BLOCKS: &[(&str, &str, Place)] = &[
    ("README.md", "cargo run", SERVES),
    ("README.md", "cargo run", SERVES),
    ("README.md", "curl -H \"Authorization: Bearer $ATTACHE_TOKEN\"", PRINTED),
    ("README.md", "curl -H \"Authorization: Bearer $DECISION_POINT_TOKEN\"", PRINTED),
    ("README.md", "curl -H \"Authorization: Bearer $VOICEBOT_TOKEN\"", PRINTED),
    ("README.md", "curl -H \"Authorization: Bearer $WORTH_TOKEN\"", PRINTED),
    ("README.md", "curl -H \"Authorization: Bearer $CLOUDCOCKPIT_TOKEN\"", PRINTED),
    ("README.md", "USERS=", PRINTED),
    ("README.md", "attache init", Own),
    ("README.md", "attache user add kim", Own),
    ("docs/access.md", "attache can amina.diallo", OnDemo),
    ("docs/access.md", "curl \"$ATTACHE_URL/api/v1/invitations/accept\"", OnDemo),
    ("docs/access.md", "for ROLE in", Own),
    ("docs/access.md", "attache role add membership-manager", Own),
    ("docs/api.md", "curl -H \"Authorization: Bearer $ATTACHE_TOKEN\" \"$ATTACHE_URL", OnDemo),
    ("docs/api.md", "R=$ATTACHE_URL", OnDemo),
    ("docs/api.md", "curl -H \"Authorization: Bearer $ATTACHE_TOKEN\" -H \"Accept", OnDemo),
    ("docs/api.md", "curl -X DELETE -H \"Authorization: Bearer $ATTACHE_TOKEN\"", OnDemo),
    ("docs/api.md", "curl -H \"Authorization: Bearer $ATTACHE_TOKEN\" $ATTACHE_URL/api/v1/explain", OnDemo),
    ("docs/authzen.md", "curl -H \"Authorization: Bearer $DECISION_POINT_TOKEN\"", OnDemo),
    ("docs/backup.md", "attache copy", Own),
    ("docs/backup.md", "(umask 077; sqlite3", Own),
    ("docs/backup.md", "pg_dump", OTHERS),
    ("docs/backup.md", "createdb", OTHERS),
    ("docs/company-ca.md", "cat /etc/ssl/certs", OTHERS),
    ("docs/configuration.md", "attache --config attache.toml serve", Own),
    ("docs/expectations.md", "attache test access.yaml", Own),
    ("docs/files.md", "attache import ./from-the-old-system", Own),
    ("docs/files.md", "attache import ./crm", Own),
    ("docs/files.md", "cd from-the-old-system && zip", Own),
    ("docs/guarantees.md", "cargo test", Elsewhere("runs all tests")),
    ("docs/history.md", "A_WEEK_AGO=", OnDemo),
    ("docs/history.md", "curl -H \"Authorization: Bearer $ATTACHE_TOKEN\" \"$ATTACHE_URL/api/v1/users", OnDemo),
    ("docs/history.md", "attache role change customer-reader", Own),
    ("docs/jwt.md", "attache issuer add", Elsewhere("fetches the keys of an issuer that is not there")),
    ("docs/jwt.md", "TOKEN=$(node token.mjs", OnDemo),
    ("docs/own-kinds.md", "attache init", Own),
    ("docs/own-kinds.md", "attache kind add project", Own),
    ("docs/own-kinds.md", "attache can freya", Own),
    ("docs/own-kinds.md", "attache role change owner", Own),
    ("docs/own-kinds.md", "attache role add project-lead", Own),
    ("docs/own-kinds.md", "cat > board-editor.json", Own),
    ("docs/own-kinds.md", "attache can owen", Own),
    ("docs/own-kinds.md", "attache can owen", Own),
    ("docs/own-kinds.md", "export ATTACHE_TOKEN=", Own),
    ("docs/own-kinds.md", "curl -X PUT", Own),
    ("docs/personal-data.md", "(printf %s \"$SALT_IN_HEX\"", OTHERS),
    ("docs/postgresql.md", "attache --config attache.toml migrate", Own),
    ("docs/postgresql.md", "attache copy", Own),
    ("docs/upgrade.md", "attache --config attache.toml config show", Own),
    ("docs/upgrade.md", "attache migrate --dry-run", OTHERS),
];

/// The blocks of a page.
fn of_page(page: &str) -> Vec<(Option<String>, String)> {
    blocks(&std::fs::read_to_string(project().join(page)).unwrap())
}

/// The block of a page that begins so.
fn block(page: &str, begins: &str) -> String {
    let mut found = of_page(page).into_iter();
    let is_it =
        |(form, text): &(Option<String>, String)| form.is_some() && text.starts_with(begins);
    found
        .find(is_it)
        .unwrap_or_else(|| panic!("{page}: {begins}"))
        .1
}

/// What a page prints below the block that begins so.
fn printed_below(page: &str, begins: &str) -> String {
    let blocks = of_page(page).into_iter();
    let mut below = blocks.skip_while(|(form, text)| form.is_none() || !text.starts_with(begins));
    below.next().unwrap_or_else(|| panic!("{page}: {begins}"));
    below.find(|(form, _)| form.is_some()).unwrap().1
}

#[test]
fn every_block_of_commands_runs_somewhere() {
    let mut found = Vec::new();
    for file in pages() {
        let page = file
            .strip_prefix(project())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        // Made of `--help`, whose examples have a test.
        if page == "docs/cli.md" {
            continue;
        }
        let of_page = of_page(&page).into_iter();
        let commands = of_page.filter(|(form, _)| form.as_deref() == Some("sh"));
        found.extend(commands.map(|(_, text)| (page.clone(), text)));
    }
    // Pages come in any order, the blocks of one page in theirs.
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut table = BLOCKS.to_vec();
    table.sort_by_key(|(page, ..)| *page);
    for ((page, text), (of_table, begins, _)) in found.iter().zip(&table) {
        let is_it = page == of_table && text.starts_with(begins);
        assert!(is_it, "{page}: {text}\nin the table: {of_table}: {begins}");
    }
    assert_eq!(found.len(), table.len(), "{:?}", found.last());
}

/// The values of a text that is JSON, one after another.
fn values(text: &str) -> Option<Vec<Value>> {
    let values = Deserializer::from_str(text).into_iter();
    values.collect::<Result<_, _>>().ok()
}

/// Whether an answer has the shape that is printed: the same fields, of the same types.
fn fits(printed: &Value, answer: &Value) -> bool {
    match (printed, answer) {
        (Value::Object(printed), Value::Object(answer)) => {
            let fits = |(name, value)| answer.get(name).is_some_and(|it| fits(value, it));
            printed.len() == answer.len() && printed.iter().all(fits)
        }
        (Value::Array(printed), Value::Array(answer)) => printed
            .iter()
            .all(|printed| answer.iter().any(|answer| fits(printed, answer))),
        (Value::Null, _) | (_, Value::Null) => true,
        (printed, answer) => std::mem::discriminant(printed) == std::mem::discriminant(answer),
    }
}

/// Compares an answer with what a page shows of it. What stands behind `…` is left out there.
fn is_as_printed(printed: &str, answer: &str, asked: &str) {
    let answers = values(answer).unwrap_or_else(|| panic!("{asked}: {answer}"));
    match values(printed) {
        Some(printed) => {
            for printed in printed {
                let is_there = answers.iter().any(|answer| fits(&printed, answer));
                assert!(is_there, "{asked}: {printed}\n{answer}");
            }
        }
        None => {
            let answer = answers.iter().map(Value::to_string).collect::<String>();
            let answered = keys(&answer);
            for key in keys(printed) {
                assert!(answered.contains(&key), "{asked}: {key}: {answer}");
            }
        }
    }
}

/// Runs a text that ends well, or with a command's own no. What it prints.
fn said(text: &str, folder: &Path, variables: &Variables) -> String {
    let output = run(text, folder, variables);
    let said = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let code = output.status.code().unwrap();
    assert!(code == 0 || code == 1, "{text}: {code}: {said}{error}");
    assert!(!error.contains("error:"), "{text}: {error}");
    said + &error
}

/// What a block needs that the demo does not have, and in place of which of its words the
/// output stands.
const BEFORE: &[(&str, &str)] = &[(
    "curl \"$ATTACHE_URL/api/v1/invitations/accept\"",
    "attache user add rosa.lind --name 'Rosa Lind' --status invited >created\n\
     attache user invite rosa.lind 2>noted",
)];

/// Runs the blocks of a page that run against the demo, and compares the answers.
fn run_on_the_demo(page: &str, folder: &Path, demo: &Demo) -> usize {
    let mut places = BLOCKS.iter().filter(|(of, ..)| *of == page);
    let mut answered: Option<(String, String)> = None;
    let mut count = 0;
    for (form, block) in of_page(page) {
        match (form.as_deref(), answered.take()) {
            (Some("sh"), _) => {
                let (_, begins, place) = places.next().unwrap();
                if *place != OnDemo {
                    continue;
                }
                let before = BEFORE.iter().find(|(block, _)| block == begins);
                let block = match before {
                    Some((_, before)) => {
                        let made = said(before, folder, &demo.variables);
                        block.replace('…', made.trim())
                    }
                    None => block,
                };
                let said = said(&block, folder, &demo.variables);
                answered = Some((block, said));
                count += 1;
            }
            (Some("json"), Some((asked, answer))) => is_as_printed(&block, &answer, &asked),
            // Prose stands between a request and its answer.
            (None, answered_before) => answered = answered_before,
            (Some("js"), _) if page == "docs/jwt.md" => {
                std::fs::write(folder.join("token.mjs"), block).unwrap();
            }
            _ => {}
        }
    }
    count
}

/// Whether a program is there, where the blocks look for it.
fn is_there(program: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let found = run(
        &format!("command -v {program}"),
        folder.path(),
        &BTreeMap::new(),
    );
    found.status.success()
}

#[test]
fn requests_on_the_pages_run_against_the_demo_and_are_answered_as_shown() {
    if !has_curl() {
        println!("skipped: curl is missing, or older than 7.82");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let mut pages: Vec<&str> = BLOCKS.iter().map(|(page, ..)| *page).collect();
    pages.dedup();
    let mut count = 0;
    for page in pages {
        let is_of_it = |(of, _, place): &&(&str, &str, Place)| *of == page && *place == OnDemo;
        let needs_node = page == "docs/jwt.md";
        if needs_node && !is_there("node") {
            println!("skipped: {page}, since node is missing");
            continue;
        }
        let wanted = BLOCKS.iter().filter(is_of_it).count();
        if wanted > 0 {
            assert_eq!(
                run_on_the_demo(page, folder.path(), &demo),
                wanted,
                "{page}"
            );
            count += wanted;
        }
    }
    println!("{count} blocks ran against the demo");
    assert!(count >= 6, "{count}");
}

#[test]
fn programs_on_the_page_about_clients_run_against_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    for (form, block) in of_page("docs/clients.md") {
        let (program, file) = match form.as_deref() {
            Some("js") => ("node", "client.mjs"),
            Some("python") => ("python3", "client.py"),
            _ => continue,
        };
        if !is_there(program) {
            println!("skipped: {program} is missing");
            continue;
        }
        std::fs::write(folder.path().join(file), block).unwrap();
        let said = said(&format!("{program} {file}"), folder.path(), &demo.variables);
        assert_eq!(said.trim().to_lowercase(), "true", "{program}");
    }
}

/// A folder as the pages speak of: users `u17` and `u18` of a customer `c3`, the bakery.
fn old_system(place: &Path) {
    folder(
        place,
        "from-the-old-system",
        &[
            (
                "resources.csv",
                "kind,key,name\ncustomer,c3,Three\ncustomer,harbour-bakery,Harbour Bakery\n",
            ),
            (
                "users.csv",
                "key,first_name,last_name\nu17,Ana,Sá\nu18,Bo,\n",
            ),
            (
                "memberships.csv",
                "resource,user\ncustomer:c3,u17\ncustomer:c3,u18\n",
            ),
            (
                "grants.csv",
                "subject,role,resource\nuser:u17,owner,customer:c3\nuser:u18,agent,customer:c3\n",
            ),
        ],
    );
    folder(
        place,
        "crm",
        &[
            ("memberships.csv", "resource,user\ncustomer:c3,u17\n"),
            (
                "grants.csv",
                "subject,role,resource\nuser:u17,viewer,customer:c3\n",
            ),
        ],
    );
}

/// Whether all lines that a page prints are among others.
fn has_lines(printed: &str, said: &str, asked: &str) {
    for line in printed.lines() {
        assert!(said.contains(line), "{asked}: {line}\n{said}");
    }
}

/// A block without the line of a server, which runs until it is stopped.
fn without_serve(block: &str) -> String {
    let lines = block.lines().filter(|line| !line.contains(" serve"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn an_installation_is_begun_filled_and_copied_as_the_pages_print_it() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    old_system(place);
    let none = BTreeMap::new();
    let begin = block("README.md", "attache init");
    let began = said(&without_serve(&begin), place, &none);
    let token = began.lines().next().unwrap().to_owned();

    // Day by day. Before this, the tenant was not there: that is said, and no more.
    let daily = block("README.md", "attache user add kim");
    let daily = daily.replace("attache members", "! attache members");
    let lines = run(
        &daily.replace(" --explain", " --explain || true "),
        place,
        &none,
    );
    let daily = String::from_utf8(lines.stdout).unwrap();
    let error = String::from_utf8(lines.stderr).unwrap();
    assert!(lines.status.success(), "{daily}{error}");
    assert!(
        daily.contains("Kim Ode is attached to customer:harbour-bakery"),
        "{daily}"
    );
    assert!(daily.contains("customer:harbour-bakery"), "{daily}");
    assert_eq!(error.matches("error:").count(), 1, "{error}");
    assert!(error.contains("before the tenant began"), "{error}");

    // Files.
    let files = block("docs/files.md", "attache import ./from-the-old-system");
    said(&files, place, &none);
    let replace = "attache import ./crm";
    let replaced = said(&block("docs/files.md", replace), place, &none);
    has_lines(&printed_below("docs/files.md", replace), &replaced, replace);
    if has_curl() && is_there("zip") {
        over_a_server(place, &token);
    } else {
        println!("skipped: curl or zip is missing");
    }

    // Copies.
    let copy = "attache copy";
    let copied = said(&block("docs/backup.md", copy), place, &none);
    let shown = printed_below("docs/backup.md", copy);
    assert_eq!(copied.lines().next(), shown.lines().next());
    assert!(copied.contains("the same state on both sides"), "{copied}");
    if is_there("sqlite3") {
        said(
            &block("docs/backup.md", "(umask 077; sqlite3"),
            place,
            &none,
        );
        assert!(place.join("backup.db").exists());
    }
    if let Some(postgres) = Postgres::shared() {
        let url = postgres.fresh_database();
        let there = "postgres://attache@db.acme.example/attache";
        let copy = block("docs/postgresql.md", copy).replace(there, &format!("'{url}'"));
        let copied = said(&copy, place, &none);
        assert!(copied.contains("the same state on both sides"), "{copied}");
    }
}

/// An import and an export over a server.
fn over_a_server(place: &Path, token: &str) {
    let old = place.join("from-the-old-system");
    std::fs::copy(
        place.join("acme-today/catalogue.toml"),
        old.join("catalogue.toml"),
    )
    .unwrap();
    let server = Program::start(&place.join("attache-data"), token);
    let variables = BTreeMap::from([
        ("ATTACHE_URL".to_owned(), server.url.clone()),
        ("ATTACHE_TOKEN".to_owned(), token.to_owned()),
    ]);
    let block = block("docs/files.md", "cd from-the-old-system && zip");
    // The id in the third line is that of the second one's answer.
    let asks = "curl -H \"Authorization: Bearer $ATTACHE_TOKEN\" $ATTACHE_URL/api/v1/imports/";
    let (begins, rest) = block.split_once(asks).unwrap();
    let begun = said(begins, place, &variables);
    assert!(begun.contains(" 202 "), "{begun}");
    let (_, location) = begun.split_once("/api/v1/imports/").unwrap();
    let id: String = location.chars().take(36).collect();
    let shown: String = rest.chars().take(36).collect();
    let rest = format!(
        "cd from-the-old-system\n{asks}{}",
        rest.replace(&shown, &id)
    );
    let import = said(&rest, place, &variables);
    let import = values(&import).unwrap();
    assert_eq!(import[0]["id"], id);
    assert!(import[0]["state"].is_string(), "{import:?}");
    assert!(old.join("acme.zip").exists());
}

#[test]
fn requests_of_the_page_about_kinds_and_roles_are_answered_as_shown() {
    if !has_curl() {
        println!("skipped: curl is missing, or older than 7.82");
        return;
    }
    let page = "docs/own-kinds.md";
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let none = BTreeMap::new();
    let mut token = String::new();
    let mut asked = Vec::new();
    let mut answered: Option<(String, String)> = None;
    let mut server = None;
    for (form, block) in of_page(page) {
        match (form.as_deref(), answered.take()) {
            (Some("sh"), _) if block.contains("curl ") => {
                let server = server
                    .get_or_insert_with(|| Program::start(&place.join("attache-data"), &token));
                let address = server.url.strip_prefix("http://").unwrap();
                let block = block
                    .replace("127.0.0.1:8080", address)
                    .replace('…', &token);
                let variables = BTreeMap::from([("ATTACHE_TOKEN".to_owned(), token.clone())]);
                let said = said(&block, place, &variables);
                asked.push(block.clone());
                answered = Some((block, said));
            }
            (Some("sh"), _) => {
                let said = said(&block, place, &none);
                if block.starts_with("attache init") {
                    token = said.lines().next().unwrap().to_owned();
                }
            }
            (Some("json"), Some((asked, answer))) => is_as_printed(&block, &answer, &asked),
            (None, answered_before) => answered = answered_before,
            _ => {}
        }
    }
    assert_eq!(asked.len(), 2);
}

#[test]
fn a_role_that_an_older_tenant_lacks_is_added_as_the_page_prints_it() {
    let data = begun();
    let variables = BTreeMap::from([(
        "ATTACHE_DATA".to_owned(),
        data.path().to_str().unwrap().to_owned(),
    )]);
    said(
        "attache role remove membership-manager --yes",
        data.path(),
        &variables,
    );
    said(
        &block("docs/access.md", "attache role add membership-manager"),
        data.path(),
        &variables,
    );
    let roles = said("attache role list", data.path(), &variables);
    assert!(roles.contains("membership-manager"), "{roles}");
}

#[test]
fn roles_that_name_each_permission_add_no_customers_and_grant_owner_still() {
    let data = begun();
    let data = data.path();
    let run = |text: &str| {
        let folder = data.to_str().unwrap().to_owned();
        let variables = BTreeMap::from([("ATTACHE_DATA".to_owned(), folder)]);
        said(text, data, &variables)
    };
    run("attache resource add customer:mill --name Mill\nattache user add kim --name Kim");
    run(&block("docs/access.md", "for ROLE in"));
    run(&block("docs/history.md", "attache role change"));
    let token = run(
        "attache token create --service portal --grant membership-manager --grant decision-point 2>noted",
    );
    let server = Program::start(data, token.trim());
    let variables = BTreeMap::from([
        ("ATTACHE_URL".to_owned(), server.url.clone()),
        ("ATTACHE_TOKEN".to_owned(), token.trim().to_owned()),
    ]);
    said(
        "attache attach kim customer:mill --role owner",
        data,
        &variables,
    );
    for refused in [
        "attache resource add customer:new --name New",
        "attache resource remove customer:mill --yes",
    ] {
        let output = run_as_typed(refused, data, &variables);
        assert!(output.contains("error:"), "{refused}: {output}");
    }
}

/// What a command says that is refused.
fn run_as_typed(text: &str, folder: &Path, variables: &Variables) -> String {
    let output = run(text, folder, variables);
    assert_eq!(output.status.code(), Some(2), "{text}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn expectations_are_tested_as_the_page_prints_it() {
    let place = tempfile::tempdir().unwrap();
    let none = BTreeMap::new();
    let page = "docs/expectations.md";
    let begin = "attache init --tenant acme --admin-email ada@acme.example\nattache export access";
    said(begin, place.path(), &none);
    std::fs::write(
        place.path().join("access.yaml"),
        block(page, "# access.yaml"),
    )
    .unwrap();
    let test = "attache test access.yaml";
    let said = said(&block(page, test), place.path(), &none);
    has_lines(&printed_below(page, test), &said, test);
}

#[test]
fn a_configuration_is_shown_as_the_pages_print_it() {
    let place = tempfile::tempdir().unwrap();
    let none = BTreeMap::new();
    let page = "docs/configuration.md";
    let file = block(page, "# attache.toml");
    std::fs::write(place.path().join("attache.toml"), file).unwrap();
    let shown = without_serve(&block(page, "attache --config attache.toml serve"));
    let shown = said(&shown, place.path(), &none);
    assert!(shown.contains("/var/lib/attache"), "{shown}");
    let again = block(
        "docs/upgrade.md",
        "attache --config attache.toml config show",
    );
    assert_eq!(said(&again, place.path(), &none), shown);
    if let Some(postgres) = Postgres::shared() {
        let url = postgres.fresh_database();
        let page = "docs/postgresql.md";
        let file = block(page, "# attache.toml, the same for every server");
        let lines = file.lines().map(|line| match line {
            line if line.starts_with("database = ") => format!("database = {url:?}\n"),
            // The server of the tests asks for no password.
            line if line.starts_with("password_file = ") => "\n".to_owned(),
            line => format!("{line}\n"),
        });
        let file: String = lines.collect();
        std::fs::write(place.path().join("attache.toml"), file).unwrap();
        let begin = without_serve(&block(page, "attache --config attache.toml migrate"));
        said(&begin, place.path(), &none);
    }
}
