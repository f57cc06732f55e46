//! Requests that no client sends, byte by byte.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::World;

impl World {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Send a head and a body as they are, and read until the server is done.
    /// The head is given without its end, and without `Host`.
    pub async fn raw(&self, head: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!("{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    }

    /// The same, as a status, the head in lower case, and the body.
    pub async fn raw_text(&self, head: &str, body: &[u8]) -> (u16, String, String) {
        let answer = String::from_utf8(self.raw(head, body).await).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_ascii_lowercase(), body.to_owned())
    }
}
