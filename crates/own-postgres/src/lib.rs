//! A PostgreSQL of the tests' own: made in a temporary folder, reached over a
//! Unix socket only, and gone with the process that started it.
//!
//! Its settings are those of production where they are about durability.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod binaries;
mod keeper;
mod owner;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use binaries::Binaries;
use keeper::Keeper;
use owner::Owner;

/// The user that owns everything in it.
const USER: &str = "attache";
/// The port: of a socket it is only a part of the file's name. Only one that
/// is reached over TCP has another.
const PORT: u16 = 5_432;
/// How long it may take to start, to stop or to follow.
const PATIENCE: Duration = Duration::from_secs(60);
/// Set, it is a failure if there is no PostgreSQL to test with.
const REQUIRE: &str = "ATTACHE_REQUIRE_POSTGRES";

/// Small and impatient, because it runs beside the tests; `fsync` stays on.
const SETTINGS: &str = "\
listen_addresses = ''
max_connections = 100
shared_buffers = 16MB
max_wal_size = 256MB
fsync = on
synchronous_commit = on
wal_retrieve_retry_interval = 100ms
log_min_messages = warning
";

/// A PostgreSQL that runs, or could.
#[derive(Debug)]
pub struct Postgres {
    // Before the folder, which must not go while it runs.
    keeper: Mutex<Keeper>,
    binaries: Binaries,
    owner: Owner,
    databases: AtomicUsize,
    port: AtomicU16,
    folder: tempfile::TempDir,
}

impl Postgres {
    /// Make one and start it. `None` if there are no binaries on this machine.
    pub fn start() -> Option<Self> {
        let Some(binaries) = Binaries::find() else {
            let required = std::env::var_os(REQUIRE).is_some_and(|value| value == "1");
            assert!(!required, "{REQUIRE} is set and there is no PostgreSQL 15+");
            // Past what captures the output of tests that succeed.
            let skipped = "SKIPPED: there is no PostgreSQL 15 or later on this machine";
            let _ = writeln!(std::io::stderr(), "{skipped}");
            return None;
        };
        let postgres = Self::empty(binaries);
        let mut initdb = postgres.command("initdb");
        initdb.args(["--auth=trust", "--encoding=UTF8", "--no-locale"]);
        // Nothing is lost if the machine fails while the cluster is being made.
        initdb.args(["--no-sync", "--no-instructions", "--username", USER]);
        run(initdb.arg("--pgdata").arg(postgres.data()));
        let settings = postgres.data().join("postgresql.conf");
        let mut text = std::fs::read_to_string(&settings).unwrap();
        text.push_str(SETTINGS);
        std::fs::write(&settings, text).unwrap();
        postgres.start_again();
        Some(postgres)
    }

    /// The one that the tests of this process share.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A folder, and nothing in it.
    fn empty(binaries: Binaries) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner::of(folder.path());
        let keeper = Keeper::new(&binaries, &owner, folder.path());
        Self {
            keeper: Mutex::new(keeper),
            binaries,
            owner,
            databases: AtomicUsize::new(0),
            port: AtomicU16::new(PORT),
            folder,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of its programs, run by whom it belongs to.
    fn command(&self, name: &str) -> Command {
        let mut command = self.binaries.command(name);
        self.owner.runs(&mut command);
        command.current_dir(self.folder.path());
        command
    }

    /// Returns the path of a program of PostgreSQL, which need not exist.
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.path(name)
    }

    /// The folder of its socket.
    pub fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    /// The socket itself.
    pub fn socket(&self) -> PathBuf {
        socket_in(self.folder.path())
    }

