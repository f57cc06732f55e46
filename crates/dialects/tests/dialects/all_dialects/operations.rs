//! Every operation of every dialect, on things that are there.

use serde_json::{Value, json};

use attache_testkit::world::acme::{BEN, LI};
use attache_testkit::world::{Answer, World, acme, ids};

/// A dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Voicebot,
    Worth,
    CloudCockpit,
    ChatCaptain,
}

/// An operation, asked for in a way that does something.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) dialect: Dialect,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// The status if all goes well.
    pub(super) status: u16,
}

impl Operation {
    fn new(dialect: Dialect, method: &'static str, path: String, status: u16) -> Self {
        Self {
            dialect,
            method,
            path,
            body: None,
            status,
        }
    }

    fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// Whether it looks at a body. Removing from a chatbot takes none.
    pub(super) fn reads_a_body(&self) -> bool {
        self.body.is_some()
    }

    /// A request for it, without a credential.
    pub(super) fn ask<'a>(&self, world: &'a World) -> attache_testkit::world::Ask<'a> {
        let mut ask = world.ask(self.method, &self.path);
        if self.dialect == Dialect::CloudCockpit {
            ask = ask.header("X-Tenant", acme::DOMAIN);
        }
        match &self.body {
            Some(body) => ask.json(body),
            None => ask,
        }
    }

    /// What the keeper of all users gets for it.
    pub(super) async fn send(&self, world: &World) -> Answer {
        self.ask(world).by("keeper").send().await
    }
}

/// All of them, each on another thing than those that write before it.
pub(super) fn all() -> Vec<Operation> {
    use Dialect::{ChatCaptain, CloudCockpit, Voicebot, Worth};
    let mill = ids::resource("customer", 1);
    let voicebot = "/third-party/v1/customers/1/users".to_owned();
    let chatbot = "/v1/workspaces/harbor/chatbots/concierge/users".to_owned();
    let (ben, li) = (ids::user(BEN), ids::user(LI));
    let member = json!({"role": "ChatbotMember", "params": {}});
    vec![
        Operation::new(Voicebot, "GET", voicebot.clone(), 200),
        Operation::new(Voicebot, "POST", voicebot, 200).with(json!({"user_ids": [BEN, 10]})),
        Operation::new(
            Worth,
            "GET",
            format!("/auth/api/v1/customers/{mill}/users"),
            200,
        ),
        Operation::new(
            CloudCockpit,
            "GET",
            format!("/v1/customer/{mill}/users"),
            200,
        ),
        Operation::new(ChatCaptain, "GET", chatbot.clone(), 200),
        Operation::new(ChatCaptain, "POST", chatbot.clone(), 201).with(json!({"userId": "greta"})),
        Operation::new(ChatCaptain, "POST", format!("{chatbot}/{li}/roles"), 201).with(member),
        Operation::new(
            ChatCaptain,
            "DELETE",
            format!("{chatbot}/{ben}/roles/ChatbotEditor"),
            200,
        )
        .with(json!({"params": {}})),
        Operation::new(ChatCaptain, "DELETE", format!("{chatbot}/{ben}"), 200),
    ]
}

/// Those that write.
pub(super) fn writing() -> impl Iterator<Item = Operation> {
    all().into_iter().filter(Operation::writes)
}

#[tokio::test]
async fn each_does_what_it_should() {
    let world = World::new().await;
    for operation in all() {
        let revision = world.revision().await;
        let answer = operation.send(&world).await;
        assert_eq!(answer.status, operation.status, "{operation:?}");
        let written = world.entries_after(revision).await.len();
        assert_eq!(written, usize::from(operation.writes()), "{operation:?}");
    }
}
