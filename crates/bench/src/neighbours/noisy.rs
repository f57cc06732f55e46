//! The tenant that asks for the heaviest things.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::heavy::Heavy;
use crate::attache::{OperatorToken, Server};
use crate::connection::{Caller, Connection};
use crate::work::{Wish, Work};
use crate::{Failure, table, tenant};

/// How many operations a bulk has at the most.
const BULK: usize = 10_000;
/// How many levels a tree has above its leaves.
const LEVELS: usize = 27;
/// The number of the customer with very many members.
const LARGE: u32 = 1_000_000;
/// How many roles a large catalogue has besides, and how many permissions each: near
/// to what a catalogue may have.
const ROLES: usize = 40;
const PERMISSIONS: usize = 1_000;
/// Stands in a body for what differs each time.
const NTH: &str = "#nth#";

/// How large everything is.
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Users of the large customer.
    users: usize,
    /// Resources of the deep tree.
    resources: usize,
    /// Operations of each bulk.
    operations: usize,
    /// Bytes of a body without sense.
    bytes: usize,
}

/// The tenant, and what it asks for.
pub(super) struct Noisy {
    admin: Arc<Vec<Caller>>,
    /// A service without any role.
    stranger: Arc<Vec<Caller>>,
    size: Size,
    catalogue: Value,
    begun: Arc<AtomicU64>,
}

impl Noisy {
    pub(super) async fn prepare(
        server: &Server,
        operator: &OperatorToken,
        small: bool,
    ) -> Result<Self, Failure> {
        let size = match small {
            true => Size {
                users: 10_000,
                resources: 2_000,
                operations: 1_000,
                bytes: 400_000,
            },
            false => Size {
                users: 100_000,
                resources: 20_000,
                operations: BULK,
                bytes: 4_000_000,
            },
        };
        let caller = tenant::create(server, operator, "noisy").await?;
        let mut make = Making {
            connection: Connection::new(server.address),
            caller,
        };
        make.tree(size.resources).await?;
        make.crowd(size.users).await?;
        let stranger = make.stranger().await?;
        let catalogue = make.catalogue().await?;
        Ok(Self {
            admin: Arc::new(vec![make.caller]),
            stranger: Arc::new(vec![stranger]),
            size,
            catalogue,
            begun: Arc::default(),
        })
    }

    /// Who asks for it.
    pub(super) fn callers(&self, heavy: Heavy) -> Arc<Vec<Caller>> {
        match heavy {
            Heavy::Nonsense => self.stranger.clone(),
            _ => self.admin.clone(),
        }
    }

    pub(super) fn work(&self, heavy: Heavy) -> Arc<dyn Work> {
        let (method, path, body) = match heavy {
            Heavy::Moves => ("POST", "/api/v1/bulk".to_owned(), self.moves()),
            Heavy::Adds => ("POST", "/api/v1/bulk".to_owned(), self.adds()),
            Heavy::EffectiveList => (
                "GET",
                "/api/v1/resources/customer:large/members?include=effective&page_size=1000"
                    .to_owned(),
                String::new(),
            ),
            Heavy::WholeList => (
                "GET",
                format!("/third-party/v1/customers/{LARGE}/users"),
                String::new(),
            ),
            Heavy::Search => (
                "POST",
                "/access/v1/search/subject".to_owned(),
                json!({
                    "subject": {"type": "user"},
                    "action": {"name": "customers.view"},
                    "resource": {"type": "customer", "id": "large"},
                })
                .to_string(),
            ),
            Heavy::Entries => (
                "GET",
                "/api/v1/entries?page_size=1000".to_owned(),
                String::new(),
            ),
            Heavy::Nonsense => ("POST", "/api/v1/bulk".to_owned(), self.nonsense()),
            Heavy::Catalogue => (
                "PUT",
                "/api/v1/catalogue".to_owned(),
                self.catalogue.to_string(),
            ),
        };
        Arc::new(Again {
            method,
            path,
            body,
            begun: self.begun.clone(),
        })
    }

    /// The whole deep tree from one folder into the other and back.
    fn moves(&self) -> String {
        let there_and_back = ["left", "right"].into_iter().cycle();
        let operations: Vec<Value> = there_and_back
            .take(self.size.operations)
            .map(|to| {
                let to = format!("folder:{to}");
                json!({"op": "move_resource", "resource": "folder:level-0", "parent": to})
            })
            .collect();
        json!({"operations": operations}).to_string()
    }

    fn adds(&self) -> String {
        let operations: Vec<Value> = (0..self.size.operations)
            .map(|user| json!({"op": "add_user", "key": format!("new-{NTH}-{user}"), "first_name": "Freya"}))
            .collect();
        json!({"operations": operations}).to_string()
    }

