//! Where PostgreSQL's programs are on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest version that is served.
const OLDEST: u32 = 15;
/// Where Debian and its kin put them, a folder a version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// All that the tests use.
const PROGRAMS: &[&str] = &["initdb", "postgres", "psql", "pg_basebackup"];

/// A folder with PostgreSQL's programs.
#[derive(Clone, Debug)]
pub(super) struct Binaries(PathBuf);

impl Binaries {
    /// Those on the path, else the newest that are installed.
    pub(crate) fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        // What stands on the path may be a link to one of them.
        let on_path = std::env::split_paths(&path)
            .filter_map(|folder| folder.join("postgres").canonicalize().ok())
            .filter_map(|file| Some(file.parent()?.to_owned()));
        let installed = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
        let mut installed: Vec<PathBuf> = installed
            .map(|version| version.path().join("bin"))
            .collect();
        installed.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
        on_path
            .chain(installed)
            .find(|folder| {
                let has = |program: &&str| folder.join(program).is_file();
                PROGRAMS.iter().all(has) && version(folder) >= Some(OLDEST)
            })
            .map(Self)
    }

    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.0.join(program)
    }

    /// One of the programs, with nothing of our environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.path(program));
        command.env_clear().env("LC_ALL", "C");
        command
    }
}

/// The major version, as `postgres (PostgreSQL) 15.4` says it.
fn version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let number = text
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}
