//! Every example that `--help` shows is run, against the demo or against a data folder.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Commands whose examples are not run here, each with the reason.
const ELSEWHERE: [(&str, &str); 6] = [
    ("demo", "runs until it is stopped; this test runs it"),
    ("serve", "runs until it is stopped"),
    ("import", "its files are made by the tests of the import"),
    (
        "copy",
        "needs two databases, which the tests of databases make",
    ),
    ("completions", "writes into the machine's folders"),
    (
        "man",
        "writes into the machine's folders, and opens a pager",
    ),
];

/// Commands that work on the database: their examples begin with `attache init`.
const LOCAL: [&str; 6] = [
    "init",
    "tenant",
    "migrate",
    "export",
    "config",
    "operator-token",
];

/// Parts of an example that cannot be run as they stand, each with the reason.
const NOT_RUN: [(&str, &str); 5] = [
    ("--at ", "asks about a day before the tenant began"),
    ("--url ", "names a server that is not there"),
    ("serve", "runs until it is stopped"),
    ("postgres://", "names a server that is not there"),
    (
        "--admin-email ada@acme.example \\",
        "goes on in the next line",
    ),
];

/// An id as examples show it, which stands for one that is there.
const PLACEHOLDER: &str = "0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34";

/// What the examples of `attache test` test.
const ACCESS: &str = "\
facts:
  resources: [{kind: customer, key: mill, name: Mill}]
  users: [{key: kim}]
  memberships: [{resource: customer:mill, user: kim}]
can: [{user: kim, permission: customers.view, resource: customer:mill, expect: true}]
";

/// The demo, with the lines that it prints, and the variables in its file.
pub(super) struct Demo {
    child: Child,
    pub(super) printed: Vec<String>,
    pub(super) variables: BTreeMap<String, String>,
}

impl Demo {
    pub(super) fn start(folder: &Path) -> Self {
        let file = folder.join("demo.env");
        let mut child = Command::new(env!("CARGO_BIN_EXE_attache"))
            .env_clear()
            .args(["demo", "--listen", "127.0.0.1:0", "--env-file"])
            .arg(&file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = Vec::new();
        // The last line is the address of all documents.
        while !printed
            .last()
            .is_some_and(|line: &String| line.ends_with("/docs/"))
        {
            printed.push(lines.next().unwrap().unwrap());
        }
        assert!(printed[0].starts_with("attache demo"), "{}", printed[0]);
        // Nobody reads the rest; the pipe must not fill up.
        std::thread::spawn(move || lines.for_each(drop));
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let variables = lines.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            variables: variables.collect(),
            printed,
            child,
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `--help` of a command says.
fn help(path: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_attache"))
        .env_clear()
        .args(path)
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success(), "{path:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// All commands in the order in which the help names them, each with its help.
fn commands(path: &[String], found: &mut Vec<(Vec<String>, String)>) {
    let help = help(path);
    let below = help
        .split_once("Commands:\n")
        .map(|(_, rest)| rest.to_owned());
    if !path.is_empty() {
        found.push((path.to_vec(), help));
    }
    for line in below
        .unwrap_or_default()
        .lines()
        .take_while(|line| !line.is_empty())
    {
        let name = line.strip_prefix("  ").unwrap().split(' ').next().unwrap();
        if !name.is_empty() && name != "help" {
            let path: Vec<String> = path.iter().cloned().chain([name.to_owned()]).collect();
            commands(&path, found);
        }
    }
}

/// The lines of a help that are to be typed; one that ends with a backslash goes on.
fn examples(help: &str) -> Vec<String> {
    let help = help.replace("\\\n", " ");
    let below = help.lines().skip_while(|line| !line.starts_with("Example"));
    let lines = below.skip(1).take_while(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// Run a line as it would be typed.
fn typed(line: &str, folder: &Path, variables: &BTreeMap<String, String>) -> (i32, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_attache"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .envs(variables)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// The id that stands for an example's, of what the examples made before.
fn placed(line: &str, ids: &BTreeMap<&str, String>) -> String {
    let kind = if line.contains(" token ") {
        "token"
    } else {
        "issuer"
    };
    line.replace(
        PLACEHOLDER,
        ids.get(kind).map_or(PLACEHOLDER, String::as_str),
    )
}

#[test]
fn every_example_runs() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    std::fs::write(
        folder.path().join("keys.json"),
        r#"{"keys":[{"kty":"OKP","kid":"one"}]}"#,
    )
    .unwrap();
    std::fs::write(folder.path().join("access.yaml"), ACCESS).unwrap();
    let local = BTreeMap::from([("ATTACHE_DATA".to_owned(), "data".to_owned())]);
    let remote: BTreeMap<String, String> = ["ATTACHE_URL", "ATTACHE_TOKEN"]
        .map(|name| (name.to_owned(), demo.variables[name].clone()))
        .into();
    let mut all = Vec::new();
    commands(&[], &mut all);
    let mut ids = BTreeMap::new();
    let mut count = 0;
    for (path, help) in &all {
        let name = path[0].as_str();
        if ELSEWHERE.iter().any(|(it, _)| *it == name) {
            continue;
        }
        let is_local = LOCAL.contains(&name);
        for line in examples(help) {
            let begins = line.starts_with("attache ") || line.starts_with("ATTACHE_");
            if !begins || NOT_RUN.iter().any(|(part, _)| line.contains(part)) {
                continue;
            }
            let line = placed(&line, &ids);
            // Other issuers are fetched, from where nobody is.
            if line.contains("issuer add") && !line.contains("--jwks-file") {
                continue;
            }
            let variables = if is_local { &local } else { &remote };
            let (code, said) = typed(&line, folder.path(), variables);
            // 1 is a command's own no, and what a list for an hour that is quiet says.
            assert!(code == 0 || code == 1, "{line}: {code}: {said}");
            count += 1;
            if line.contains("issuer add") {
                ids.insert("issuer", said.lines().next().unwrap().to_owned());
            }
            if line.contains("token list") {
                let nightly = said.lines().find(|line| line.contains("nightly")).unwrap();
                let id = nightly.split([' ', ',']).next().unwrap();
                ids.insert("token", id.to_owned());
            }
        }
    }
    assert!(count > 80, "only {count} examples were found");
}
