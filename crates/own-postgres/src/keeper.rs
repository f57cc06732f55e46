//! Starts and stops PostgreSQL, and ends it together with the test process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::binaries::Binaries;
use super::owner::Owner;

/// Reads lines, each `start` or the name of a signal, and confirms each. When the pipe
/// closes, because the test process ended for any reason, the script stops PostgreSQL and
/// deletes the folder.
const SCRIPT: &str = r#"
folder=$1 postgres=$2 pid=
while read -r word; do
  case $word in
    start) "$postgres" -D "$folder/data" -k "$folder" >>"$folder/log" 2>&1 & pid=$! ;;
    *) kill -"$word" "$pid"; wait "$pid"; pid= ;;
  esac
  echo "$word"
done
if [ -n "$pid" ]; then kill -QUIT "$pid"; wait "$pid"; fi
rm -rf "$folder"
"#;

/// A shell with PostgreSQL as its child.
#[derive(Debug)]
pub(super) struct Keeper {
    shell: Child,
    // Taken when the shell is to end.
    orders: Option<ChildStdin>,
    done: BufReader<ChildStdout>,
}

impl Keeper {
    pub(crate) fn new(binaries: &Binaries, owner: &Owner, folder: &Path) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT, "keeper"]).arg(folder);
        shell.arg(binaries.path("postgres")).current_dir("/");
        owner.runs(&mut shell);
        // A signal to the tests' process group must not end this shell first.
        shell.process_group(0).env("LC_ALL", "C");
        let shell = shell
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut shell = shell.spawn().unwrap();
        Self {
            orders: shell.stdin.take(),
            done: BufReader::new(shell.stdout.take().unwrap()),
            shell,
        }
    }

    pub(crate) fn start(&mut self) {
        self.order("start");
    }

    /// Sends PostgreSQL a signal and waits until it has ended.
    pub(crate) fn stop(&mut self, signal: &str) {
        self.order(signal);
    }

    fn order(&mut self, word: &str) {
        let orders = self.orders.as_mut().unwrap();
        writeln!(orders, "{word}").unwrap();
        let mut line = String::new();
        self.done.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), word, "the keeper is gone");
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.shell.wait();
    }
}
