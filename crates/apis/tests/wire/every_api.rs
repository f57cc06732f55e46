//! Requests of every API, each on something that is there.

use serde_json::{Value, json};

use attache_testkit::world::{Ask, World, acme, ids};

/// A request of an API.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) api: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    /// The status if all goes well.
    pub(crate) status: u16,
}

/// Somebody who may do all of it.
pub(crate) const BY: &str = "deputy";

/// All of them: a read and the writes of each API.
pub(crate) fn all() -> Vec<Request> {
    let mill = ids::resource("customer", 1);
    let chatbot = "/v1/workspaces/harbor/chatbots/concierge/users";
    let question = json!({
        "subject": {"type": "user", "id": "greta"},
        "action": {"name": "customers.view"},
        "resource": {"type": "customer", "id": mill.0},
    });
    let one = |api, method, path: String, body: Value, status| Request {
        api,
        method,
        path,
        body: (!body.is_null()).then_some(body),
        status,
    };
    vec![
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
            "voicebot",
            "GET",
            "/third-party/v1/customers/1/users".to_owned(),
            Value::Null,
            200,
        ),
        one(
            "voicebot",
            "POST",
            "/third-party/v1/customers/2/users".to_owned(),
            json!({"user_ids": [2]}),
            200,
        ),
        one(
            "worth",
            "GET",
            format!("/auth/api/v1/customers/{}/users", mill.0),
            Value::Null,
            200,
        ),
        one(
            "cloudcockpit",
            "GET",
            format!("/v1/customer/{}/users", mill.0),
            Value::Null,
            200,
        ),
        one("chatcaptain", "GET", chatbot.to_owned(), Value::Null, 200),
        one(
            "chatcaptain",
            "POST",
            chatbot.to_owned(),
            json!({"userId": "greta"}),
            201,
        ),
        one(
            "authzen",
            "POST",
            "/access/v1/evaluation".to_owned(),
            question,
            200,
        ),
    ]
}

/// Those with a body.
pub(crate) fn with_a_body() -> impl Iterator<Item = Request> {
    all().into_iter().filter(|request| request.body.is_some())
}

impl Request {
    /// A request for it without a body and a credential.
    pub(crate) fn bare<'a>(&self, world: &'a World) -> Ask<'a> {
        let ask = world.ask(self.method, &self.path);
        match self.api {
            "cloudcockpit" => ask.header("X-Tenant", acme::DOMAIN),
            _ => ask,
        }
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
        let tenant = acme::DOMAIN;
        format!(
            "{} {} HTTP/1.1\r\n{kind}\r\nX-Tenant: {tenant}",
            self.method, self.path
        )
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
