//! The pages of docs/: their links lead somewhere, and their commands run as they stand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of the project.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All Markdown files of the project's folder and of docs/.
fn pages() -> Vec<PathBuf> {
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
fn blocks(text: &str) -> Vec<(Option<String>, String)> {
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
