//! Which part of the house may use which. An arrow that is not in this list fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From a part (a folder or file of `src`, the longest that fits) to those that it may name.
const MAY_USE: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("lib", &[]),
    ("allocator", &[]),
    ("ambient", &[]),
    ("api_token", &["ambient"]),
    ("operator_token", &["ambient"]),
    ("strict_json", &[]),
    // Whether a token is good. Knows no requests and no tenants: the command
    // line checks an issuer with it too.
    ("jwt", &["ambient", "strict_json"]),
    ("log", &[]),
    ("tenants", &["ambient", "log"]),
    (
        "config",
        &["http", "jwt", "log", "operator_token", "tenants"],
    ),
    ("logging", &["config"]),
    ("naming", &[]),
    (
        "http",
        &["ambient", "jwt", "operator_token", "strict_json", "tenants"],
    ),
    // From a credential to a caller: of a token too, and nobody else does that.
    (
        "http/auth",
        &["api_token", "http", "jwt", "operator_token", "tenants"],
    ),
    ("http/dialects", &["http"]),
    ("http/dialects/voicebot", &["http", "http/dialects"]),
    ("http/dialects/worth", &["http", "http/dialects"]),
    ("http/dialects/cloudcockpit", &["http", "http/dialects"]),
    (
        "http/dialects/chatcaptain",
        &["http", "http/dialects", "naming"],
    ),
    ("http/authzen", &["http", "naming"]),
    ("http/native", &["api_token", "http", "naming", "tenants"]),
    ("cli/api", &["ambient", "cli", "http", "operator_token"]),
    (
        "cli",
        &[
            "cli/api",
            "ambient",
            "api_token",
            "config",
            "http",
            "jwt",
            "log",
            "logging",
            "naming",
            "operator_token",
            "tenants",
        ],
    ),
];

/// Who may name a crate that belongs to one part.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("sqlx", &["log"]),
    ("deadpool", &["log"]),
    ("axum", &["http"]),
    ("metrics", &["http"]),
    ("metrics_exporter_prometheus", &["http"]),
    ("clap", &["cli"]),
    ("csv", &["cli"]),
    ("figment", &["config"]),
    // Only where keys are fetched and signatures are verified.
    ("jsonwebtoken", &["jwt"]),
    ("reqwest", &["cli/api", "jwt"]),
    ("quick_cache", &["jwt"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The part that a path of modules belongs to.
fn part(path: &str) -> &'static str {
    MAY_USE
        .iter()
        .map(|(part, _)| *part)
        .filter(|part| path == *part || path.starts_with(&format!("{part}/")))
        .max_by_key(|part| part.len())
        .unwrap_or_else(|| panic!("{path} is in no part that this test knows"))
}

/// The paths behind `crate::` in a text, with what stands in braces spelled out.
fn named(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .unwrap_or(rest.len());
        let (path, tail) = rest.split_at(end);
        match tail.strip_prefix('{') {
            Some(tail) => {
                let list = tail.split('}').next().unwrap_or_default();
                paths.extend(list.split(',').map(|item| format!("{path}{}", item.trim())));
            }
            None => paths.push(path.to_owned()),
        }
    }
    paths
}

#[test]
fn every_arrow_is_in_the_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 50, "the sources were not found");
    let modules: BTreeSet<String> = files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(&root).unwrap().with_extension("");
            let path = path.to_str().unwrap().replace('\\', "/");
            path.strip_suffix("/mod")
                .map_or(path.clone(), str::to_owned)
        })
        .collect();
    let mut wrong = Vec::new();
    for file in &files {
        let path = file.strip_prefix(&root).unwrap().with_extension("");
        let path = path.to_str().unwrap().replace('\\', "/");
        let own = part(path.strip_suffix("/mod").unwrap_or(&path));
        let allowed = MAY_USE.iter().find(|(part, _)| *part == own).unwrap().1;
        let text = fs::read_to_string(file).unwrap();
        for name in named(&text) {
            // The longest piece of the path that is a module.
            let words: Vec<&str> = name.split("::").filter(|word| !word.is_empty()).collect();
            let module = (1..=words.len())
                .rev()
                .map(|length| words[..length].join("/"))
                .find(|path| modules.contains(path));
            let Some(module) = module else { continue };
            let target = part(&module);
            if target != own && !allowed.contains(&target) {
                wrong.push(format!("{path}: {own} → {target} (crate::{name})"));
            }
        }
        for (name, parts) in MAY_NAME {
            let says = text.contains(&format!("{name}::"));
            if says
                && !parts
                    .iter()
                    .any(|part| own == *part || own.starts_with(&format!("{part}/")))
            {
                wrong.push(format!("{path}: only {parts:?} may name {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "forbidden arrows:\n{}", wrong.join("\n"));
}

#[test]
fn the_core_uses_nothing_of_ours_and_nothing_that_acts() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/Cargo.toml");
    let manifest: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
    let known: BTreeSet<&str> = [
        "email_address",
        "imbl",
        "jiff",
        "memchr",
        "serde",
        "serde_json",
        "smallvec",
        "thiserror",
        "toml",
        "uuid",
    ]
    .into();
    let used: BTreeSet<&str> = manifest["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(used, known);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for word in [
            "std::fs",
            "std::net",
            "std::env",
            "SystemTime",
            "Instant::now",
            "Timestamp::now",
            "now_v7",
            "new_v4",
            "async fn",
            "println!",
        ] {
            assert!(!text.contains(word), "{} names {word}", file.display());
        }
    }
}

#[test]
fn a_path_is_found_in_a_text() {
    let text =
        "use crate::log::{Log, LogError};\nlet x = crate::http::App::new();\nattache_crate::x";
    assert_eq!(named(text), ["log::Log", "log::LogError", "http::App::new"]);
}
