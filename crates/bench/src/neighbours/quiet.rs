//! The tenant that asks for little, and sees how long that takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use crate::Failure;
use crate::attache::Server;
use crate::connection::{Caller, Connection};
use crate::work::{Wish, Work};

/// How many users its customer has.
const MEMBERS: usize = 25;

/// What the tenant asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Write,
    Health,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Health];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "list 25 members",
            Self::Write => "change a resource",
            Self::Health => "/healthz",
        }
    }

    pub(super) fn per_second(self) -> f64 {
        match self {
            Self::Read | Self::Health => 50.0,
            Self::Write => 20.0,
        }
    }

    pub(super) fn work(self) -> Arc<dyn Work> {
        Arc::new(Little {
            kind: self,
            begun: AtomicU64::new(0),
        })
    }
}

#[derive(Debug)]
struct Little {
    kind: Kind,
    begun: AtomicU64,
}

impl Work for Little {
    fn next(&self, _: usize) -> Wish {
        let customer = "/api/v1/resources/customer:harbour-bakery";
        let nth = self.begun.fetch_add(1, Ordering::Relaxed);
        let (method, path, body) = match self.kind {
            Kind::Read => ("GET", format!("{customer}/members"), String::new()),
            Kind::Health => ("GET", "/healthz".to_owned(), String::new()),
            Kind::Write => {
                let name = format!("Harbour Bakery {nth}");
                (
                    "PATCH",
                    customer.to_owned(),
                    json!({"name": name}).to_string(),
                )
            }
        };
        Wish {
            method,
            path,
            body,
            shows: None,
        }
    }
}

/// Attaches users to the tenant's customer.
pub(super) async fn prepare(server: &Server, caller: &Caller) -> Result<(), Failure> {
    let operations: Vec<_> = (0..MEMBERS)
        .flat_map(|user| {
            let key = format!("user-{user}");
            let add =
                json!({"op": "add_user", "key": key, "first_name": "Freya", "last_name": "Holm"});
            let attach =
                json!({"op": "add_member", "resource": "customer:harbour-bakery", "user": key});
            [add, attach]
        })
        .collect();
    let body = json!({"operations": operations}).to_string();
    let asked = Connection::new(server.address)
        .post(caller, "/api/v1/bulk", body)
        .await?;
    asked.expect(200)?;
    Ok(())
}
