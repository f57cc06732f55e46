//! The program itself, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// A command of the program on a data folder, with nothing of our environment.
pub(crate) fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
    command.env_clear().arg("--data").arg(data);
    command
}

/// Run a command to its end. Its standard output, trimmed.
pub(crate) fn run(data: &Path, arguments: &[&str]) -> String {
    let output = command(data).args(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A server that runs.
pub(crate) struct Program {
    pub(crate) url: String,
    pub(crate) token: String,
    child: Mutex<Child>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Program {
    /// Start a server and wait until it says where it listens.
    pub(crate) fn start(data: &Path, token: &str) -> Self {
        Self::start_with(data, token, "")
    }

    /// The same, with more in the configuration.
    pub(crate) fn start_with(data: &Path, token: &str, more: &str) -> Self {
        let config: PathBuf = data.join("test.toml");
        let text = format!("{more}\n[logging]\nformat = \"json\"\n");
        std::fs::write(&config, text).unwrap();
        let mut child = command(data)
            .arg("--config")
            .arg(&config)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map(|line| line.unwrap())
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(&line).ok())
            .find_map(|line| line["address"].as_str().map(str::to_owned))
            .expect("the server says where it listens");
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = log.clone();
        // Read to the end: the pipe must not fill up.
        std::thread::spawn(move || lines.for_each(|line| kept.lock().unwrap().extend(line)));
        Self {
            url: format!("http://{address}"),
            token: token.to_owned(),
            child: Mutex::new(child),
            log,
        }
    }

    /// What it said so far, a line each.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// `kill -9`
    pub(crate) fn kill(&self) {
        self.child.lock().unwrap().kill().unwrap();
    }

    pub(crate) fn wait(&self) -> std::process::ExitStatus {
        self.child.lock().unwrap().wait().unwrap()
    }

    /// Ask it to stop, as an operator would.
    pub(crate) fn terminate(&self) -> std::process::ExitStatus {
        self.signal("-TERM");
        self.wait()
    }

    /// Send it a signal, named as `kill` does.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.lock().unwrap().id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.lock().unwrap().kill();
        let _ = self.wait();
    }
}
