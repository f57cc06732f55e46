//! Requests.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{Answer, World};

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

    pub async fn send(self) -> Answer {
        Answer::of(self.request.send().await.unwrap()).await
    }
}
