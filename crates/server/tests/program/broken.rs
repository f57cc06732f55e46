//! Writes over a server whose connection breaks: what is known of their outcome is said.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::import::folder;

/// What a server answers that begins an import.
const BEGUN: &str = r#"{"id": "0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34", "state": "running"}"#;

/// A server that reads each request. It answers the first ones with these bodies, with 202,
/// and ends the connection of all others without an answer.
fn breaking(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut answers = answers.iter();
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else {
                return;
            };
            read_request(&mut connection);
            if let Some(body) = answers.next() {
                let length = body.len();
                let _ = write!(
                    connection,
                    "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\n\
                     content-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            }
        }
    });
    url
}

/// Reads the head of a request, and what its body has at least.
fn read_request(connection: &mut TcpStream) {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = connection.read(&mut piece) {
        text.extend_from_slice(&piece[..read]);
        let head = String::from_utf8_lossy(&text);
        let Some((head, _)) = head.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse::<usize>().ok())?
        });
        if text.len() >= head.len() + 4 + length.unwrap_or_default() {
            return;
        }
    }
}

fn fails(url: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_attache"))
        .env_clear()
        .env("ATTACHE_TOKEN", "attache_x")
        .args(arguments)
        .args(["--url", url])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

fn files(data: &Path) -> String {
    let files = folder(data, "files", &[("users.csv", "key\nada\n")]);
    files.to_str().unwrap().to_owned()
}

#[test]
fn the_outcome_of_a_write_that_was_sent_is_not_known() {
    let data = tempfile::tempdir().unwrap();
    let import = files(data.path());
    let url = breaking(&[]);
    for command in [
        vec!["attach", "ada", "customer:mill"],
        vec!["grant", "owner", "ada", "customer:mill"],
        vec!["user", "add", "ada"],
        vec!["import", &import],
    ] {
        let error = fails(&url, &command);
        assert!(
            error.contains("it is not known whether it was done. `attache history`"),
            "{command:?}: {error}"
        );
        assert!(
            !error.contains("nothing was changed"),
            "{command:?}: {error}"
        );
    }
    // A question changes nothing.
    let error = fails(&url, &["user", "list"]);
    assert!(!error.contains("not known"), "{error}");
}

#[test]
fn nothing_is_changed_where_no_server_was_reached() {
    let data = tempfile::tempdir().unwrap();
    let import = files(data.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for command in [
        vec!["attach", "ada", "customer:mill"],
        vec!["import", &import],
    ] {
        let error = fails(&url, &command);
        assert!(
            error.contains("; nothing was changed"),
            "{command:?}: {error}"
        );
        assert!(!error.contains("not known"), "{command:?}: {error}");
    }
}

#[test]
fn an_import_that_had_begun_may_have_been_written() {
    let data = tempfile::tempdir().unwrap();
    let import = files(data.path());
    let error = fails(breaking(&[BEGUN]).as_str(), &["import", &import]);
    assert!(
        error.contains("it is not known whether it was written")
            && error.contains("attache history"),
        "{error}"
    );
    // A dry run writes nothing, whatever becomes of the server.
    let error = fails(
        breaking(&[BEGUN]).as_str(),
        &["import", &import, "--dry-run"],
    );
    assert!(!error.contains("not known"), "{error}");
}
