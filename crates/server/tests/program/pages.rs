//! The pages of docs/: their links lead somewhere, their commands run as they stand, and the
//! tests, files and settings that they name exist.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of the project.
pub(super) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All Markdown files of the project's folder and of docs/.
pub(super) fn pages() -> Vec<PathBuf> {
    let docs = project().join("docs");
    let mut found = Vec::new();
    for folder in [project(), docs.clone(), docs.join("dialects")] {
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|end| end == "md") {
                found.push(file);
            }
        }
    }
    found
}

/// The anchors of a page, as GitHub makes them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    for (_, prose) in blocks(text).iter().filter(|(form, _)| form.is_none()) {
        for line in prose.lines().filter(|line| line.starts_with('#')) {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
            let anchor = words.chars().filter(kept).collect::<String>();
            let anchor = anchor.replace(' ', "-");
            let count = seen.entry(anchor.clone()).or_default();
            anchors.insert(match *count {
                0 => anchor,
                count => format!("{anchor}-{count}"),
            });
            *count += 1;
        }
    }
    anchors
}

/// The parts of a page: prose, and fenced blocks with the word behind the fence.
pub(super) fn blocks(text: &str) -> Vec<(Option<String>, String)> {
    let mut blocks = vec![(None, String::new())];
    for line in text.lines() {
        let inside = blocks.last().is_some_and(|(form, _)| form.is_some());
        match line.trim_start().strip_prefix("```") {
            Some(_) if inside => blocks.push((None, String::new())),
            Some(form) => blocks.push((Some(form.to_owned()), String::new())),
            None => {
                let (_, text) = blocks.last_mut().unwrap();
                *text += line;
                text.push('\n');
            }
        }
    }
    blocks
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut count = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let prose = blocks(&text).into_iter().filter(|(form, _)| form.is_none());
        let prose: String = prose.map(|(_, text)| text).collect();
        for link in prose.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            let place = format!("{}: {link}", page.display());
            assert!(target.exists(), "{place}");
            if !anchor.is_empty() {
                let text = std::fs::read_to_string(&target).unwrap();
                assert!(anchors(&text).contains(anchor), "{place}");
            }
            count += 1;
        }
    }
    assert!(count > 100, "only {count} links were found");
}

/// What stands between backticks in the prose of a page.
fn quoted(text: &str) -> Vec<String> {
    let prose = blocks(text).into_iter().filter(|(form, _)| form.is_none());
    let quoted = prose.flat_map(|(_, text)| {
        let parts = text.split('`').skip(1).step_by(2);
        parts.map(str::to_owned).collect::<Vec<_>>()
    });
    quoted.collect()
}

/// A file is named by its path, by its crate and its path below `src`, or, of the core, by
/// that path alone.
#[test]
fn files_that_the_architecture_names_exist() {
    let text = std::fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    let named = quoted(&text).into_iter();
    let is_file =
        |name: &String| name.ends_with(".rs") && name.contains("/") && !name.contains("<");
    let named = named.filter(is_file);
    let mut count = 0;
    for name in named {
        let (krate, path) = name.split_once('/').unwrap();
        let places = [
            name.clone(),
            format!("crates/{krate}/src/{path}"),
            format!("crates/core/src/{name}"),
        ];
        let exists = places.iter().any(|place| project().join(place).exists());
        assert!(exists, "ARCHITECTURE.md names {name}");
        count += 1;
    }
    assert!(count > 20, "only {count} files are named");
}

#[test]
fn settings_that_pages_name_exist() {
    let output = Command::new(env!("CARGO_BIN_EXE_attache"))
        .env_clear()
        .args(["config", "show", "--json"])
        .output()
        .unwrap();
    let shown: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let keys = shown
        .iter()
        .map(|it| it["key"].as_str().unwrap().to_owned());
    let keys: BTreeSet<String> = keys.collect();
    let sections = keys.iter().filter_map(|key| Some(key.split_once('.')?.0));
    let sections: BTreeSet<&str> = sections.collect();
    let mut count = 0;
    for page in pages() {
        // The changelog tells of former names too, and the page of settings lists them.
        let name = page.file_name().unwrap().to_str().unwrap();
        if ["CHANGELOG.md", "configuration.md"].contains(&name) {
            continue;
        }
        for word in quoted(&std::fs::read_to_string(&page).unwrap()) {
            let word = word.split(' ').next().unwrap();
            let is_setting = word.split_once('.').is_some_and(|(section, key)| {
                let is_key = key.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
                // A permission on the tenant, such as `tenants.change`, is none.
                sections.contains(section) && is_key && (section != "tenants" || key.contains('_'))
            });
            if is_setting {
                assert!(keys.contains(word), "{name} names {word}");
                count += 1;
            }
        }
    }
    assert!(count > 30, "only {count} settings are named");
}

