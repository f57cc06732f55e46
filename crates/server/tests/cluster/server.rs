//! One server: the real program, which can be killed, paused and started again.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What the configuration is called.
const CONFIG: &str = "attache.toml";
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server and its configuration.
#[derive(Debug)]
pub(crate) struct Server {
    folder: tempfile::TempDir,
    life: Mutex<Life>,
}

/// From one start to the next.
#[derive(Debug)]
struct Life {
    number: usize,
    url: String,
    child: Child,
}

/// The program, in a folder of its own with a configuration.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
    command.env_clear().current_dir(folder);
    command.arg("--config").arg(folder.join(CONFIG));
    command
}

fn configured(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{config}\n[logging]\nformat = \"json\"\n");
    std::fs::write(folder.path().join(CONFIG), text).unwrap();
    folder
}

/// Run a command of the program on a configuration. What it said, trimmed.
pub(crate) fn run(config: &str, arguments: &[&str]) -> String {
    let folder = configured(config);
    let output = program(folder.path()).args(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Server {
    /// Start one, and wait until it says where it listens.
    pub(crate) fn start(config: &str) -> Self {
        let folder = configured(config);
        let life = Mutex::new(live(folder.path(), 0));
        Self { folder, life }
    }

    /// Where it listens now, and which of its lives this is.
    pub(crate) fn now(&self) -> (String, usize) {
        let life = self.life.lock().unwrap();
        (life.url.clone(), life.number)
    }

    /// The URL of something that it serves.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.now().0)
    }

    /// `kill -9`
    pub(crate) fn kill(&self) {
        let mut life = self.life.lock().unwrap();
        life.child.kill().unwrap();
        life.child.wait().unwrap();
    }

    /// Start it again after it was killed.
    pub(crate) fn start_again(&self) {
        let number = self.now().1 + 1;
        let next = live(self.folder.path(), number);
        *self.life.lock().unwrap() = next;
    }

    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.life.lock().unwrap().child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let life = self.life.get_mut().unwrap();
        let _ = life.child.kill();
        let _ = life.child.wait();
    }
}

/// A server may end when it finds no database; whoever watches over it in
/// production starts it again, and so does this.
fn live(folder: &Path, number: usize) -> Life {
    let end = Instant::now() + PATIENCE;
    loop {
        let mut command = program(folder);
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        for line in lines.by_ref().map_while(Result::ok) {
            let json: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = json["address"].as_str() {
                let url = format!("http://{address}");
                let log = folder.join("log");
                // The pipe must not fill up, and what it said may explain a failure.
                std::thread::spawn(move || keep(lines, &log));
                return Life { number, url, child };
            }
            said = line;
        }
        let _ = child.wait();
        assert!(Instant::now() < end, "the server does not start: {said}");
    }
}

fn keep(lines: impl Iterator<Item = std::io::Result<String>>, log: &Path) {
    use std::io::Write as _;
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log);
    let Ok(mut file) = file else {
        return lines.for_each(drop);
    };
    for line in lines.map_while(Result::ok) {
        let _ = writeln!(file, "{line}");
    }
}
