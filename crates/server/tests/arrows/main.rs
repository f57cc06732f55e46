//! Which part of the house may use which. The compiler keeps the arrows between
//! crates, once their manifests are right; this reads the manifests, and the arrows
//! within a crate that no manifest knows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod circles;
mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// From a crate of the house to those of the house that it may depend on.
const MAY_DEPEND: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("ambient", &["core"]),
    ("strict-json", &[]),
    ("log", &["core"]),
    // Whether a token is good. Knows no requests and no tenants: the command
    // line checks an issuer with it too.
    ("jwt", &["ambient", "core", "outbound", "strict-json"]),
    // Which addresses may be asked on behalf of a tenant.
    ("outbound", &[]),
    ("tenants", &["ambient", "core", "log"]),
    (
        "http",
        &["ambient", "core", "jwt", "strict-json", "tenants"],
    ),
    // A tenant as files: for the command line and for attache's own API.
    ("files", &["ambient", "core", "http", "tenants"]),
    // The edges: none of them knows another.
    ("dialects", &["core", "http"]),
    ("api", &["ambient", "core", "files", "http", "tenants"]),
    ("authzen", &["core", "http"]),
    ("apis", &["api", "authzen", "dialects", "http"]),
    (
        "server",
        &[
            "ambient", "apis", "core", "files", "http", "jwt", "log", "tenants",
        ],
    ),
];

/// Which crates of the house may depend on one that belongs to a part of it.
const OWNED: &[(&str, &[&str])] = &[
    ("sqlx", &["log"]),
    ("deadpool", &["log"]),
    ("axum", &["api", "apis", "authzen", "dialects", "http"]),
    ("metrics", &["http"]),
    ("metrics-exporter-prometheus", &["http"]),
    ("clap", &["server"]),
    ("csv", &["api", "files", "server"]),
    ("serde-saphyr", &["server"]),
    // Only where keys are fetched and signatures are verified.
    ("jsonwebtoken", &["jwt"]),
    ("quick_cache", &["http", "jwt"]),
    ("zip", &["files"]),
    ("reqwest", &["jwt", "outbound", "server"]),
];

/// What the core may depend on: nothing of it acts.
const OF_THE_CORE: &[&str] = &[
    "email_address",
    "icu_collator",
    "icu_normalizer",
    "icu_properties",
    "idna",
    "imbl",
    "jiff",
    "memchr",
    "serde",
    "serde_json",
    "sha2",
    "smallvec",
    "strsim",
    "thiserror",
    "toml",
    "uuid",
];

/// What no file of a folder may say, and which files there may all the same.
const UNSAID: &[(&str, &[&str], &[&str])] = &[
    // Credentials are told apart in one place.
    ("api/src", &["Verifier", "recognise("], &[]),
    ("authzen/src", &["Verifier", "recognise("], &[]),
    ("dialects/src", &["Verifier", "recognise("], &[]),
    // The session says which state is the present: an edge cannot take another for it.
    ("api/src", &["Authority::new"], &[]),
    ("authzen/src", &["Authority::new"], &[]),
    ("dialects/src", &["Authority::new"], &[]),
    // Questions are asked of a view or of an authority.
    ("core/src/ask", &["impl State"], &["core/src/ask/view.rs"]),
    ("server/src/config", &["clap::", "crate::cli"], &[]),
    (
        "core/src",
        &[
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
        ],
        // Its tests are told by the environment how much to try.
        &["core/src/collation/tests.rs"],
    ),
];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

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

/// What each crate depends on by a table of its manifest, by the folder that it stands in.
fn manifests(table: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folders = fs::read_dir(crates()).unwrap();
    let read = folders.map(|folder| {
        let folder = folder.unwrap().path();
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let none = toml::Value::Table(toml::Table::new());
        let dependencies = manifest.get(table).unwrap_or(&none);
        let dependencies = dependencies.as_table().unwrap();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        (name, dependencies.keys().cloned().collect())
    });
    read.collect()
}

#[test]
fn crates_depend_on_no_others_than_the_list_has() {
    let mut manifests = manifests("dependencies");
    // What measures and tests uses all of them.
    for name in [
        "bench",
        "dev-features",
        "histories",
        "own-postgres",
        "testkit",
    ] {
        manifests.remove(name);
    }
    let listed: BTreeSet<&str> = MAY_DEPEND.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = manifests.keys().map(String::as_str).collect();
    assert_eq!(found, listed);
    for (name, allowed) in MAY_DEPEND {
        let own = manifests[*name].iter();
        let own: BTreeSet<&str> = own.filter_map(|on| on.strip_prefix("attache-")).collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert_eq!(own, allowed, "what {name} depends on");
    }
    for (owned, owners) in OWNED {
        for (name, dependencies) in &manifests {
            assert!(
                !dependencies.contains(*owned) || owners.contains(&name.as_str()),
                "{name} depends on {owned}; only {owners:?} may"
            );
        }
    }
    let of_the_core: BTreeSet<&str> = manifests["core"].iter().map(String::as_str).collect();
    assert_eq!(of_the_core, OF_THE_CORE.iter().copied().collect());
}

/// The test of a crate below the edges must not wait for the edges to be built.
#[test]
fn tests_below_the_edges_build_no_edge() {
    let manifests = manifests("dev-dependencies");
    for name in [
        "ambient",
        "core",
        "files",
        "http",
        "jwt",
        "log",
        "outbound",
        "strict-json",
        "tenants",
    ] {
        let own = manifests[name].iter();
        let mut own = own.filter_map(|on| on.strip_prefix("attache-"));
        let edge = own.find(|on| !["dev-features", "own-postgres"].contains(on));
        assert_eq!(edge, None, "the tests of {name} depend on it");
    }
}

#[test]
fn no_file_says_what_belongs_elsewhere() {
    let root = crates();
    for (folder, words, exempt) in UNSAID {
        let mut files = Vec::new();
        sources(&root.join(folder), &mut files);
        assert!(!files.is_empty(), "{folder} has no sources");
        for file in files {
            let name = file.strip_prefix(&root).unwrap().to_str().unwrap();
            if exempt.contains(&name) {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            for word in *words {
                assert!(!text.contains(word), "{name} names {word}");
            }
        }
    }
}

/// Each folder of a dialect is one.
#[test]
fn one_dialect_does_not_know_another() {
    let folder = crates().join("dialects/src");
    let entries = fs::read_dir(&folder).unwrap();
    let dialects = entries.map(|entry| entry.unwrap().path());
    let dialects: Vec<PathBuf> = dialects.filter(|path| path.is_dir()).collect();
    assert!(dialects.len() > 1);
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    for dialect in &dialects {
        let others = dialects.iter().filter(|other| *other != dialect);
        let words: Vec<String> = others.map(|other| format!("{}::", name(other))).collect();
        let mut files = Vec::new();
        sources(dialect, &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for word in &words {
                assert!(!text.contains(word), "{} names {word}", file.display());
            }
        }
    }
}
