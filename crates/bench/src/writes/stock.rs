//! What is there before it is written to: users, and customers for each kind
//! of work.

use serde_json::{Value, json};

use crate::Failure;
use crate::connection::{Caller, Connection};

/// How many users a sync names.
pub(crate) const SYNCED: u32 = 25;

/// From here on, neither the API nor a made tenant has given numbers.
const FIRST_NUMBER: u32 = 2_000_000;

/// How many operations go at once.
const AT_ONCE: usize = 5_000;

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stock {
    pub(crate) users: u32,
    /// Without anybody, to attach users to.
    pub(crate) joined: u32,
    /// With 25 users, which a sync replaces by 25 others.
    pub(crate) synced: u32,
    /// With 25 users, to grant roles to.
    pub(crate) granted: u32,
}

impl Stock {
    /// Of a tenant that has all the work.
    pub(crate) const ONE: Self = Self {
        users: 1_000,
        joined: 10_000,
        synced: 4_000,
        granted: 1_000,
    };

    /// Of one of a hundred.
    pub(crate) const OF_MANY: Self = Self {
        users: 100,
        joined: 100,
        synced: 40,
        granted: 20,
    };

    /// Make all of it, through the API.
    pub(crate) async fn make(
        self,
        connection: &mut Connection,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let operations: Vec<Value> = self.operations().collect();
        for some in operations.chunks(AT_ONCE) {
            let body = json!({"operations": some}).to_string();
            let made = connection.post(caller, "/api/v1/bulk", body).await?;
            made.expect(200)?;
        }
        Ok(())
    }

    fn operations(self) -> impl Iterator<Item = Value> {
        let users = (0..self.users).map(|user| {
            json!({
                "op": "add_user", "key": user_key(user), "number": number(user),
                "first_name": "Freya", "last_name": "Holm",
                "email": format!("{}@harbour-bakery.example", user_key(user)),
            })
        });
        let groups = [
            ("joined", self.joined, 0),
            ("synced", self.synced, SYNCED),
            ("granted", self.granted, SYNCED),
        ];
        let customers = groups.into_iter().flat_map(|(group, count, members)| {
            (0..count).flat_map(move |customer| {
                let key = customer_key(group, customer);
                let mut add = json!({"op": "add_resource", "kind": "customer", "key": key, "name": "Harbour Bakery"});
                if group == "synced" {
                    add["number"] = number(customer).into();
                }
                let members = (0..members).map(move |user| {
                    json!({"op": "add_member", "resource": format!("customer:{key}"), "user": user_key(user)})
                });
                std::iter::once(add).chain(members)
            })
        });
        users.chain(customers)
    }
}

pub(crate) fn user_key(user: u32) -> String {
    format!("user-{user:04}")
}

pub(crate) fn customer_key(group: &str, customer: u32) -> String {
    format!("{group}-{customer:05}")
}

/// What a user or a synced customer is called by number.
pub(crate) fn number(place: u32) -> u32 {
    FIRST_NUMBER + place
}
