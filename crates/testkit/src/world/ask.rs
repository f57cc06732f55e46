//! Requests to the server.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{Answer, World};

/// Returns a zip archive of files, given by names and texts.
pub fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Returns the files in a zip archive, by name.
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

/// A request that is not sent yet.
pub struct Ask<'a> {
    world: &'a World,
    request: RequestBuilder,
}

impl World {
    /// Makes a request with any method.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("http://{}{path}", self.address());
        Ask {
            world: self,
            request: self.client.request(method, url),
        }
    }

    /// Makes a GET request.
    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    /// Makes a POST request.
    pub fn post(&self, path: &str) -> Ask<'_> {
        self.ask("POST", path)
    }

    /// Makes a PUT request.
    pub fn put(&self, path: &str) -> Ask<'_> {
        self.ask("PUT", path)
    }

    /// Makes a PATCH request.
    pub fn patch(&self, path: &str) -> Ask<'_> {
        self.ask("PATCH", path)
    }

    /// Makes a DELETE request.
    pub fn delete(&self, path: &str) -> Ask<'_> {
        self.ask("DELETE", path)
    }
}

impl Ask<'_> {
    /// Adds the token of a service.
    pub fn by(self, service: &str) -> Self {
        let bearer = format!("Bearer {}", self.world.token(service));
        self.header("Authorization", &bearer)
    }

    /// Adds the operator's token.
    pub fn by_the_operator(self) -> Self {
        let bearer = format!("Bearer {}", self.world.operator_token());
        self.header("Authorization", &bearer)
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.text(&body.to_string())
    }

    /// Sets a body with the content type of JSON, whether or not it is JSON.
    pub fn text(self, body: &str) -> Self {
        self.body(body).header("Content-Type", "application/json")
    }

    /// Sets a body without a content type.
    pub fn body(mut self, body: &str) -> Self {
        self.request = self.request.body(body.to_owned());
        self
    }

    /// Sets a zip archive of files as the body.
    pub fn zipped(mut self, files: &[(&str, &str)]) -> Self {
        self.request = self.request.body(zipped(files));
        self.header("Content-Type", "application/zip")
    }

    /// Sets bytes as the body, with a content type.
    pub fn bytes(mut self, bytes: Vec<u8>, kind: &str) -> Self {
        self.request = self.request.body(bytes);
        self.header("Content-Type", kind)
    }

    /// Sends the request, checks that it succeeds, and returns the bytes of the answer.
    pub async fn send_for_bytes(self) -> Vec<u8> {
        let answer = self.request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.unwrap().to_vec()
    }

    /// Sends the request and returns the answer.
    pub async fn send(self) -> Answer {
        Answer::of(self.request.send().await.unwrap()).await
    }
}
