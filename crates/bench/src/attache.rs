//! attache itself: the released program in processes of its own.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::Failure;

/// How long a server may take to say where it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    file: PathBuf,
}

/// What a server is told of its database.
#[derive(Clone, Debug)]
pub(crate) enum Wishes {
    /// It is a file in a data folder, as it is where nothing is said.
    Folder(PathBuf),
    Postgres {
        url: String,
        /// Whether it hears of what other servers write (`postgres.listen`).
        listen: bool,
    },
}

/// The operator's token, and what a server keeps of it.
#[derive(Clone, Debug)]
pub(crate) struct OperatorToken {
    pub(crate) token: String,
    line: String,
}

/// So that it is made of the same files.
fn build(mut cargo: Command) -> Result<(), Failure> {
    let profile: &[&str] = match cfg!(debug_assertions) {
        true => &[],
        false => &["--release"],
    };
    let built = cargo.args(["build", "--package", "attache"]).args(profile);
    match built.status()?.success() {
        true => Ok(()),
        false => Err("attache could not be built".into()),
    }
}

impl Program {
    /// The one that is named, else the one that was built beside this one. Was
    /// this one started by cargo, then that builds it first.
    pub(crate) fn find(named: Option<PathBuf>) -> Result<Self, Failure> {
        let beside = || {
            if let Some(cargo) = std::env::var_os("CARGO") {
                build(Command::new(cargo))?;
            }
            Ok::<_, Failure>(std::env::current_exe()?.with_file_name("attache"))
        };
        let file = named.map_or_else(beside, Ok)?;
        if !file.is_file() {
            let file = file.display();
            let build = "`cargo build --release -p attache` makes it, --attache names another";
            return Err(format!("there is no {file}: {build}").into());
        }
        Ok(Self { file })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.file);
        command.env_clear();
        command
    }

    /// What it says at its end, if all went well.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String, Failure> {
        let output = self.command().args(arguments).output()?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(format!("attache {arguments:?}: {error}").into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    pub(crate) fn version(&self) -> Result<String, Failure> {
        self.run(&["--version"])
    }

    pub(crate) fn operator_token(&self) -> Result<OperatorToken, Failure> {
        let said = self.run(&["operator-token"])?;
        let lines: Vec<&str> = said.lines().map(str::trim).collect();
        match lines.as_slice() {
            [token, line] => Ok(OperatorToken {
                token: (*token).to_owned(),
                line: (*line).to_owned(),
            }),
            _ => Err(format!("a token and its line were expected: {said}").into()),
        }
    }

    /// Start a server and wait until it says where it listens.
    pub(crate) fn serve(
        &self,
        wishes: &Wishes,
        operator: &OperatorToken,
    ) -> Result<Server, Failure> {
        let folder = tempfile::tempdir()?;
        let config = config(folder.path(), wishes, &operator.line)?;
        // Into a file: who reads a pipe takes from the time of who is measured.
        let log = folder.path().join("log");
        let child = self
            .command()
            .arg("--config")
            .arg(&config)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stderr(File::create(&log)?)
            .stdout(Stdio::null())
            .spawn()?;
        let mut server = Server {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            child,
            _folder: folder,
        };
        server.address = server.says_where(&log)?;
        Ok(server)
    }
}

/// A server that runs, and ends with this.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    /// Goes when this goes.
    _folder: TempDir,
}

impl Server {
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Begins anew to look for the most memory that it holds.
    pub(crate) fn forget_peak(&self) -> Result<(), Failure> {
        Ok(std::fs::write(
            format!("/proc/{}/clear_refs", self.process()),
            "5",
        )?)
    }

    /// The most memory that it held since, in bytes.
    pub(crate) fn peak_bytes(&self) -> Result<u64, Failure> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.process()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        let kibibytes: u64 = number.ok_or("/proc has another form")?.parse()?;
        Ok(kibibytes * 1024)
    }

    /// Let it stand still, so that it takes nothing from who is measured.
    pub(crate) fn pause(&self) -> Result<(), Failure> {
        self.signal("-STOP")
    }

    /// Let it go on.
    pub(crate) fn resume(&self) -> Result<(), Failure> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> Result<(), Failure> {
        let process = self.process().to_string();
        let sent = Command::new("kill").args([signal, &process]).status()?;
        match sent.success() {
            true => Ok(()),
            false => Err(format!("{signal} could not be sent to a server").into()),
        }
    }

    fn says_where(&mut self, log: &Path) -> Result<SocketAddr, Failure> {
        let end = Instant::now() + PATIENCE;
        loop {
            let said = std::fs::read_to_string(log)?;
            let lines = said.lines();
            let mut lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(address) = lines.find_map(|line| line["address"].as_str()?.parse().ok()) {
                return Ok(address);
            }
            if self.child.try_wait()?.is_some() || Instant::now() > end {
                return Err(format!("the server does not start: {said}").into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it wrote stands, and its database goes with us: it need not end well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A configuration that differs from the published one in nothing but this.
fn config(folder: &Path, wishes: &Wishes, operator: &str) -> Result<PathBuf, Failure> {
    let file = folder.join("attache.toml");
    let (place, section) = match wishes {
        Wishes::Folder(data) => (format!("data = {data:?}"), String::new()),
        Wishes::Postgres { url, listen } => (
            format!("database = {url:?}"),
            format!("[postgres]\nlisten = {listen}\n"),
        ),
    };
    let text = format!("{place}\n{operator}\n[logging]\nformat = \"json\"\n{section}");
    std::fs::write(&file, text)?;
    Ok(file)
}
