//! Requests.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{Answer, World};

/// A zip archive of files, by their names and texts.
pub fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The files of a zip archive, by their names.
pub fn unzipped(bytes: Vec<u8>) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

/// A request to be.
pub struct Ask<'a> {
    world: &'a World,
    request: RequestBuilder,
}

impl World {
    /// A request with any method.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("http://{}{path}", self.address());
        Ask {
            world: self,
            request: self.client.request(method, url),
        }
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    pub fn post(&self, path: &str) -> Ask<'_> {
        self.ask("POST", path)
    }

    pub fn put(&self, path: &str) -> Ask<'_> {
        self.ask("PUT", path)
    }

    pub fn patch(&self, path: &str) -> Ask<'_> {
        self.ask("PATCH", path)
    }

    pub fn delete(&self, path: &str) -> Ask<'_> {
        self.ask("DELETE", path)
    }
}

impl Ask<'_> {
    /// With the token of a service.
    pub fn by(self, service: &str) -> Self {
        let bearer = format!("Bearer {}", self.world.token(service));
        self.header("Authorization", &bearer)
    }

    /// With the operator's token.
    pub fn by_the_operator(self) -> Self {
        let bearer = format!("Bearer {}", self.world.operator_token());
        self.header("Authorization", &bearer)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.text(&body.to_string())
    }

    /// A body that is said to be JSON, whatever it is.
    pub fn text(self, body: &str) -> Self {
        self.body(body).header("Content-Type", "application/json")
    }

    /// A body of which nothing is said.
    pub fn body(mut self, body: &str) -> Self {
        self.request = self.request.body(body.to_owned());
        self
    }

    /// A zip archive of files.
    pub fn zipped(mut self, files: &[(&str, &str)]) -> Self {
        self.request = self.request.body(zipped(files));
        self.header("Content-Type", "application/zip")
    }

    /// Any bytes that are said to be something.
    pub fn bytes(mut self, bytes: Vec<u8>, kind: &str) -> Self {
        self.request = self.request.body(bytes);
        self.header("Content-Type", kind)
    }

    /// The bytes of the answer, which must be a good one.
    pub async fn send_for_bytes(self) -> Vec<u8> {
        let answer = self.request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.unwrap().to_vec()
    }

    pub async fn send(self) -> Answer {
        Answer::of(self.request.send().await.unwrap()).await
    }
}
