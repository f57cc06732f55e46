//! Sends requests byte by byte that no HTTP client sends.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::World;

impl World {
    /// Returns the server's address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a head and a body unchanged, and reads until the server closes. `head` has
    /// no final empty line and no `Host`.
    pub async fn raw(&self, head: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!("{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    }

    /// Sends raw bytes, and returns the status, the head in lower case, and the body.
    pub async fn raw_text(&self, head: &str, body: &[u8]) -> (u16, String, String) {
        let answer = String::from_utf8(self.raw(head, body).await).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_ascii_lowercase(), body.to_owned())
    }

    /// Sends a head. Once the caller is authenticated and the server waits for the body,
    /// lets time pass, sends the body, and returns the status and body of the answer.
    /// `head` has no final empty line and no `Host`.
    pub async fn raw_slowly(&self, head: &str, body: &str, seconds: i64) -> (u16, String) {
        const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let head = format!(
            "{head}\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; GO_ON.len()];
        stream.read_exact(&mut go_on).await.unwrap();
        assert_eq!(go_on, *GO_ON, "{}", String::from_utf8_lossy(&go_on));
        self.pass(seconds);
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }
}
