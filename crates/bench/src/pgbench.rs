//! pgbench, PostgreSQL's own program for measuring: inserts and commits of the
//! same row and with the same statement as attache's, and nothing around them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;
use crate::records::{Record, Tally};
use attache_own_postgres::Postgres;

/// Each client writes to a tenant of its own, so that none waits for another's
/// place. All that is said goes as parameters, as it does from attache.
const SCRIPT: &str = "\
\\set revision :revision + 1
INSERT INTO entry (tenant_id, revision, id, at, actor, correlation_id, changes, profiles)
VALUES (CAST(:tenant AS TEXT) || CAST(:client_id AS TEXT), :revision, :id, :at, :actor,
:correlation, :changes, :profiles)
ON CONFLICT (tenant_id, revision) DO NOTHING;
";

/// All but the last digits of a tenant's id: they are as long as attache's.
const TENANT: &str = "019f91a9-38c7-7014-a46e-75b4618c9";

/// A row like those that attache writes.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    id: String,
    at: String,
    actor: String,
    correlation: String,
    changes: String,
    profiles: String,
}

impl Row {
    /// The last that was written to a database.
    pub(crate) fn last_of(postgres: &Postgres, database: &str) -> Self {
        let column = |name: &str| {
            let query = format!("SELECT {name} FROM entry ORDER BY id DESC LIMIT 1");
            postgres.sql(database, &query)
        };
        Self {
            id: column("id"),
            at: column("at"),
            actor: column("actor"),
            correlation: column("correlation_id"),
            changes: column("changes"),
            profiles: column("profiles"),
        }
    }

    /// How long its texts are, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let texts = [&self.id, &self.actor, &self.correlation];
        let texts = texts.into_iter().chain([&self.changes, &self.profiles]);
        texts.map(String::len).sum()
    }
}

/// pgbench on a database that has attache's tables, and no attache.
#[derive(Debug)]
pub(crate) struct Pgbench<'a> {
    program: PathBuf,
    postgres: &'a Postgres,
    database: String,
    row: Row,
    /// No place is taken twice.
    revision: u64,
}

impl<'a> Pgbench<'a> {
    pub(crate) fn new(postgres: &'a Postgres, database: String, row: Row) -> Self {
        let beside = postgres.program("pgbench");
        let program = match beside.is_file() {
            true => beside,
            false => PathBuf::from("pgbench"),
        };
        Self {
            program,
            postgres,
            database,
            row,
            revision: 0,
        }
    }

    /// Let clients write for so long, each in a session of its own.
    pub(crate) fn write(&mut self, clients: usize, time: Duration) -> Result<Tally, Failure> {
        let folder = tempfile::tempdir()?;
        let began = Instant::now();
        let mut child = self
            .command(clients, time, folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", self.program.display()))?;
        if let Some(mut script) = child.stdin.take() {
            script.write_all(SCRIPT.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let failed = said.contains("number of failed transactions: 0 ");
        if !output.status.success() || !failed {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(format!("pgbench: {said}{error}").into());
        }
        self.revision += 10_000_000;
        let records = logged(folder.path(), began)?;
        let mut tally = Tally::of(&records, 1, began, Instant::now());
        tally.per_second = per_second(&said)?;
        Ok(tally)
    }

    fn command(&self, clients: usize, time: Duration, log: &Path) -> Command {
        let Row {
            id,
            at,
            actor,
            correlation,
            changes,
            profiles,
        } = &self.row;
        let mut command = Command::new(&self.program);
        command.env_clear().env("LC_ALL", "C");
        command.args(["--no-vacuum", "--protocol=prepared", "--file=-", "--log"]);
        command.arg(format!("--log-prefix={}", log.join("log").display()));
        command.arg(format!("--client={clients}"));
        command.arg(format!("--time={}", time.as_secs().max(1)));
        let values = [
            ("revision", self.revision.to_string()),
            ("tenant", TENANT.to_owned()),
            ("id", id.clone()),
            ("at", at.clone()),
            ("actor", actor.clone()),
            ("correlation", correlation.clone()),
            ("changes", changes.clone()),
            ("profiles", profiles.clone()),
        ];
        for (name, value) in values {
            command.arg(format!("--define={name}={value}"));
        }
        command.args(["--username=attache", "--port=5432", "--host"]);
        command
            .arg(self.postgres.socket_folder())
            .arg(&self.database);
        command
    }
}

/// As it says itself, without the time that connecting takes.
fn per_second(said: &str) -> Result<f64, Failure> {
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let number = line.and_then(|line| line.split(' ').next());
    let number = number.ok_or_else(|| format!("pgbench says no tps: {said}"))?;
    Ok(number.parse()?)
}

/// What it wrote down of each transaction: `client number microseconds …`.
fn logged(folder: &Path, at: Instant) -> Result<Vec<Record>, Failure> {
    let mut records = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let text = std::fs::read_to_string(file?.path())?;
        for line in text.lines() {
            let micros = line.split(' ').nth(2).unwrap_or_default().parse()?;
            records.push(Record {
                server: 0,
                status: 201,
                answered: at,
                took: Duration::from_micros(micros),
            });
        }
    }
    Ok(records)
}