/// Runs the `sh` blocks of a page in their order, in an empty folder, and compares the `text`
/// block that follows one with the end of its output. Blocks that ask a server are left out.
fn run(page: &str) {
    let text = std::fs::read_to_string(project().join("docs").join(page)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_attache"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let mut printed = None;
    let mut ran = 0;
    for (form, block) in blocks(&text) {
        match form.as_deref() {
            Some("sh") if !block.contains("curl ") => {
                let output = Command::new("sh")
                    .args(["-ec", &block])
                    .current_dir(folder.path())
                    .env_clear()
                    .env("PATH", &path)
                    .stdin(Stdio::null())
                    .output()
                    .unwrap();
                let error = String::from_utf8_lossy(&output.stderr);
                // 1 is a command's own no.
                let code = output.status.code().unwrap();
                assert!(code == 0 || code == 1, "{page}: {block}: {code}: {error}");
                printed = Some(String::from_utf8(output.stdout).unwrap());
                ran += 1;
            }
            Some("text") => {
                let printed = printed.take().unwrap_or_default();
                let lines = |text: &str| -> Vec<String> {
                    text.lines().map(|it| it.trim_end().to_owned()).collect()
                };
                let (shown, printed) = (lines(&block), lines(&printed));
                assert!(printed.ends_with(&shown), "{page}: {printed:#?}");
            }
            Some(_) => printed = None,
            None => {}
        }
    }
    assert!(ran >= 5, "{page}: only {ran} blocks ran");
}

#[test]
fn commands_of_the_page_about_kinds_and_roles_run_as_they_stand() {
    run("own-kinds.md");
}

/// A source file of a crate: its folders and its own name as they stand in a test's path, and
/// its text.
struct Source {
    path: Vec<String>,
    text: String,
}

/// The source files below a folder. A file such as `mod.rs` is named by its folder.
fn sources(folder: &Path, path: &[String], found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let mut path = path.to_vec();
        path.push(file.file_stem().unwrap().to_str().unwrap().to_owned());
        if file.is_dir() {
            sources(&file, &path, found);
        } else if file.extension().is_some_and(|end| end == "rs") {
            path.pop_if(|name| ["lib", "main", "mod", "tests"].contains(&name.as_str()));
            let text = std::fs::read_to_string(&file).unwrap();
            found.push(Source { path, text });
        }
    }
}

/// All source files of the workspace. The first part of each path is the folder of the crate.
fn all_sources() -> Vec<Source> {
    let mut found = Vec::new();
    sources(&project().join("crates"), &[], &mut found);
    found
}

/// Whether a test such as `crate::file::name` is a function in such a file of that crate.
fn is_there(name: &str, sources: &[Source]) -> bool {
    let parts: Vec<String> = name.split("::").map(str::to_owned).collect();
    let [in_crate, file @ .., test] = parts.as_slice() else {
        return false;
    };
    if file.is_empty() || parts.iter().any(String::is_empty) {
        return false;
    }
    let function = format!("fn {test}(");
    sources.iter().any(|source| {
        source.path.first() == Some(in_crate)
            && source.path.ends_with(file)
            && source.text.contains(&function)
    })
}

/// The rows of the tables of promises: their last cells, which name tests.
fn cells_with_tests(page: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut has_tests = false;
    for line in page.lines() {
        let row = line
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"));
        let last = row.and_then(|row| row.rsplit(" | ").next());
        match last {
            Some("tests") => has_tests = true,
            Some(cell) if has_tests => cells.push(cell),
            // The line below the head of a table.
            None if line.starts_with("|-") => {}
            _ => has_tests = false,
        }
    }
    cells
}

#[test]
fn tests_that_the_page_of_guarantees_names_exist() {
    let sources = all_sources();
    let page = std::fs::read_to_string(project().join("docs/guarantees.md")).unwrap();
    let cells = cells_with_tests(&page);
    assert!(
        cells.len() > 100,
        "only {} promises were found",
        cells.len()
    );
    for cell in cells {
        let pieces: Vec<&str> = cell.split('`').collect();
        // Names stand between backticks, and only spaces between names.
        assert!(pieces.len() >= 3 && pieces.len() % 2 == 1, "{cell}");
        for (place, piece) in pieces.into_iter().enumerate() {
            match place % 2 {
                0 => assert_eq!(piece.trim(), "", "{cell}"),
                _ => assert!(is_there(piece, &sources), "no test {piece:?}: {cell}"),
            }
        }
    }
    let good = "core::names::a_number_is_named_only_behind_a_hash";
    assert!(is_there(good, &sources));
    for bad in [
        "",
        "core::names::",
        "core::::a_number_is_named_only_behind_a_hash",
        "core::a_number_is_named_only_behind_a_hash",
        "core::emails::a_number_is_named_only_behind_a_hash",
        "api::names::a_number_is_named_only_behind_a_hash",
        "core::names::a_number_is_named",
        "core::names::number_is_named_only_behind_a_hash",
    ] {
        assert!(!is_there(bad, &sources), "{bad:?}");
    }
}
