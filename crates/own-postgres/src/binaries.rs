//! Finds the programs of PostgreSQL on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest version that attache supports.
const OLDEST: u32 = 15;
/// Where Debian and its derivatives install PostgreSQL: one folder per version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The programs that the tests use.
const PROGRAMS: &[&str] = &["initdb", "postgres", "psql", "pg_basebackup"];

/// A folder with PostgreSQL's programs.
#[derive(Clone, Debug)]
pub(super) struct Binaries(PathBuf);

impl Binaries {
    /// Finds the programs on the `PATH`, or else the newest installed version.
    pub(crate) fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        // An entry of the `PATH` may be a link into one of the versions' folders.
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

    /// Returns a command for one of the programs, with an empty environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.path(program));
        command.env_clear().env("LC_ALL", "C");
        command
    }
}

/// Returns the major version, read from a line such as `postgres (PostgreSQL) 15.4`.
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
