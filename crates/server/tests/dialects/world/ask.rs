//! Requests.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{Answer, World};

/// A request to be.
pub(crate) struct Ask<'a> {
    world: &'a World,
    request: RequestBuilder,
}

impl World {
    /// A request with any method.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("http://{}{path}", self.address());
        Ask {
            world: self,
            request: self.client.request(method, url),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask<'_> {
        self.ask("POST", path)
    }

    pub(crate) fn put(&self, path: &str) -> Ask<'_> {
        self.ask("PUT", path)
    }

    pub(crate) fn patch(&self, path: &str) -> Ask<'_> {
        self.ask("PATCH", path)
    }

    pub(crate) fn delete(&self, path: &str) -> Ask<'_> {
        self.ask("DELETE", path)
    }
}

impl Ask<'_> {
    /// With the token of a service.
    pub(crate) fn by(self, service: &str) -> Self {
        let bearer = format!("Bearer {}", self.world.token(service));
        self.header("Authorization", &bearer)
    }

    /// With the operator's token.
    pub(crate) fn by_the_operator(self) -> Self {
        let bearer = format!("Bearer {}", self.world.operator_token());
        self.header("Authorization", &bearer)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(&body.to_string())
    }

    /// A body that is said to be JSON, whatever it is.
    pub(crate) fn text(self, body: &str) -> Self {
        self.body(body).header("Content-Type", "application/json")
    }

    /// A body of which nothing is said.
    pub(crate) fn body(mut self, body: &str) -> Self {
        self.request = self.request.body(body.to_owned());
        self
    }

    pub(crate) async fn send(self) -> Answer {
        Answer::of(self.request.send().await.unwrap()).await
    }
}
