//! Requests of every API, each on something that is there.

use serde_json::{Value, json};

use attache_testkit::examples;
use attache_testkit::world::{Ask, World, acme, ids};

/// A request of an API.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) api: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    headers: Vec<(&'static str, &'static str)>,
    /// The status if all goes well.
    pub(crate) status: u16,
}

/// Somebody who may do all of it.
pub(crate) const BY: &str = "deputy";

/// All of them: a read and the writes of each API.
pub(crate) fn all() -> Vec<Request> {
    let mill = ids::resource("customer", 1);
    let question = json!({
        "subject": {"type": "user", "id": "greta"},
        "action": {"name": "customers.view"},
        "resource": {"type": "customer", "id": mill.0},
    });
    let one = |api, method, path: String, body: Value, status| Request {
        api,
        method,
        headers: Vec::new(),
        path,
        body: (!body.is_null()).then_some(body),
        status,
    };
    let mut all = vec![
        one(
            "native",
            "GET",
            "/api/v1/users/greta".to_owned(),
            Value::Null,
            200,
        ),
        one(
            "native",
            "POST",
            "/api/v1/groups".to_owned(),
            json!({"name": "Early"}),
            201,
        ),
        one(
            "native",
            "PATCH",
            "/api/v1/users/greta".to_owned(),
            json!({"phone": "+1"}),
            200,
        ),
        one(
            "authzen",
            "POST",
            "/access/v1/evaluation".to_owned(),
            question,
            200,
        ),
    ];
    all.extend(examples::all().into_iter().map(|operation| Request {
        api: operation.dialect.name,
        method: operation.method,
        headers: examples::headers(operation.dialect, acme::DOMAIN),
        path: operation.path,
        body: operation.body,
        status: operation.status,
    }));
    all
}

/// Those with a body.
pub(crate) fn with_a_body() -> impl Iterator<Item = Request> {
    all().into_iter().filter(|request| request.body.is_some())
}

impl Request {
    /// A request for it without a body and a credential.
    pub(crate) fn bare<'a>(&self, world: &'a World) -> Ask<'a> {
        let ask = world.ask(self.method, &self.path);
        let headers = self.headers.iter();
        headers.fold(ask, |ask, (name, value)| ask.header(name, value))
    }

    /// The same with its body.
    pub(crate) fn ask<'a>(&self, world: &'a World) -> Ask<'a> {
        match &self.body {
            Some(body) => self.bare(world).json(body),
            None => self.bare(world),
        }
    }

    /// What it says, as text.
    pub(crate) fn text(&self) -> String {
        self.body.as_ref().map(Value::to_string).unwrap_or_default()
    }

    /// Its head in bytes, without its end, a host and a credential.
    pub(crate) fn head(&self) -> String {
        let kind = "Content-Type: application/json";
        let mut head = format!("{} {} HTTP/1.1\r\n{kind}", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("\r\n{name}: {value}"));
        }
        head
    }
}

#[tokio::test]
async fn each_does_what_it_should() {
    let world = World::new().await;
    for request in all() {
        let answer = request.ask(&world).by(BY).send().await;
        assert_eq!(
            answer.status, request.status,
            "{request:?}: {}",
            answer.body
        );
    }
}
