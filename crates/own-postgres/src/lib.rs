//! A PostgreSQL server for tests: made in a temporary folder, reached over a Unix socket,
//! and removed together with the process that started it.
//!
//! Its settings of durability are those of production.

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

/// The user that owns all databases.
const USER: &str = "attache";
/// The port. Of a socket, the port is only a part of the file's name. Servers that are
/// reached over TCP have other ports.
const PORT: u16 = 5_432;
/// The most time for a start, a stop or the catching up of a standby.
const PATIENCE: Duration = Duration::from_secs(60);
/// The environment variable that makes a missing PostgreSQL a failure instead of a
/// skipped test.
const REQUIRE: &str = "ATTACHE_REQUIRE_POSTGRES";

/// Small and quick, because PostgreSQL runs beside the tests. `fsync` stays on.
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

/// A PostgreSQL server, running or stopped.
#[derive(Debug)]
pub struct Postgres {
    // Stands before the folder, so that it is dropped first: the folder must outlive the
    // server.
    keeper: Mutex<Keeper>,
    binaries: Binaries,
    owner: Owner,
    databases: AtomicUsize,
    port: AtomicU16,
    folder: tempfile::TempDir,
}

impl Postgres {
    /// Makes a server and starts it. Returns `None`, with a line on standard error, if
    /// this machine has no PostgreSQL 15 or later.
    ///
    /// # Panics
    /// If there is none and `ATTACHE_REQUIRE_POSTGRES` is set.
    pub fn start() -> Option<Self> {
        let Some(binaries) = Binaries::find() else {
            let required = std::env::var_os(REQUIRE).is_some_and(|value| value == "1");
            assert!(!required, "{REQUIRE} is set and there is no PostgreSQL 15+");
            // Written to the terminal itself, since the output of passing tests is
            // captured.
            let skipped = "SKIPPED: there is no PostgreSQL 15 or later on this machine";
            let _ = writeln!(std::io::stderr(), "{skipped}");
            return None;
        };
        let postgres = Self::empty(binaries);
        let mut initdb = postgres.command("initdb");
        initdb.args(["--auth=trust", "--encoding=UTF8", "--no-locale"]);
        // A failing machine loses nothing while the cluster is being made.
        initdb.args(["--no-sync", "--no-instructions", "--username", USER]);
        run(initdb.arg("--pgdata").arg(postgres.data()));
        let settings = postgres.data().join("postgresql.conf");
        let mut text = std::fs::read_to_string(&settings).unwrap();
        text.push_str(SETTINGS);
        std::fs::write(&settings, text).unwrap();
        postgres.start_again();
        Some(postgres)
    }

    /// Returns the server that all tests of this process share.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// Makes an empty folder for a cluster.
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

    /// Returns a command for one of the programs, run as the cluster's owner.
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

    /// Returns the folder of the server's socket.
    pub fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path of the server's socket.
    pub fn socket(&self) -> PathBuf {
        socket_in(self.folder.path())
    }

    /// Creates an empty database and returns its name.
    pub fn fresh_name(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// Creates an empty database and returns its URL.
    pub fn fresh_database(&self) -> String {
        self.url(&self.fresh_name())
    }

    /// Returns the URL of a database.
    pub fn url(&self, database: &str) -> String {
        url(&[self.socket_folder()], database)
    }

    /// Runs SQL in a database and returns the answer, one row per line.
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

    /// Makes the server listen on loopback too, with TLS and password only, and returns
    /// the port.
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

    /// Restarts the server as an operator would.
    pub fn restart(&self) {
        self.keeper.lock().unwrap().stop("INT");
        self.start_again();
    }

    /// Kills the server without a shutdown, as in a crash.
    pub fn kill(&self) {
        self.keeper.lock().unwrap().stop("QUIT");
    }

    /// Starts the server after [`Postgres::kill`], and waits until it answers.
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

    /// Makes a synchronous standby. From now on, this server commits nothing that the
    /// standby does not have.
    pub fn standby(&self) -> Self {
        let standby = Self::empty(self.binaries.clone());
        standby.follow(self);
        standby
    }

    /// Makes this server a synchronous standby of `primary`, in place of its own data.
    /// This server must be stopped.
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

/// Returns the URL of a database that any of the servers with sockets in these folders
/// serves.
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

/// Returns the path of the socket in a folder.
pub fn socket_in(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

/// Runs a program to its end and returns its trimmed output.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Retries a question until it succeeds. Each try waits for a real answer; nothing
/// sleeps.
fn until(what: &str, mut is_so: impl FnMut() -> Result<(), String>) {
    let end = Instant::now() + PATIENCE;
    while let Err(reason) = is_so() {
        assert!(Instant::now() < end, "waited for long: {what}: {reason}");
    }
}
