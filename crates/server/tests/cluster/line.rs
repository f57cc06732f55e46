//! The line between one server and PostgreSQL, which can be cut.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Good,
    /// What was connected breaks off, and nobody is let in.
    Cut,
    /// Nothing comes through, and nothing is lost: it comes later.
    Silent,
    /// PostgreSQL hears the server, and the server does not hear PostgreSQL.
    Deaf,
}

/// A socket of its own that leads to PostgreSQL's.
#[derive(Debug)]
pub(crate) struct Line {
    folder: tempfile::TempDir,
    condition: watch::Sender<Condition>,
    task: JoinHandle<()>,
}

impl Line {
    pub(crate) fn to(socket: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (condition, seen) = watch::channel(Condition::Good);
        let listen = attache_own_postgres::socket_in(folder.path());
        let task = tokio::spawn(serve(listen, socket.to_owned(), seen));
        Self {
            folder,
            condition,
            task,
        }
    }

    /// The URL of a database at the other end.
    pub(crate) fn url(&self, database: &str) -> String {
        attache_own_postgres::url(&[self.folder.path()], database)
    }

    pub(crate) fn is_now(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listen: PathBuf, to: PathBuf, mut condition: watch::Receiver<Condition>) {
    let to: Arc<Path> = to.into();
    while condition.wait_for(|it| *it != Condition::Cut).await.is_ok() {
        let _ = std::fs::remove_file(&listen);
        let listener = UnixListener::bind(&listen).unwrap();
        // What is dropped with it breaks off.
        let mut connections = JoinSet::new();
        let mut cut = condition.clone();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (server, _) = accepted.unwrap();
                    connections.spawn(connect(server, to.clone(), condition.clone()));
                }
                changed = cut.wait_for(|it| *it == Condition::Cut) => {
                    if changed.is_err() {
                        return;
                    }
                    break;
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn connect(server: UnixStream, to: Arc<Path>, condition: watch::Receiver<Condition>) {
    let Ok(database) = UnixStream::connect(to).await else {
        return;
    };
    let (from_server, to_server) = server.into_split();
    let (from_database, to_database) = database.into_split();
    let heard = |it: Condition| it == Condition::Good;
    let said = |it: Condition| matches!(it, Condition::Good | Condition::Deaf);
    // As soon as one side is gone, so is the other.
    tokio::select! {
        () = forward(from_server, to_database, condition.clone(), said) => {}
        () = forward(from_database, to_server, condition, heard) => {}
    }
}

async fn forward(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut condition: watch::Receiver<Condition>,
    passes: impl Fn(Condition) -> bool,
) {
    let mut bytes = vec![0; 16_384];
    while let Ok(read) = from.read(&mut bytes).await {
        // Nor is it heard that the other side has hung up.
        let passed = condition.wait_for(|it| passes(*it)).await.is_ok();
        if !passed || read == 0 || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
