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

    /// Sends raw bytes, and returns the status, the head in lower case, and the body.
    pub async fn raw_text(&self, head: &str, body: &[u8]) -> (u16, String, String) {
        let answer = String::from_utf8(self.raw(head, body).await).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_ascii_lowercase(), body.to_owned())
    }

    /// Send a head; once the caller is known and the server wants the body, let time
    /// pass, send the body and read the answer: its status and its body. The head is
    /// given without its end and without `Host`.
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