    /// The name of a new and empty database.
    pub fn fresh_name(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// The URL of a new and empty database.
    pub fn fresh_database(&self) -> String {
        self.url(&self.fresh_name())
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        url(&[self.socket_folder()], database)
    }

    /// Run SQL in a database. What it answers, a line a row.
    pub fn sql(&self, database: &str, text: &str) -> String {
        run(self.psql(database).args(["--command", text]))
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = self.command("psql");
        psql.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet"]);
        psql.args(["--set", "ON_ERROR_STOP=1", "--username", USER]);
        let port = self.port.load(Ordering::Relaxed).to_string();
        psql.args(["--port", &port, "--dbname", database]);
        psql.arg("--host").arg(self.socket_folder());
        psql
    }

    /// Be reached at loopback too, with TLS and with a password only. Says at
    /// which port.
    pub fn listen_with_tls(&self, certificate: &str, key: &str, password: &str) -> u16 {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        self.owner
            .write(&self.data().join("server.crt"), certificate);
        self.owner.write(&self.data().join("server.key"), key);
        self.sql(
            "postgres",
            &format!("ALTER ROLE {USER} PASSWORD '{password}'"),
        );
        for (setting, value) in [
            ("ssl", "on"),
            ("listen_addresses", "127.0.0.1"),
            ("port", &port.to_string()),
        ] {
            self.set(setting, value);
        }
        let access = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
        self.owner.write(&self.data().join("pg_hba.conf"), access);
        self.port.store(port, Ordering::Relaxed);
        drop(free);
        self.restart();
        port
    }

    /// Stop it as an operator would, and start it again.
    pub fn restart(&self) {
        self.keeper.lock().unwrap().stop("INT");
        self.start_again();
    }

    /// End it at once, without its writing anything down: as if it had crashed.
    pub fn kill(&self) {
        self.keeper.lock().unwrap().stop("QUIT");
    }

    /// Start it after it was killed, and wait until it answers.
    pub fn start_again(&self) {
        self.keeper.lock().unwrap().start();
        until("PostgreSQL answers", || {
            let mut psql = self.psql("postgres");
            let output = psql.args(["--command", "SELECT 1"]).output().unwrap();
            let log = || std::fs::read_to_string(self.folder.path().join("log"));
            output.status.success().then_some(()).ok_or_else(|| {
                let error = String::from_utf8_lossy(&output.stderr).into_owned();
                format!("{error}\n{}", log().unwrap_or_default())
            })
        });
    }

    /// A copy of it that follows synchronously: from now on nothing is
    /// committed here before the copy has it too.
    pub fn standby(&self) -> Self {
        let standby = Self::empty(self.binaries.clone());
        standby.follow(self);
        standby
    }

    /// Become a synchronous standby of another, whatever this was before. This
    /// must not be running.
    pub fn follow(&self, primary: &Self) {
        if self.data().exists() {
            std::fs::remove_dir_all(self.data()).unwrap();
        }
        let mut copy = self.command("pg_basebackup");
        copy.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        copy.args(["--username", USER, "--port", &PORT.to_string()]);
        copy.arg("--host").arg(primary.socket_folder());
        run(copy.arg("--pgdata").arg(self.data()));
        self.start_again();
        primary.set("synchronous_standby_names", "*");
        until("the standby is synchronous", || {
            let query = "SELECT sync_state FROM pg_stat_replication";
            match primary.sql("postgres", query).as_str() {
                "sync" => Ok(()),
                other => Err(other.to_owned()),
            }
        });
    }

    /// Promotes a standby to primary, without synchronous standbys of its own.
    pub fn promote(&self) {
        assert_eq!(self.sql("postgres", "SELECT pg_promote(true, 60)"), "t");
        self.set("synchronous_standby_names", "");
    }

    fn set(&self, setting: &str, value: &str) {
        self.sql(
            "postgres",
            &format!("ALTER SYSTEM SET {setting} = '{value}'"),
        );
        self.sql("postgres", "SELECT pg_reload_conf()");
    }
}

/// The URL of a database behind any of some folders with a socket in them.
pub fn url(folders: &[&Path], database: &str) -> String {
    let hosts = folders.iter().map(|folder| {
        let mut host = String::new();
        for byte in folder.to_str().unwrap().bytes() {
            match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                true => host.push(char::from(byte)),
                false => write!(host, "%{byte:02X}").unwrap(),
            }
        }
        format!("{host}:{PORT}")
    });
    let hosts: Vec<String> = hosts.collect();
    format!("postgres://{USER}@{}/{database}", hosts.join(","))
}

/// The socket that such a URL leads to.
pub fn socket_in(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

/// Run a program to its end. What it said, trimmed.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Try until it is so. Each try is a real question; nothing sleeps.
fn until(what: &str, mut is_so: impl FnMut() -> Result<(), String>) {
    let end = Instant::now() + PATIENCE;
    while let Err(reason) = is_so() {
        assert!(Instant::now() < end, "waited for long: {what}: {reason}");
    }
}
