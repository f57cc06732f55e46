//! Requests and answers as bytes: so long is what comes back for each.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::Failure;

/// A request as it goes over the wire.
pub(crate) fn request(
    method: &str,
    path: &str,
    token: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Vec<u8> {
    let mut text =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        let length = body.len();
        text += &format!("Content-Type: application/json\r\nContent-Length: {length}\r\n");
    }
    text += "\r\n";
    text += body;
    text.into_bytes()
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// Head and all.
    pub(crate) fn bytes(&self) -> u64 {
        (self.head.len() + self.body.len()) as u64
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.body.len()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub(crate) fn json(&self) -> Result<Value, Failure> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// # Errors
    /// With what came, if it is not this status.
    pub(crate) fn expect(self, status: u16) -> Result<Self, Failure> {
        match self.status == status {
            true => Ok(self),
            false => {
                let body = String::from_utf8_lossy(&self.body);
                Err(format!("{status} was expected: {}{body}", self.head).into())
            }
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut lines = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    lines.next().map(|(_, value)| value.trim())
}

/// A connection over which one asks after the other.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    /// What came and was not looked at.
    rest: Vec<u8>,
}

impl Wire {
    pub(crate) fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            rest: Vec::new(),
        })
    }

    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        self.stream.write_all(request)?;
        let end = loop {
            let end = self.rest.windows(4).position(|four| four == b"\r\n\r\n");
            match end {
                Some(end) => break end + 4,
                None => self.receive()?,
            }
        };
        let head = String::from_utf8(self.rest.drain(..end).collect())?;
        let status = head.split(' ').nth(1).unwrap_or_default().parse()?;
        let length = header(&head, "content-length").unwrap_or("0").parse()?;
        while self.rest.len() < length {
            self.receive()?;
        }
        let body = self.rest.drain(..length).collect();
        Ok(Answer { status, head, body })
    }

    fn receive(&mut self) -> Result<(), Failure> {
        let mut bytes = [0; 65_536];
        let length = self.stream.read(&mut bytes)?;
        if length == 0 {
            return Err("the connection was closed".into());
        }
        self.rest.extend(bytes.get(..length).unwrap_or_default());
        Ok(())
    }
}
