//! Users to be added, each of them new.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use crate::Failure;
use crate::connection::{Answer, Caller, Connection};
use crate::work::{Wish, Work};

/// Numbers for users, each given once.
static USERS: AtomicU64 = AtomicU64::new(1);

/// A user to be added: one entry, whatever is there already.
#[derive(Debug)]
pub(crate) struct NewUser {
    pub(crate) key: String,
}

impl NewUser {
    pub(crate) fn next() -> Self {
        let number = USERS.fetch_add(1, Ordering::Relaxed);
        Self {
            key: format!("person-{number:09}"),
        }
    }

    fn wish(&self) -> Wish {
        let body = json!({
            "key": self.key,
            "first_name": "Freya",
            "last_name": "Holm",
            "email": format!("{}@harbour-bakery.example", self.key),
        });
        Wish {
            method: "POST",
            path: "/api/v1/users".to_owned(),
            body: body.to_string(),
            shows: Some(("/key", self.key.as_str().into())),
        }
    }

    /// Add it.
    pub(crate) async fn add(
        &self,
        connection: &mut Connection,
        caller: &Caller,
    ) -> Result<Answer, Failure> {
        let wish = self.wish();
        connection.post(caller, &wish.path, wish.body).await
    }
}

/// Adding users, to whichever tenant.
#[derive(Debug)]
struct NewUsers;

impl Work for NewUsers {
    fn next(&self, _: usize) -> Wish {
        NewUser::next().wish()
    }
}

pub(crate) fn work() -> Arc<dyn Work> {
    Arc::new(NewUsers)
}