    fn nonsense(&self) -> String {
        let item = r#"{"":0}"#;
        let items = vec![item; self.size.bytes / (item.len() + 1)];
        format!("[{}]", items.join(","))
    }
}

/// The same request again and again.
#[derive(Debug)]
struct Again {
    method: &'static str,
    path: String,
    body: String,
    begun: Arc<AtomicU64>,
}

impl Work for Again {
    fn next(&self, _: usize) -> Wish {
        let nth = self.begun.fetch_add(1, Ordering::Relaxed);
        Wish {
            method: self.method,
            path: self.path.clone(),
            body: match self.body.contains(NTH) {
                true => self.body.replace(NTH, &nth.to_string()),
                false => self.body.clone(),
            },
            shows: None,
        }
    }
}

/// Making what the tenant has.
struct Making {
    connection: Connection,
    caller: Caller,
}

impl Making {
    async fn bulk(&mut self, operations: Vec<Value>) -> Result<(), Failure> {
        for some in operations.chunks(BULK) {
            let body = json!({"operations": some}).to_string();
            let asked = self.connection.post(&self.caller, "/api/v1/bulk", body);
            asked.await?.expect(200)?;
        }
        Ok(())
    }

    /// Folders, one below the other, and very many below the last of them.
    async fn tree(&mut self, resources: usize) -> Result<(), Failure> {
        table::note("making a deep tree");
        let kind = json!({"parents": ["tenant", "folder"], "members_may": ["folders.view"]});
        let path = "/api/v1/kinds/folder";
        let asked = self
            .connection
            .ask("PUT", &self.caller, path, kind.to_string());
        let answer = asked.await?;
        if !matches!(answer.status, 200 | 201) {
            answer.expect(201)?;
        }
        let folder = |key: String, under: String| json!({"op": "add_resource", "kind": "folder", "key": key, "name": "Folder", "parent": under});
        let mut operations: Vec<Value> = ["left", "right"]
            .map(|key| folder(key.to_owned(), "tenant".to_owned()))
            .into();
        let mut under = "folder:left".to_owned();
        for level in 0..LEVELS {
            let key = format!("level-{level}");
            operations.push(folder(key.clone(), under));
            under = format!("folder:{key}");
        }
        operations.extend((0..resources).map(|leaf| folder(format!("leaf-{leaf}"), under.clone())));
        self.bulk(operations).await
    }

    /// A customer with very many members.
    async fn crowd(&mut self, users: usize) -> Result<(), Failure> {
        table::note(&format!("attaching {users} users to one customer"));
        let customer = json!({"op": "add_resource", "kind": "customer", "key": "large", "number": LARGE, "name": "Large"});
        self.bulk(vec![customer]).await?;
        let operations = (0..users).flat_map(|user| {
            let key = format!("user-{user:07}");
            let email = format!("{key}@large.example");
            let add = json!({"op": "add_user", "key": key, "first_name": "Owen", "last_name": "Byrne", "email": email});
            let attach = json!({"op": "add_member", "resource": "customer:large", "user": key});
            [add, attach]
        });
        self.bulk(operations.collect()).await
    }

    async fn stranger(&mut self) -> Result<Caller, Failure> {
        let service = json!({"key": "stranger", "name": "Stranger"}).to_string();
        let asked = self
            .connection
            .post(&self.caller, "/api/v1/services", service);
        asked.await?.expect(201)?;
        let path = "/api/v1/services/stranger/tokens";
        let asked = self.connection.post(&self.caller, path, "{}".to_owned());
        let token = asked.await?.expect(201)?;
        let token = token["secret"].as_str().ok_or("a token has no secret")?;
        Ok(Caller {
            token: token.to_owned(),
            tenant: None,
        })
    }

    /// The tenant's catalogue with one more role, which has very many permissions.
    async fn catalogue(&mut self) -> Result<Value, Failure> {
        let asked = self
            .connection
            .get(&self.caller, "/api/v1/catalogue")
            .await?;
        let mut catalogue = asked.expect(200)?;
        let permissions: Vec<String> = (0..PERMISSIONS)
            .map(|nth| format!("customers.large.part-{nth}"))
            .collect();
        let roles = catalogue["roles"].as_array_mut().ok_or("it has no roles")?;
        roles.extend((0..ROLES).map(|nth| {
            let name = format!("large-{nth}");
            json!({"name": name, "kind": "customer", "label": name, "permissions": permissions})
        }));
        Ok(catalogue)
    }
}
